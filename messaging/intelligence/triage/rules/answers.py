"""Triage rules for interest, meeting requests, questions, postponement and referral to another person."""

from ..classes import Category
from .rule import Rule

DAY = (
    r"(?:montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|monday|tuesday|wednesday|thursday|friday|mo|di|mi|do|fr|mon|tue|tues|wed|thu|thurs|fri|"
    r"morgen|uebermorgen|heute|tomorrow|today|naechste[rn]? woche|diese[rn]? woche|next week|this week|kommende[rn]? woche|\d{1,2}\.\d{1,2}\.?|"
    r"\d{1,2}(?:st|nd|rd|th)|\d{1,2}\. ?(?:jaenner|januar|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember))"
)
CLOCK = r"(?:\d{1,2}[:.]\d{2}|\d{1,2} ?(?:uhr|h\b|am\b|pm\b)|vormittags?|nachmittags?|mittags?|frueh|abends?|morning|afternoon|noon|after lunch|o'clock|halb \w+)"
TALK = r"(?:termin\w*|call|telefonat|telefonieren|telefon\w*|gespraech|meeting|treffen|sprechen|austausch\w*|zoom|teams|video\w*|demo|chat|catch up|talk|speak|meet|slot|calendar|kalender\w*|anruf\w*|anrufen|ruf\w*|kaffee|coffee|quatschen|sync)"
LATER_DE = r"(?:januar|jaenner|februar|feber|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|q[1-4]|quartal|halbjahr|herbst|fruehjahr|fruehling|sommer|winter|sommerpause|sommerferien|jahreswechsel|neue[ns]? jahr|naechste[ns]? jahr|jahresende|jahresanfang|weihnachten|ostern|messe|\d+ (?:wochen|monaten?)|(?:ein|zwei|drei|vier|fuenf|sechs|paar|einigen|ein paar) (?:wochen?|monaten?)|einem (?:monat|jahr|halben jahr)|spaeter\w*|kw ?\d+)"
LATER_EN = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|aug|sept?|oct|nov|dec|q[1-4]|next (?:quarter|year|month|spring|summer|autumn|fall|winter)|the new year|new year|end of (?:the )?year|year[- ]end|a (?:few|couple of) (?:weeks|months)|\d+ (?:weeks|months)|(?:two|three|four|six|a|one) (?:weeks|months|month|year)|after (?:the )?(?:summer|holidays?|christmas|easter|launch|audit|budget\w*)|autumn|fall|spring|later (?:in|this|on)|down the (?:road|line)|the summer)"

RULES = (
    Rule(
        "meeting.time",
        Category.MEETING,
        rf"\b{DAY}\b[\w ,.:-]{{0,30}}\b{CLOCK}|\b{CLOCK}[\w ,.:-]{{0,20}}\b{DAY}\b|\b(?:zwischen|between|ab|um|gegen|at|around|after|nach) \d{{1,2}}(?:[:.]\d{{2}})?(?: ?(?:uhr|am|pm|h)\b|\b[\w ]{{0,5}}(?:und|and|-) \d)",
        example="Dienstag 14 Uhr passt mir gut.",
        counter="Unser Büro hat 14 Mitarbeiter",
        unless=r"\b(?:oeffnungszeiten|geschaeftszeiten|montags? bis freitags?|monday to friday|mo-fr|mo - fr|mon-fri)\b",
    ),
    Rule(
        "meeting.day_suits",
        Category.MEETING,
        rf"\b(?:{DAY}\b[\w ,.:-]{{0,35}}\b(?:pass\w*|geht|ginge|waere|works?|suits?|would work|is (?:good|fine|free)|zeit|frei|klappt|moeglich|sprechen|telefonieren|{TALK})|(?:pass\w*|geht|ginge|klappt|works?|suits?|how about|wie waere|wie waers|lieber|vorschlag|koennen wir|koennten wir|can we (?:do|move|meet|talk)|could we|let's (?:do|meet|talk|speak)|free|verfuegbar|available)\b[\w ,.:'-]{{0,40}}\b{DAY})\b",
        example="Donnerstag würde mir passen.",
        counter="Morgen ist auch noch ein Tag, danke",
    ),
    Rule(
        "meeting.link",
        Category.MEETING,
        r"\b(?:kalender-?link|calendar link|booking link|buchungslink|calendly|terminlink|(?:send|share|schick\w*|send\w*)\b[\w ,]{0,25}\b(?:invite|calendar|kalender\w*|termin\w*|einladung|slots?|times|terminvorschlaege|zeiten|availability)|termin(?:vorschlag|vorschlaege)?\b[\w ,]{0,20}\b(?:vereinbaren|ausmachen|machen|finden|schicken|vorschlagen|einstellen|buchen|fixieren|abstimmen)|(?:book|schedule|set up|arrange|find|grab|pick) (?:a |some )?(?:call|time|meeting|slot|demo|chat)|wann (?:haetten|haben|passt|koennten|koennen|hast|kannst|waeren)\b[\w ]{0,25}\b(?:sie|ihnen|du|dir|zeit|luft|euch)?|when (?:are you|would|works|suits|can (?:we|you)|could (?:we|you)) ?(?:free|available|you|talk)?)",
        example="Schicken Sie mir gern Ihren Kalenderlink.",
        counter="Wann wurde Ihre Firma gegründet?",
        unless=r"\b(?:keine? (?:termin|zeit|einladung)|no (?:time|invite)|absagen|wann wurde)\b",
    ),
    Rule(
        "meeting.talk",
        Category.MEETING,
        rf"\b(?:(?:lassen sie uns|lass uns|gerne?|koennen wir|koennten wir|sollten|wollen wir|lasst uns|happy to|let's|let us|can we|could we|would love to|glad to|open to|up for|ruf\w*|call me|give me a (?:call|ring))\b[\w ,'-]{{0,35}}\b(?:{TALK}|an\b)|(?:telefonieren|sprechen|treffen) wir)\b",
        example="Lassen Sie uns gern kurz telefonieren.",
        counter="Ich telefoniere ungern, schicken Sie lieber was",
        unless=r"\b(?:nicht|kein\w*|not|no|don't)\b",
    ),
    Rule(
        "meeting.move",
        Category.MEETING,
        r"\b(?:verschieben|verlegen|verschiebt|umbuchen|reschedul\w*|push (?:it|our|the)|move (?:our|the|it|this) (?:call|meeting|to)|anderen termin|ausweichtermin|another (?:time|slot|day)|neuen termin|schaff\w* (?:ich )?(?:es )?(?:leider )?nicht|can't make|cannot make|running late|dazwischengekommen|dazwischen gekommen)\b",
        example="Können wir unseren Termin auf Freitag verschieben?",
        counter="Das verschieben wir lieber ins nächste Jahr",
        unless=r"naechste[ns]? jahr|next year",
    ),
    Rule(
        "later.back_de",
        Category.NOT_NOW,
        rf"\b(?:(?:melde\w*|kontaktier\w*|schreib\w*|frag\w*|komm\w*|ruf\w*|meld|sprech\w*|hak\w*|ping\w*|anklopfen|reden|angehen|aufgreifen|schauen|wiedervorlage|treten|hoeren|unterhalten)\b[\w ,.'-]{{0,60}}\b(?:wieder|nochmals?|noch mal|erneut|{LATER_DE})|(?:ab|erst|im|in|nach|anfang|ende|mitte|vor|fuer|zum|naechstes|kommendes|auf)\b[\w ,.'-]{{0,25}}\b{LATER_DE}\b[\w ,.'-]{{0,50}}\b(?:wieder|nochmals?|noch mal|erneut|melden|kontaktieren|schreiben|nachfragen|reden|sprechen|spannend|interessant|thema|relevant|aktuell|moeglich|angehen|ansehen|anschauen|budget|zeit|luft|kapazitaet\w*))\b",
        example="Melden Sie sich im Oktober noch einmal.",
        counter="Melden Sie sich nie wieder",
        unless=r"\b(?:nie wieder|nie mehr|nicht mehr|nicht wieder|nicht nochmal|keinesfalls|nicht erneut)\b",
    ),
    Rule(
        "later.back_en",
        Category.NOT_NOW,
        rf"\b(?:(?:reach|check|circle|come|touch|follow|get|ping|try|contact|ask|write|reconnect|revisit|call|talk|speak|reconvene|pick|drop|remind|hit|email|look|resurface|nudge|park|connect|loop|knock|chat|discuss|approach)\b[\w ,.'-]{{0,50}}\b(?:{LATER_EN}|later)|(?:not (?:before|until|till|right now|now|yet|this (?:year|quarter|month))|in|after|around|from|until|by|towards|maybe|perhaps)\b[\w ,.'-]{{0,20}}\b{LATER_EN}\b)",
        example="Please reach out again in October.",
        counter="We have used it since March",
        unless=r"\b(?:never|don't (?:ever )?(?:contact|write|reach)|since|not again|stop)\b",
    ),
    Rule(
        "later.now_bad_de",
        Category.NOT_NOW,
        r"\b(?:(?:momentan|aktuell|derzeit|zurzeit|zur zeit|gerade|im moment|dieses jahr|heuer|jetzt|vorerst|aktuell|grad|dzt|diese[sn]? (?:quartal|monat|halbjahr))\b[\w ,.'-]{0,50}\b(?:kein\w*|nicht|schlecht\w*|viel|zu viel|umbau|umzug|umstellung|stress\w*|land unter|voll|anderes|andere prioritaeten|prioritaet|keine zeit|ungünstig|unpassend)|land unter|schlechter zeitpunkt|zu frueh|falscher zeitpunkt|kein guter zeitpunkt|spaeter (?:nochmal|noch mal|gern|vielleicht|wieder)|noch nicht (?:so weit|soweit|dran|spruchreif)|wiedervorlage|zu gegebener zeit|budget (?:fuer|erst|ist (?:fuer )?(?:dieses|heuer)))\b",
        example="Momentan haben wir dafür keine Zeit.",
        counter="Wir nutzen aktuell Salesforce",
    ),
    Rule(
        "later.now_bad_en",
        Category.NOT_NOW,
        r"\b(?:not (?:right now|now|at the moment|at this (?:time|stage|point)|currently|yet|a (?:good|great) time|the right time|this (?:year|quarter|month))|bad (?:time|timing)|wrong time|timing (?:is|isn't|'s)|too early|too busy|swamped|snowed under|hands full|at capacity|in the middle of|other priorities|not a priority|for now|bandwidth|on hold|hiring freeze|budget freeze|frozen|busy season|park this)\b",
        example="Not right now, we're swamped.",
        counter="What would it cost right now?",
    ),
    Rule(
        "wrong.not_me_de",
        Category.WRONG_PERSON,
        r"\b(?:nicht (?:der|die|mehr|dafuer|fuer (?:dieses?|das|den|die|sowas|solche)|hierfuer|mein\w*|der richtige|die richtige|zustaendig|in meiner?|in meinem)\b[\w ,-]{0,30}\b(?:zustaendig\w*|ansprechpartner\w*|verantwortlich\w*|richtige\w*|bereich|abteilung|thema|baustelle|aufgabe\w*|verantwortung|tisch|bier)|nicht zustaendig|falsche\w* (?:person|adresse|ansprechpartner\w*|abteilung|kontakt|empfaenger\w*|baustelle)|bei mir (?:leider )?(?:falsch|an der falschen)|da sind sie (?:bei mir )?(?:falsch|verkehrt)|(?:dafuer|hierfuer|fuer sowas|damit|darum|da) (?:ist|waere|kuemmert|macht|ist bei uns)\b[\w ,.-]{0,40}\b(?:zustaendig\w*|verantwortlich\w*|sich|kollege|kollegin|ansprechpartner\w*|herr|frau|der|die|das)|liegt (?:nicht )?(?:bei|in) (?:mir|meiner|der|unserer|meinem)|entscheide ich nicht|habe (?:ich )?nichts (?:mit|zu)|verwechsel\w*)\b",
        example="Dafür bin ich nicht zuständig, bitte an Frau Muster.",
        counter="Ich bin dafür zuständig, schicken Sie mir mehr",
        unless=r"nicht mehr (?:im unternehmen|bei uns|fuer uns|hier)",
    ),
    Rule(
        "wrong.not_me_en",
        Category.WRONG_PERSON,
        r"\b(?:not (?:the (?:right|best|correct|appropriate|one|decision)|my (?:area|department|responsibility|remit|job|call|decision|thing)|responsible|in charge|involved|the person)|wrong (?:person|contact|department|guy|team|mailbox|address|number|company)|(?:don't|do not|doesn't) (?:handle|deal with|manage|look after|own|make (?:those|these|that|such))|isn't (?:my|me)|you'd (?:want|need|be better)|you (?:should|want to|need to|might want to|may want to|could) (?:speak|talk|contact|reach|write|ask)|better (?:person|contact|off|suited)|(?:is|would be) (?:the )?(?:responsible|in charge|right person|best person|one who)|handles (?:this|that|these|all)|looks after|takes care of|mistaken (?:me|identity)|outside my)\b",
        example="I'm not the right person for this, please contact Jane.",
        counter="I'm the right person, tell me more",
        unless=r"no longer (?:with|work|at)",
    ),
    Rule(
        "wrong.refer_de",
        Category.WRONG_PERSON,
        r"\b(?:(?:wenden|wende|schreiben|schreib|kontaktieren|melden|richten|frag\w*|sprechen|probier\w*)\b[\w ,-]{0,30}\b(?:sich|dich|sie|dies\w*|bitte|direkt|lieber|besser)\b[\w ,-]{0,20}\b(?:an|bei|mit)\b[\w ,-]{0,25}\b(?:kolleg\w*|herrn?|frau|einkauf|marketing\w*|vertrieb\w*|it\b|it-\w+|abteilung|zentrale|geschaeftsfuehr\w*|leiter\w*|unsere\w*|meine\w*|den|die|das)|weitergeleitet|leite (?:ich )?(?:das|es|ihre|deine)? ?[\w ,-]{0,30}weiter|ansprechpartner\w* (?:ist|waere|fuer|hier\w*)|(?:mein\w*|unser\w*|die|der) (?:kolleg\w*|chef\w*)\b[\w ,-]{0,40}\b(?:zustaendig|verantwort\w*|kuemmert|macht|betreut|entscheidet))\b",
        example="Bitte wenden Sie sich an meine Kollegin Frau Muster.",
        counter="Bitte wenden Sie das Blatt",
    ),
    Rule(
        "wrong.refer_en",
        Category.WRONG_PERSON,
        r"\b(?:(?:please |kindly )?(?:contact|reach out to|get in touch with|speak (?:to|with)|talk to|write to|e-?mail|try|ask|copying|cc'?ing|cc'?ed|looping in|forward\w*|passed|passing|refer\w*|redirect\w*|adding)\b[\w ,.'-]{0,25}\b(?:my (?:colleague|boss|manager)|our (?:\w+ )?(?:team|department|colleague|head|director|manager|cto|cfo|cmo|ceo|procurement|marketing|it)|head of|the (?:right|relevant|responsible|appropriate)|colleague|him|her|them|instead|procurement|purchasing|\w+@))",
        example="Please contact our procurement team instead.",
        counter="Please contact us next week",
    ),
    Rule(
        "yes.more_de",
        Category.INTERESTED,
        r"\b(?:(?:schick\w*|send\w*|lass\w*|lassen|zeig\w*)\b[\w ,-]{0,35}\b(?:mehr|infos?|informationen|unterlagen|details|praesentation|broschuere|material|rueber|zu|zukommen|her|beispiel\w*|referenz\w*|angebot)|klingt (?:\w+ )?(?:gut|spannend|interessant|super|toll|nach|vielversprechend|cool|lässig|laessig|leiwand|genial|fein|prima|sehr)|hoert sich (?:\w+ )?(?:gut|interessant|spannend)|(?:wir|ich) (?:sind|bin|waere\w*) (?:\w+ )?(?:interessiert|dabei|neugierig|offen)|(?:habe|haben|hab|haette|haetten) (?:wir |ich )?(?:grosses |grundsaetzlich |durchaus |schon |echtes |auf jeden fall |wirklich )?interesse|interesse (?:ist |waere )?(?:da|vorhanden|besteht|geweckt)|gern(?:e)? (?:mehr|naeher\w*|details|weitere)|mehr (?:darueber |davon |dazu )?(?:erfahren|wissen|hoeren|infos?)|erzaehl\w* (?:sie |mir |uns |gern )*mehr|ja,? (?:bitte|gern\w*|klar|passt)|neugierig|(?:genau )?das (?:richtige|was wir|suchen)|her damit|immer her|testen|ausprobieren|pilot\w*|trifft (?:genau |einen )?(?:den )?nerv)\b",
        example="Klingt spannend, schicken Sie mir gern mehr Infos.",
        counter="Klingt gut, ist aber nichts für uns",
        unless=r"\b(?:kein\w*|nicht|nichts|nie|zu gut|werbung|aber|bloss|leider|weder|bald|spaeter)\b",
    ),
    Rule(
        "yes.more_en",
        Category.INTERESTED,
        r"\b(?:(?:send|share|shoot|forward|tell|show|give)\b[\w ,'-]{0,30}\b(?:more|info\w*|details|deck|material\w*|over|one-?pager|case stud\w*|proposal|examples?|overview|demo)|sounds? (?:\w+ )?(?:good|great|interesting|promising|intriguing|cool|useful|fun|like)|(?:i'm|i am|we're|we are|very|definitely|quite|would be|'d be|am|are) (?:\w+ )?(?:interested|keen|curious|intrigued|open to|up for|in\b)|(?:would|'d) (?:love|like) to (?:know|learn|hear|see|try|explore|understand)|(?:learn|hear|know|find out) more|count me in|yes,? please|yes,? (?:definitely|sure|absolutely|let's)|go ahead|exactly what (?:we|i)|let's (?:do it|go|explore|try)|give it a (?:go|try)|try it|pilot|why not|you have my attention|piqued|on my radar|good timing)\b",
        example="Sounds interesting, please send me more details.",
        counter="Sounds good but it is not for us",
        unless=r"\b(?:not|no|don't|isn't|aren't|wasn't|never|but|too good|though|unfortunately|nothing|later)\b",
    ),
    Rule(
        "ask.price_de",
        Category.QUESTION,
        r"\b(?:was (?:kostet|kosten|wuerde|macht|verlang\w*)|wie ?viel|wieviel|wie teuer|preis\w*|kosten\b|konditionen|preisliste|preismodell|lizenz\w*|in welchem rahmen|kostenpunkt|laufzeit\w*|mindestlaufzeit|kuendigungsfrist)\b",
        example="Was kostet das denn?",
        counter="Das kostet uns zu viel Zeit",
        unless=r"kostet uns|zu teuer|zu hoch",
    ),
    Rule(
        "ask.price_en",
        Category.QUESTION,
        r"\b(?:how much|what(?:'s| is| are| does| would| do)\b[\w ']{0,30}\b(?:price|pricing|cost\w*|fee\w*|rate\w*)|pricing|price (?:list|range|point)|cost(?:s)? (?:per|for)|ballpark|contract (?:length|term)|minimum (?:term|commitment)|notice period|per (?:seat|user|month))\b",
        example="How much does it cost?",
        counter="It costs us too much time",
        unless=r"too (?:much|expensive|high)",
    ),
    Rule(
        "ask.open",
        Category.QUESTION,
        r"(?:\b(?:wie|was|welche\w*|wer|wo|woran|womit|wodurch|worin|gibt es|haben sie|habt ihr|hast du|koennen sie|kann (?:man|ihr|das)|ist (?:das|es|ihr)|laeuft|funktioniert|unterstuetz\w*|bieten|arbeiten sie|how|what|which|who|where|do you|does (?:it|this|your)|can (?:you|it|this)|is (?:it|this|there)|are you|have you|could you (?:explain|clarify|tell))\b.{0,200}\?)",
        example="Wie funktioniert die Anbindung an unser CRM?",
        counter="Passt. Danke",
    ),
    Rule(
        "ask.reference",
        Category.QUESTION,
        r"\b(?:referenz\w*|references?|case stud\w*|kundenbeispiel\w*|erfahrungswerte|wer (?:nutzt|arbeitet|steckt)|integration\w*|schnittstelle\w*|anbindung|api\b|gdpr[- ]complian\w*|dsgvo[- ]?konform\w*|hosting|server\w*|avv|support\b|onboarding|implement\w*|einfuehrung)\b",
        example="Gibt es Referenzen aus unserer Branche?",
        counter="Das Thema ist erledigt",
    ),
)
