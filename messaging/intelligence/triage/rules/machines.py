"""Triage rules for automatic replies: absence notes, tickets, receipts, people who left."""

from ..classes import Category
from .rule import Rule

AWAY_DE = (
    r"(?:nicht (?:im|in|am) (?:hause?|buero|office|dienst|arbeitsplatz|unternehmen)|ausser haus|ausser hause|abwesend|nicht erreichbar|"
    r"nicht verfuegbar|nicht persoenlich erreichbar|unterwegs|im (?:\w+)?urlaub|in (?:den )?ferien|ferienabwesend|auf (?:\w+)?reisen?|"
    r"in (?:\w+)?elternzeit|im mutterschutz|in karenz|im sabbatical|auf fortbildung|krank(?:geschrieben|heitsbedingt)?|"
    r"im (?:\w+)?krankenstand|auf (?:einer )?dienstreise|in kur|in mutterschaftsurlaub|bildungsurlaub|vaterschaftsurlaub)"
)
AWAY_EN = (
    r"(?:out of (?:the )?office|out of the country|away from (?:my|the) (?:desk|office)|on (?:\w+ )?(?:leave|vacation|holidays?|pto)|"
    r"away (?:on|until|from|till|for)|travell?ing|on a business trip|on sabbatical|not in the office|ooo\b|currently away|on annual leave|"
    r"off sick|out sick|on parental|on maternity|on paternity|unavailable)"
)
MACHINE_TONE = (
    r"(?:vielen dank fuer (?:ihre|deine|die) (?:e-?mail|nachricht|mail|anfrage|kontaktaufnahme)|danke fuer (?:ihre|deine|die) (?:e-?mail|nachricht|mail)|"
    r"thank you for (?:your|the) (?:e-?mail|message|mail)|thanks for (?:your|the) (?:e-?mail|message|mail)|in dringenden faellen|"
    r"bei dringenden|in dringenden|dringende|for urgent|if urgent|if your (?:matter|request|message|e-?mail) is urgent|urgent (?:matters|requests|issues|cases)|"
    r"(?:nicht|not|no|weder|keine) [\w ,]{0,30}(?:weitergeleitet|weiterleitung|forwarded)|automatisch\w*|automatic|auto-?reply|autoresponder|"
    r"vertretung|vertritt mich|vertreten|wenden sie sich|wende dich|please contact|please reach out to|kontaktieren sie|eingeschraenkte?[nm]? zugriff|"
    r"limited access|keinen zugriff|no access|nur (?:sehr )?(?:eingeschraenkt|sporadisch|unregelmaessig)|with delay|verzoegert|zeitverzoegert|"
    r"nach meiner rueckkehr|upon my return|when i return|on my return|will reply|will respond|get back to you|"
    r"sehr geehrte damen und herren|liebe kolleg|guten tag[,!]?\s|wieder (?:erreichbar|im buero|im haus|im dienst|da|fuer sie da|zurueck))"
)

LEFT_COMPANY_DE = (
    r"(?:gekuendigt|entlassen|ausgetreten|austritt\w*|ausgeschieden|ausscheiden\w*|pensioniert|emeritiert|verstorben|freigestellt|ruhestand|in rente|rente!|"
    r"in pension|letzter? arbeitstag|arbeitsverhaeltnis|aufhebungsvertrag|(?:firma|stelle|job|arbeitgeber) gewechselt|beruflich veraendert|selbstaendig gemacht|"
    r"nicht mehr an bord|gehoert\b[\w ,]{0,40}\bnicht mehr an|nicht mehr (?:zu erreichen|unter dieser)|neue herausforderung|neuen ufern|neue stelle|"
    r"(?:firma|unternehmen|haus|kanzlei|verein|stiftung|praxis|betrieb|einrichtung|hochschule)\b[\w ,]{0,40}\bverlassen|ist (?:schon )?(?:seit|lange|laenger|laengst)?\b[\w ]{0,15}\bweg\b|"
    r"vertrag\b[\w ,.]{0,25}\b(?:ausgelaufen|geendet|beendet)|mandat\b[\w ,.]{0,40}\bniedergelegt|altersteilzeit|ehemalige\w*|nachfolger\w*|abberufen|arbeitet\b[\w ,]{0,30}\b(?:nimmer|nicht mehr|woanders|inzwischen|jetzt (?:bei|in))|"
    r"nicht zurueckgekommen|komme? nicht zurueck|kehrt nicht|kehre nicht|dauerhaft abwesend|zur konkurrenz|zum wettbewerb|mitbewerber gewechselt)"
)
LEFT_COMPANY_EN = (
    r"(?:retired|resigned|redundant|laid off|layoffs|let go|was fired|been fired|passed away|died|deceased|stepped down|stood down|left (?:us|in|at|on|last|two|three|a|the|his|her|back|here)\b|"
    r"(?:he|she|they|has|have|i've|i|have now) (?:recently )?left\b|(?:he|she|bob|who)?'?s? ?(?:is )?gone\b|quit\b|last day\b|my last (?:day|week)|final day|changed jobs|new job|new (?:role|position|challenge|chapter) (?:at|in|outside|elsewhere)|"
    r"no longer (?:\w+ )?(?:here|with|at|practises|practices|works?|employed|part|active|holds)|not (?:with|in|at) [\w ]{2,30} since|not in service|"
    r"(?:don't|doesn't|do not|does not|nobody|neither)\b[\w ,']{0,40}\b(?:any ?more|any longer|here now)|moved on\b|pastures new|finished up|hung up my|sold up|my (?:contract|assignment|secondment|time (?:at|with))\b[\w ,]{0,30}\b(?:ended|finished|end|over)|"
    r"taken over (?:his|her|their)|replacement|successor|former colleague|former \w+ manager|previous \w+ manager|went (?:freelance|to the competition)|joined (?:another|somewhere|a different))"
)

RULES = (
    Rule(
        "left.sign_de",
        Category.LEFT_COMPANY,
        rf"\b{LEFT_COMPANY_DE}",
        example="Frau Sommer hat leider gekündigt.",
        counter="Wir haben den Vertrag noch bis Jahresende",
        unless=r"(?:software|tool|system|anbieter|agentur|abo) gekuendigt|vertrag (?:haben wir )?gekuendigt",
        where="mail",
    ),
    Rule(
        "left.sign_en",
        Category.LEFT_COMPANY,
        rf"\b{LEFT_COMPANY_EN}",
        example="She left us in the summer, no replacement as of now.",
        counter="We have budget left over for this",
        unless=r"left (?:a|an|the) (?:message|voicemail|comment|bad|review)|what's left|been left with",
        where="mail",
    ),
    Rule(
        "machine.acknowledges",
        Category.AUTO_REPLY,
        r"\b(?:acknowledge(?:s|ment)? (?:of )?receipt|acknowledgement|your (?:e-?mail|message|enquiry|inquiry|report|request|form|mail|submission|document|application|offer)\b[\w ,.'\"-]{0,40}\b(?:has been|was|is in|has arrived|has landed|landed|have been|could not|cannot|will be|is important)|(?:ihre?|deine|eure) (?:e-?mail|nachricht|mail|anfrage|mitteilung|meldung|bestellung|dokument|schreiben|anliegen)\b[\w ,.'\"-]{0,40}\b(?:ist|wurde|konnte|wird|hat|kann)\b|(?:robot|bot|automat|virtual assistant|virtuelle\w*|gateway|mail system|system message|systemnachricht)\b|(?:working|business) days|werktag\w*|aktenzeichen|reference (?:number|no)|helpdesk|service ?desk|visit our website|auf unserer (?:website|webseite|seite|homepage)|in the order (?:they|received)|eingangsbestaetigung|we aim to (?:reply|answer|respond)|wir bemuehen uns)",
        example="Your e-mail has been entered in the document management system.",
        counter="Your prices are fair",
        where="mail",
    ),
    Rule(
        "away.returns",
        Category.OUT_OF_OFFICE,
        r"\b(?:(?:until|till|through|from|between|as of|up to and including)\b[\w ,]{0,12}\b(?:\d{1,2}|monday|tuesday|wednesday|thursday|friday|january|february|march|april|may|june|july|august|september|october|november|december)|(?:bis|vom|ab)\b[\w ,]{0,25}\b(?:\d{1,2}\.|montag|dienstag|mittwoch|donnerstag|freitag)|rueckkehr|my return|back (?:at work|in)\b|wieder (?:da|im|zurueck|am)|annual leave|parental leave|maternity|elternzeit|urlaub\w*|ferien\b|honeymoon|sabbatical|fortbildung|(?:mon|tues|wednes|thurs|fri)days?\b[\w ,]{0,20}\bday off|arbeite (?:nur )?(?:montags|dienstags|mittwochs|donnerstags|freitags|vormittags))",
        example="Back at work on 9 June.",
        counter="Our contract runs out soon",
        where="mail",
    ),
    Rule(
        "away.subject",
        Category.OUT_OF_OFFICE,
        r"^\W*(?:auto(?:matische|matic)?[- ]?(?:antwort|reply|response|:)?[: -]*)?(?:out of (?:the )?office|abwesenheit\w*|ooo\b|abwesend|"
        r"i am (?:currently )?(?:away|out)|ich bin (?:derzeit |aktuell |zurzeit )?(?:abwesend|nicht im)|urlaub\w*|(?:annual|parental|maternity) leave|"
        r"on (?:annual |parental |maternity )?(?:leave|vacation|holiday)|ferienabwesenheit|elternzeit|im urlaub|nicht im (?:buero|haus)|out of office)",
        example="Abwesenheitsnotiz: Ihre Anfrage",
        counter="Urlaubsplanung leicht gemacht?",
        unless=r"planung|angebot",
        where="subject",
        never=rf"nicht mehr (?:im unternehmen|fuer|bei|teil)|\b{LEFT_COMPANY_DE}|\b{LEFT_COMPANY_EN}",
        decides=True,
    ),
    Rule(
        "away.i_am_de",
        Category.OUT_OF_OFFICE,
        rf"\b(?:bin|befinde mich|bin ich|befinde ich mich|sind wir|ist)\b[\w ,.:/()-]{{0,70}}\b{AWAY_DE}",
        example="Vielen Dank für Ihre Nachricht. Ich bin bis zum 14.8. nicht im Büro. In dringenden Fällen wenden Sie sich an Frau Muster.",
        counter="Ich bin gerade im Urlaub, melde mich aber gern danach bei dir",
        also=MACHINE_TONE,
        never=rf"nicht mehr (?:im unternehmen|fuer|bei|teil|in unserem)|\b{LEFT_COMPANY_DE}",
        where="mail",
        decides=True,
    ),
    Rule(
        "away.i_am_en",
        Category.OUT_OF_OFFICE,
        rf"\b(?:i am|i'm|i will be|i'll be|am|we are|currently)\b[\w ,.:/()'-]{{0,60}}\b{AWAY_EN}",
        example="Thank you for your email. I am out of the office until 14 August. For urgent matters please contact Jane.",
        counter="I'm on vacation right now but let's talk when I'm back",
        also=MACHINE_TONE,
        never=rf"\b{LEFT_COMPANY_EN}",
        where="mail",
        decides=True,
    ),
    Rule(
        "away.reach_again_de",
        Category.OUT_OF_OFFICE,
        r"\b(?:ab|am|bis)\b[\w .,:-]{1,40}\bwieder (?:fuer sie |fuer dich |fuer euch |persoenlich |telefonisch |voll )?(?:erreichbar|im buero|im haus|im dienst|da|zurueck|verfuegbar|ansprechbar)\b",
        example="Ab dem 3. September bin ich wieder erreichbar.",
        counter="Wann sind Sie wieder da?",
    ),
    Rule(
        "away.back_en",
        Category.OUT_OF_OFFICE,
        r"\b(?:will be back|returning|i return|back in the office|back at my desk|i'll be back|be returning)\b[\w ,]{0,20}\b(?:on|in|by|at|after|\d)",
        example="I will be back on Monday, 3 September.",
        counter="Please come back to me with prices",
    ),
    Rule(
        "away.not_read_de",
        Category.OUT_OF_OFFICE,
        r"(?:ihre?|diese|deine|e-?mails?|nachricht\w*|mails?)\b[\w ,-]{0,50}\b(?:nicht|werden nicht|wird nicht|weder)\b[\w ,]{0,40}\b(?:weitergeleitet|gelesen|bearbeitet)",
        example="Ihre E-Mail wird nicht weitergeleitet.",
        counter="Ihre Mail habe ich an die Kollegin weitergeleitet",
        where="mail",
    ),
    Rule(
        "away.part_time_de",
        Category.OUT_OF_OFFICE,
        r"\b(?:arbeite|arbeitstage|bueroz?eiten|buerotage|teilzeit|in teilzeit|erreichbar(?:keit)?)\b[\w ,.:()-]{0,50}\b(?:teilzeit|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|mo|di|mi|do)\b",
        example="Ich arbeite in Teilzeit und bin montags bis mittwochs erreichbar. Ihre Mail lese ich am nächsten Arbeitstag. Diese Nachricht wurde automatisch erstellt.",
        counter="Am Montag arbeite ich von zuhause, da passt ein Call",
        also=r"automatisch|naechste[nmr]? arbeitstag|danke fuer (?:ihre|deine)|dank fuer (?:ihre|deine)|nicht (?:immer )?(?:sofort|gelesen|erreichbar)|dringend",
        where="mail",
        decides=True,
    ),
    Rule(
        "away.part_time_en",
        Category.OUT_OF_OFFICE,
        r"\b(?:i work part[ -]?time|my working (?:days|hours)|non-working day|i do not work on|i don't work on|my days off)\b",
        example="Thank you for your message. I work part-time, Monday to Wednesday, and will reply on my next working day.",
        counter="We work part-time with two agencies already",
        also=r"reply|respond|thank|automatic|urgent",
        where="mail",
        decides=True,
    ),
    Rule(
        "away.urgent",
        Category.OUT_OF_OFFICE,
        r"\b(?:in dringenden (?:faellen|angelegenheiten)|bei dringenden (?:anliegen|fragen|themen|faellen)|dringende faelle|for (?:any )?urgent (?:matters|requests|issues|enquiries|inquiries)|if (?:it is|it's|this is|your \w+ is) urgent|in urgent cases|in my absence|in meiner abwesenheit|waehrend meiner abwesenheit)\b",
        example="In dringenden Fällen wenden Sie sich an das Sekretariat.",
        counter="Das ist bei uns gerade nicht dringend",
        where="mail",
    ),
    Rule(
        "machine.subject",
        Category.AUTO_REPLY,
        r"^\W*(?:auto(?:matische|matic|mated)?[- ]?(?:antwort|reply|response|reponse|answer|bestaetigung)|automatisch\w*|autoreply|autoresponse|auto:|autom\. antwort)",
        example="Automatische Antwort: Zusammenarbeit",
        counter="Antwort auf Ihre Frage",
        where="subject",
    ),
    Rule(
        "machine.ticket",
        Category.AUTO_REPLY,
        r"(?:\b(?:ticket|case|vorgang|fall|anfrage|request|incident|vorgangsnummer|ticketnummer|referenz\w*|aktenzeichen|bearbeitungsnummer)[- ]?(?:nr|nummer|number|id|no|#)?\b[\w .:,'\"()-]{0,30}[#\[(]?\s?(?:[a-z]{1,6}-?)?\d{4,}|\[(?:ticket|case|req|inc|sr)[ #:-]*[\w-]*\d+\]|#\d{5,})",
        example="Ihre Anfrage wurde unter der Ticketnummer 483920 aufgenommen.",
        counter="Wir haben 2023 ein Ticketsystem eingeführt",
        where="mail",
        never=r"nicht mehr (?:im unternehmen|fuer|bei|teil)|no longer (?:work|with|employed)",
        decides=True,
    ),
    Rule(
        "machine.received_de",
        Category.AUTO_REPLY,
        r"\b(?:ihre?|deine?|eure?)\b[\w ,-]{0,25}\b(?:nachricht|e-?mail|mail|anfrage|anliegen|schreiben|mitteilung|ticket|supportanfrage)\b[\w ,-]{0,30}\b(?:ist (?:bei uns )?eingegangen|eingegangen|eingetroffen|erhalten|empfangen|registriert|aufgenommen|entgegengenommen|erfasst)\b",
        example="Ihre Nachricht ist bei uns eingegangen und wird schnellstmöglich bearbeitet. Bitte antworten Sie nicht auf diese E-Mail.",
        counter="Ihre Mail habe ich erhalten, klingt spannend",
        also=r"(?:schnellst\w*|so (?:schnell|bald) wie moeglich|umgehend|zeitnah|innerhalb|werktag\w*|bearbeit\w*|kuerze|automatisch\w*|melden uns|kundenservice|support|team|geduld|reihenfolge|antworten sie nicht|noreply|no-reply)",
        unless=r"\b(?:ich|hab|habe ich|klingt|interessant|leider)\b",
        where="mail",
        decides=True,
    ),
    Rule(
        "machine.received_en",
        Category.AUTO_REPLY,
        r"\b(?:we(?: have|'ve)? received your|your (?:\w+ )?(?:message|e-?mail|request|enquiry|inquiry|ticket|query) (?:has been|was|is) (?:received|logged|registered|submitted|assigned|queued|created)|received your (?:message|e-?mail|request|enquiry|inquiry))\b",
        example="We have received your request and will respond within two business days.",
        counter="I received your mail yesterday, sounds good",
        where="mail",
        unless=r"\bi (?:have |just )?received\b",
        decides=True,
    ),
    Rule(
        "machine.within_days",
        Category.AUTO_REPLY,
        r"(?:\b(?:innerhalb|binnen|within|in der regel)\b[\w ]{0,25}\b(?:\d+|ein|zwei|drei|einem|two|three|one|vierundzwanzig|48|24)[\w -]{0,15}\b(?:werktag\w*|arbeitstag\w*|stunden|hours|business days|working days|tagen)|schnellst\w+ (?:bearbeit\w*|beantwort\w*|bei ihnen)|as soon as possible|in kuerze (?:bei ihnen|melden|antwort)|reihenfolge (?:des|ihres) eingangs)",
        example="Wir antworten in der Regel innerhalb von zwei Werktagen.",
        counter="Können Sie mir bis Freitag ein Angebot schicken?",
        where="mail",
    ),
    Rule(
        "machine.no_reply",
        Category.AUTO_REPLY,
        r"(?:\b(?:antworten sie (?:bitte )?nicht auf diese|bitte nicht (?:auf diese \w+ )?antworten|nicht auf diese (?:e-?mail|mail|nachricht) (?:zu )?(?:antworten|reagieren)|do not reply to this|please do not (?:reply|respond)|don't reply to this|replies to this (?:e-?mail|address|message|mailbox)|no-?reply|dieses postfach|diese (?:e-?mail-?)?adresse (?:wird|ist) nicht|diese mailbox|this (?:mailbox|inbox|address|email address|e-mail address|account) (?:is|will) (?:not|no longer|un)|mailbox is (?:not|un)monitored|unmonitored|not monitored|nicht (?:regelmaessig )?(?:ueberwacht|abgerufen|gelesen))\b)",
        example="Dieses Postfach wird nicht gelesen. Bitte antworten Sie nicht auf diese E-Mail.",
        counter="Bitte antworten Sie mir bis Freitag",
        where="mail",
        never=rf"\b{AWAY_DE}[\w ,.]{{0,60}}\bwieder|nicht mehr (?:im unternehmen|fuer|bei|teil)|no longer (?:work|with|employed)|ausgeschieden|out of (?:the )?office|moved on|resigned|arbeitsverhaeltnis|has left|left the|verlassen|abgeschaltet",
        decides=True,
    ),
    Rule(
        "machine.is_one",
        Category.AUTO_REPLY,
        r"\b(?:(?:dies|das|diese\w*|this)\b[\w ,-]{0,25}\b(?:automatisch\w*|automated|automatic|auto-generated|systemgenerierte?|maschinell)|automatisch (?:generiert\w*|erstellt\w*|erzeugt\w*|versendet\w*|verschickt\w*)|automatically generated|auto-?generated)\b",
        example="Dies ist eine automatisch generierte Nachricht.",
        counter="Das läuft bei uns alles automatisch, danke",
        unless=r"laeuft",
        where="mail",
    ),
    Rule(
        "machine.hours",
        Category.AUTO_REPLY,
        r"\b(?:(?:unsere?n?|our) (?:oeffnungszeiten|geschaeftszeiten|servicezeiten|buerozeiten|sprechzeiten|opening hours|business hours|office hours|support hours|telefonzeiten)|(?:oeffnungszeiten|geschaeftszeiten|servicezeiten|opening hours|business hours|office hours)\s*:?\s*(?:mo|mon|von|are|sind)|ausserhalb unserer|outside (?:of )?(?:our )?(?:business|office|opening|working) hours)\b",
        example="Unsere Öffnungszeiten: Montag bis Freitag 9 bis 17 Uhr.",
        counter="Ruf zu Bürozeiten an, dann reden wir",
        where="mail",
    ),
    Rule(
        "machine.closed",
        Category.AUTO_REPLY,
        r"\b(?:betriebsferien|betriebsurlaub|werksferien|(?:unser\w*|our) (?:buero|office|kanzlei|praxis|team|betrieb)\w* (?:ist|bleibt|is|will be)\b[\w ,.-]{0,40}\b(?:geschlossen|closed))\b",
        example="Unser Büro ist vom 23.12. bis 6.1. geschlossen.",
        counter="Unser Büro ist schon ausgestattet",
        where="mail",
    ),
    Rule(
        "machine.challenge",
        Category.AUTO_REPLY,
        r"\b(?:(?:click|klicken sie|follow|folgen sie|klick)\b[\w ,-]{0,40}\b(?:link|here|hier|button)\b[\w ,-]{0,60}\b(?:verify|confirm|deliver|release|zustell\w*|bestaetig\w*|freigeb\w*|verifizier\w*)|(?:verify|confirm|bestaetig\w*|verifizier\w*)\b[\w ,-]{0,40}\b(?:you are (?:a )?human|your (?:message|email|address|identity)|(?:ihre?|deine?) (?:nachricht|e-?mail|adresse|absender\w*|identitaet)|kein roboter|not a robot|mensch)|spam ?(?:schutz|arrest|protection)|boxbe|earthlink|sender verification|absender(?:pruefung|verifizierung)|captcha|approved senders?|whitelist|freigabeliste|greylist\w*|quarantaene|quarantine)\b",
        example="Please click the link below to confirm you are human so that your message is delivered.",
        counter="Klick auf meinen Kalenderlink und such dir was aus",
        where="mail",
        decides=True,
    ),
    Rule(
        "machine.new_address",
        Category.AUTO_REPLY,
        r"\b(?:(?:e-?mail-?)?adresse (?:hat sich geaendert|wurde geaendert|ist (?:nicht mehr|ab sofort nicht)|existiert nicht mehr|wird nicht mehr)|(?:my|our|this) (?:e-?mail )?address (?:has changed|is no longer|will no longer)|neue (?:e-?mail-?)?adresse lautet|new (?:e-?mail )?address is)\b",
        example="Meine E-Mail-Adresse hat sich geändert, die neue lautet max@neu.example.",
        counter="Die Adresse unseres Büros finden Sie im Impressum",
        where="mail",
    ),
    Rule(
        "machine.out_of_hand",
        Category.AUTO_REPLY,
        r"\b(?:lesebestaetigung|read receipt|empfangsbestaetigung|eingangsbestaetigung|zustellbestaetigung|delivery (?:receipt|notification)|your message was read|wurde (?:am \S+ )?gelesen|gelesen am|was read on)\b",
        example="Lesebestätigung: Ihre Nachricht wurde am 3.5. gelesen.",
        counter="Habe es gelesen, gefällt mir",
        where="mail",
        decides=True,
    ),
    Rule(
        "machine.application",
        Category.AUTO_REPLY,
        r"\b(?:ihre bewerbung|your application|lieferanten(?:portal|registrierung)|supplier (?:portal|registration)|kontaktformular|contact form|faq|haeufig gestellte fragen|help ?cent(?:er|re)|hilfe-?center|knowledge base|wissensdatenbank)\b",
        example="Viele Antworten finden Sie in unserem Hilfe-Center.",
        counter="Bewerben können Sie sich gern bei uns, aber nicht so",
        where="mail",
    ),
    Rule(
        "left.third_person_de",
        Category.LEFT_COMPANY,
        r"\b(?:(?:arbeitet|ist|sind|arbeite|bin|arbeiten|gehoert)\b[\w ,.()&'-]{0,60}\bnicht (?:mehr|laenger)\b[\w ,.()&'-]{0,30}\b(?:taetig|beschaeftigt|angestellt|im (?:unternehmen|haus|hause|team|betrieb|dienst|amt)|bei (?:uns|der|\w+)|fuer (?:uns|die|das|\w+)|in (?:unserem|der|diesem) (?:unternehmen|firma|haus|betrieb|team)|mitarbeiter\w*|da\b|hier\b|teil)|nicht mehr (?:bei uns|in unserem|im unternehmen|in der firma|fuer \w+ taetig)|(?:hat|habe|haben)\b[\w ,.()&'-]{0,50}\b(?:unternehmen|firma|haus|\w*gmbh|\w*ag|betrieb|uns)\b[\w ,.()-]{0,40}\bverlassen|(?:ist|bin|sind)\b[\w ,.()-]{0,40}\b(?:ausgeschieden|aus dem unternehmen|aus der firma ausgeschieden|in (?:den )?(?:ruhestand|rente|pension)|pensioniert|im ruhestand|in pension|in rente|verstorben))",
        example="Herr Muster ist nicht mehr in unserem Unternehmen tätig.",
        counter="Wir arbeiten nicht mehr mit Agenturen",
        never=r"\b(?:\w*verteiler|\w*kartei|newsletter|mailing\w*|abmelden|abbestell\w*)\b",
        unless=r"\b(?:nicht mehr (?:fuer|im) [\w ,]{0,30}(?:zustaendig|verantwortlich)|in (?:pension|rente) und|teilnehmen|nicht mehr (?:interess\w*|noetig|relevant|mit|notwendig|aktuell|an)|wir arbeiten nicht mehr)\b",
        where="mail",
        decides=True,
    ),
    Rule(
        "left.third_person_en",
        Category.LEFT_COMPANY,
        r"\b(?:no longer (?:work\w*|with|employed|at|part of|a part of|here|an employee|a member|in the company|associated)|(?:has|have|had) (?:since |now |recently )?left (?:the (?:company|business|organi[sz]ation|firm|team)|us|our|\w+ (?:gmbh|ltd|inc|ag|llc))|(?:have|has) (?:now |recently )?left [\w&. ]{2,30}(?:at the end|in|on|as of|for)|(?:is|has|have|am) (?:now )?retired|moved on (?:from|to)|left the (?:company|business|organi[sz]ation|firm)|doesn't work here|does not work here|do(?:es)? not work (?:here|for us) any|passed away|last (?:working )?day (?:at|with|was))",
        example="John Miller is no longer with the company.",
        counter="We no longer work with agencies",
        unless=r"\bwe (?:are )?no longer (?:work|with|use|need)|no longer (?:interested|need|relevant|looking|an option|part of our (?:strategy|plans))|(?:husband|wife|father|mother|son|daughter) (?:has )?passed|left us (?:with|speechless|cold|wondering)",
        where="mail",
        decides=True,
    ),
)
