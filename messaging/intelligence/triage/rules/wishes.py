"""Triage rules for unsubscribe requests, in the many ways people phrase them."""

from ..classes import Category
from .rule import Rule

LISTS_EN = (
    r"(?:lists?|database|mailings?|mailing list|distribution|sends|campaigns?|circulars?|funnel|sequence|cadence|crm|records|system|invitations?|"
    r"e-?mails?|contacts?|register|registry|files?|books|yours|updates|newsletters?|outreach)"
)
MAILS_EN = (
    r"(?:e-?mails?|mails?|mailings?|messages?|subscription|newsletters?|circulars?|letters|reminders?|follow[- ]?ups?|delivery|reports?|invitations?|"
    r"advertising|advertisements?|offers|correspondence|communications?|contact|texts|solicitations?|outreach|updates)"
)
LATER_EN = r"before|until|till|for now|this (?:week|month|quarter|year)|in (?:january|february|march|april|may|june|july|august|september|october|november|december)"
LISTS_DE = (
    r"(?:\w*verteiler\w*|\w*liste\w*|\w*datenbank|\w*kartei|verzeichnis|system|unterlagen|\w*newsletter|crm|mailings?|aussendung\w*|adressbestand|"
    r"kontakte\w*|datei|datenbestand|mails)"
)
MAILS_DE = (
    r"(?:\w*mails?|\w*e-?mails?|\w*werbung|akquise|zusendung\w*|zuschriften|\w*angebote|\w*briefe|newsletter|erinnerung\w*|umfragen|einladung\w*|nachrichten|"
    r"kontaktaufnahme\w*|kontaktversuche|reminder|nachfass\w*|follow-?ups?|anfragen|rundschreiben|prospekte|kataloge|informationen)"
)
LATER_DE = r"\bvor (?:dem|januar|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|weihnachten|ostern)|\bbis (?:zum|januar|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|ende|mitte|dahin)|\berst (?:wieder|ab|im|in|nach)|\bdies(?:e|es|en) (?:jahr|monat|woche|quartal)"
OF_OTHERS = r"(?:seinen namen|ihn nicht|ihm nicht|herrn?|frau|er ist|sie ist|his name|him|her (?:name|account)|he (?:has|is)|she (?:has|is)|konto wird|account is)\b"
NEGATED_EN = r"\b(?:don't|do not|never|no need to|not) (?:remove|delete|take|drop|erase|cancel|stop|exclude)\b|reduced|removed from your message|fell off|off the list of|my list|our list"
NEGATED_DE = r"\b(?:mich|uns|bitte) nicht (?:aus|von|streichen|loeschen|entfernen|abmelden)|nicht (?:austragen|loeschen|entfernen|streichen|abmelden)\b"

RULES = (
    Rule(
        "wish.off_list_en",
        Category.UNSUBSCRIBE,
        rf"\b(?:remov\w+|delet\w+|eras\w+|strik\w+|withdraw\w*|clear|exclud\w+|suppress|drop|take|taken|untick|purge|get|cut|leave|keep|scrub|wipe|unenroll)\b[\w ,.@'/+-]{{0,60}}\b(?:from|off|out of)\b[\w ,'-]{{0,30}}\b{LISTS_EN}\b",
        example="Kindly strike the college from your mailing list.",
        counter="Don't take us off your list, please",
        unless=rf"{NEGATED_EN}|\b(?:gdpr|{LATER_EN})\b|take (?:calls|orders|it) from|{OF_OTHERS}|\bget (?:\w+ )?(?:information|data|reports?|results?|replies|more|value)",
        decides=True,
    ),
    Rule(
        "wish.removed_en",
        Category.UNSUBSCRIBE,
        r"\b(?:(?:remove|delete|erase|suppress|strike) (?:my|our|this|the|these|all|both)\b[\w @.'-]{0,30}\b(?:name|address\w*|details|contact|account|e-?mails?|company|school|data)|be (?:taken|removed|struck|left|deleted) (?:off|from|out)|(?:taken|take me|take us|take this|take \w+@?\S*) off\b|request(?:ing)? (?:a )?removal|remove \S*@|leave (?:me|us|my \w+) (?:out|off)|(?:have|had) (?:my|our) name withdrawn|name withdrawn|off list|do[- ]not[- ](?:contact|mail|call|email)|unsub|deregister\w*|unsubcribe|forget (?:me|my address))\b",
        example="Would you please remove my details?",
        counter="He removed my doubts about the price",
        unless=rf"{NEGATED_EN}|take \w+ off (?:on|in|every|from work)|day off|days off|{OF_OTHERS}|\bgdpr\b",
        decides=True,
    ),
    Rule(
        "wish.end_mails_en",
        Category.UNSUBSCRIBE,
        rf"\b(?:discontinue|cease|cancel|turn off|quit|stop|refrain from|desist from|end)\b[\w ,'-]{{0,30}}\b(?:{MAILS_EN}|sending|mailing|emailing|e-mailing|writing|contacting|approaching|bothering|pestering|chasing)\b",
        example="Please be good enough to discontinue these seminar mails.",
        counter="We had to stop our newsletter for lack of time",
        unless=rf"\b(?:we|i|they|he|she|you)(?: had to| have to|'ve| have| did)? (?:stop|stopped|quit|cancel|end)|(?:weekend|back-?end|front-?end|end of)|{LATER_EN}|{NEGATED_EN}|non-?stop|one-?stop|\bspam\w*|to stop unwanted|sending it again|asked for this",
        decides=True,
    ),
    Rule(
        "wish.nothing_more_en",
        Category.UNSUBSCRIBE,
        rf"\b(?:(?:no (?:more|further|other)|none of (?:your|these|the)|any more|any further|another) (?:of (?:your|these|the) )?(?:\w+ )?{MAILS_EN}|no (?:reminders|follow[- ]?ups?)|no more(?: please)?\W*$|(?:not|never|n't|rather not|no longer|without)\b[\w ,']{{0,25}}\b(?:hear from you|be contacted|being contacted|be approached|written to|contact me|contact us|be invited|receive (?:any|your|these|further|more|commercial|marketing|material|e-?mails?)|wish to receive|want to receive|used again|put (?:us|me) back|include me|include us|write to me|e-?mail me|mail me)|last (?:e-?mail|one|mail|message|time (?:you|i hear)))\b",
        example="I would rather not hear from you again.",
        counter="The last email you sent was great",
        unless=rf"{LATER_EN}|\bif (?:i|we) (?:don't|do not) hear|(?:your|the|my) last (?:e-?mail|one|mail|message)|last (?:e-?mail|one|mail|message) (?:you|i|was|got|went)|haven't (?:heard|received)|have not (?:heard|received)|did(?:n't| not) receive|never received|not (?:yet )?received|another (?:e-?mail|message|mail) (?:with|about|once|when)|send (?:me )?another|no longer (?:\w+ )?(?:read|monitored)|will not be read|{OF_OTHERS}|legal|lawyer|police|crime|you'll receive|quote this|monthly",
    ),
    Rule(
        "wish.off_list_de",
        Category.UNSUBSCRIBE,
        rf"\b(?:aus|von|us|aus'?m|ausm|aus'm)\b[\w ,'-]{{0,30}}\b{LISTS_DE}\b[\w ,-]{{0,25}}(?:nehm\w*|naeh|loesch\w*|streich\w*|entfern\w*|raus\w*|heraus\w*|ab\b|austragen|tilgen|genommen|geloescht|gestrichen|bitte|!|\.|$)|\braus (?:aus|von)\b[\w ]{{0,15}}\b{LISTS_DE}|\b{LISTS_DE}\b[\w ,-]{{0,12}}\bverlassen|\b(?:nicht mehr|nimmer|nicht laenger)\b[\w ]{{0,15}}\bauf (?:ihrer|eurer|der|deiner) \w*liste",
        example="raus aus dem verteiler!!",
        counter="Bitte lassen Sie mich im Verteiler",
        unless=rf"{NEGATED_DE}|{LATER_DE}|{OF_OTHERS}|von unserem|polizei|namen|empfaengt|woher|stammt|haben sie (?:meine|unsere|die) (?:adresse|daten)|wer hat",
        decides=True,
    ),
    Rule(
        "wish.take_out_de",
        Category.UNSUBSCRIBE,
        r"\b(?:rausnehmen|herausnehmen|rausgenommen|rausstreichen|raus ?nehmen|fuers rausnehmen|(?:nehmen|nimm|nehmt|nehmt's|nehmen's|tun|tut|streichen|streicht|streich|tragen|tragens|tragt|trag|melden|meld|meldet|loeschen|loesch|loescht|entfernen|entfern|entfernt|sperren|sperrt|werfen|schmeisst)\b[\w ,@.'-]{0,30}\b(?:mich|mi|uns|ihn|adresse\w*|bibliothek|namen|kontakt\w*|e-?mail\S*|mailadresse)\b[\w ,.-]{0,40}\b(?:raus|heraus|aus|ab|runter|bitte|loeschen|streichen|entfernen|sperren|listen?|verteiler)\b|(?:um|auf|zur|fuer) (?:die )?(?:streichung|loeschung|abmeldung|entfernung|austragung)|streichung\b[\w ]{0,30}\b(?:aus|von)|sperrliste|sperrvermerk|adresse (?:bitte )?(?:sperren|loeschen|streichen|entfernen)|melde (?:ich )?mich\b[\w ]{0,10}\bab\b|ab(?:zu)?melden|abmaelde|abbestell\w*|kuendige\b[\w ]{0,15}\b(?:newsletter|abo|verteiler|zusendung))",
        example="Würden Sie mich bitte von Hand rausnehmen?",
        counter="Wir nehmen uns gern Zeit, passt Dienstag?",
        unless=rf"{NEGATED_DE}|\b(?:dsgvo|art\.? ?\d+|artikel|anzeige|abmahnung|auskunft|daten)\b|abmelde-?(?:link|moeglichkeit|quote)|kein (?:abmelde|impressum)|abgemeldet haben|hab(?:e)? (?:ich )?mich (?:schon |bereits |mehrfach )?abgemeldet|wie (?:loeschen|melden) sie|melde mich (?:ab (?:montag|dem|\d)|gern|wieder|bei)|ungelesen|verwenden sie|um loeschung gebeten|sperrlisten|ausserdem|namen|von hand ein|nehmen (?:sie )?(?:uns|mich) (?:gern |bitte )?(?:auf|mit|zeit)|\btermin|{LATER_DE}|{OF_OTHERS}",
        decides=True,
    ),
    Rule(
        "wish.nothing_more_de",
        Category.UNSUBSCRIBE,
        rf"\b(?:(?:keine?n?|keinerlei|nie wieder|weder)\b[\w ,]{{0,25}}\b{MAILS_DE}\b[\w ,@.-]{{0,40}}\b(?:mehr|erhalten|bekommen|schicken|senden|zusenden|zuschicken|wuensch\w*|bitte|kaeme\w*|kriegen|zukommen)|(?:wuenscht?|wuenschen|wuensche)\b[\w ,]{{0,15}}\bkeine?\w*\b[\w ,]{{0,15}}\b{MAILS_DE}|keine (?:weiteren|solchen)\b[\w ,]{{0,15}}\b{MAILS_DE}|(?:nicht mehr|nicht weiter|nicht wieder|nimmer|nicht nochmals?|nie wieder|nie mehr)\b[\w ,]{{0,20}}\b(?:melden|schreib\w*|kontaktier\w*|anschreiben|anzuschreiben|zu schreiben|zu kontaktieren|angeschrieben|angesprochen|kriegen|zusenden|behelligen|belaestigen|anmailen|zuschicken)|nichts mehr\b[\w ,]{{0,15}}\b(?:hoeren|bekommen|erhalten|schicken|senden|lesen|haben)|nicht kontaktiert werden|(?:kontaktieren|schreiben|mailen) sie (?:mich|uns|mir) nicht)",
        example="Wir möchten auf diesem Wege nicht mehr angesprochen werden.",
        counter="Ich kann vor Oktober keine Mails mehr bearbeiten, danach gern",
        unless=rf"{LATER_DE}|{OF_OTHERS}|kann ich|koennen wir nicht mehr|warum|bekomme (?:ich )?keine|habe (?:ich )?keine|kamen? (?:noch )?keine|konto|verlassen|arbeitet|namen|dsgvo|anwalt|anzeige|keine zeit|ihre mails nicht",
        decides=True,
    ),
    Rule(
        "wish.end_mails_de",
        Category.UNSUBSCRIBE,
        rf"(?:\b(?:aufhoeren|hoert?|hoeren sie|schluss|ende|genug)\b[\w ,]{{0,12}}\b(?:auf|mit|zu)\b[\w ,]{{0,15}}\b(?:{MAILS_DE}|schreiben|nerven|mailen)|\bhoer auf|\bhoert auf|\b(?:zusendung\w*|schriftverkehr|{MAILS_DE}|korrespondenz|versand)\b[\w ,@.-]{{0,40}}\b(?:einstell\w*|einzustellen|abstell\w*|beenden|unterlassen|zu unterlassen)|\bstell\w*\b[\w ,]{{0,25}}\b(?:zusendung|versand|mails?)\b[\w ,]{{0,10}}\bein\b|\babstand zu nehmen|\bnehmen sie abstand|\b(?:lass\w*|lasst|lasse)\b[\w ,]{{0,10}}\b(?:mich|uns|mi)\b[\w ,]{{0,10}}\bin (?:ruhe|frieden)|\bsehen sie\b[\w ,]{{0,20}}\bdavon ab|\bdavon abzusehen|\bvon (?:weiteren|kuenftigen|zukuenftigen|solchen)\b[\w ,-]{{0,30}}\babzusehen|\bverzichten sie\b[\w ,]{{0,15}}\bdarauf|\bvergessen sie (?:mich|meine)|\bschalten sie\b[\w ,]{{0,20}}\bab\b)",
        example="Hört auf mit den Mails.",
        counter="Hört sich gut an, wie geht es weiter?",
        unless=rf"hoert sich|{LATER_DE}|anwalt|abmahn|dsgvo|unterlassungs",
        decides=True,
    ),
)
