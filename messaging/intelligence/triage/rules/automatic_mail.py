"""Triage rules for mail that only software sends: bounces, receipts, tickets, challenges."""

from ..classes import Category
from .rule import Rule

FIRST_PERSON = r"\b(?:ich|mich|mir|mein\w*|i|i'm|i'll|i've|i'd|my|me)\b"
"""A person speaks of herself; software speaks of "we" or of nobody."""

ANSWERS = (
    r"\b(?:interess\w*|bedarf|budget|leider (?:kein|nicht|muessen)|nicht (?:noetig|relevant|passend)|unfortunately|no need|not (?:looking|relevant|for us)|"
    r"happy to|would love|gern\w* (?:mehr|einen|ein)|klingt|sounds|angebot (?:ist|passt)|zu teuer|too expensive)\b"
)
"""Words of people who answer an offer."""

PROMISES = (
    r"\b(?:melden uns|meldet sich|kuemmer\w*|bearbeit\w*|beantwort\w*|get back to you|gets back to you|be in touch|in touch with you|respond|reply to you|"
    r"(?:be|is|are) (?:answered|processed|handled|dealt with|reviewed)|werktag\w*|arbeitstag\w*|(?:business|working) days?|schnellst\w*|so (?:schnell|bald) wie|"
    r"as soon as|as (?:fast|quickly) as|innerhalb|binnen|within|in kuerze|shortly|reihenfolge|in order|geduld|patience|bear with us|verbindung setzen)"
)
REFERENCE = r"(?:nr\.?|nummer|vorgangsnummer|ticketnummer|ticket-?id|aktenzeichen|geschaeftszahl|zeichen|az\.?|no\.?|number|case number|reference|ref\.?|ticket number|id)"
CONTACT_DE = r"(?:nachricht|e-?mail|mail|anfrage|anliegen|schreiben|zuschrift|eingabe|mitteilung|meldung|rueckmeldung)"
CONTACT_EN = (
    r"(?:message|e-?mail|mail|enquiry|inquiry|request|letter|submission|report|query|matter|feedback|application)"
)
PARCEL = r"\b(?:paket|parcel|muster|sample|ware\b|goods|prospekt|brochure|lieferung|shipment)"

RULES = (
    Rule(
        "bounce.failed",
        Category.AUTO_REPLY,
        rf"(?:\bundeliver(?:able|ed)\b|\bunzustellbar\w*|\bnicht zustellbar|\bdelivery (?:status notification|has failed|failed|delayed|incomplete)|\bmail delivery (?:failed|system|subsystem)|\bmailer-?daemon|\bzustellung (?:fehlgeschlagen|verzoegert|gescheitert|nicht moeglich)|\b(?:{CONTACT_DE}|{CONTACT_EN})\b[\w ,'-]{{0,40}}\b(?:konnte\w*|could not|couldn't|cannot|can't|wasn't|was not|hasn't been|not yet been)\b[\w ,'-]{{0,40}}\b(?:zugestellt|delivered)|\bnoch nicht zustellen\b|\bto deliver your message|\b(?:user|recipient|mailbox|empfaenger|adressat)\b[\w ,'-]{{0,20}}\b(?:unknown|not found|wasn't found|does not exist|nicht gefunden|unbekannt|existiert nicht)|\b(?:mailbox|inbox|postfach)\b[\w ,'-]{{0,25}}\b(?:is full|ist voll|over quota|ueberfuellt)|\b55[0-4][ -]5\.\d\.\d|\breturned to (?:you|sender)\b|\ban den absender zurueck|\ban sie zurueckg)",
        example="Ihre Nachricht konnte nicht zugestellt werden.",
        counter="Ihr Paket konnte nicht zugestellt werden, schicken Sie es noch einmal?",
        unless=rf"{PARCEL}|{FIRST_PERSON}|undeliverable\?|unzustellbar\?",
        where="mail",
        decides=True,
        sender="mail_server",
    ),
    Rule(
        "bounce.receipt_subject",
        Category.AUTO_REPLY,
        r"^\W*(?:gelesen|nicht gelesen|read|not read|uebermittelt|relayed|zugestellt|delivered|undeliverable|unzustellbar|empfangsbestaetigung|eingangsbestaetigung|receipt)\s*:",
        example="Gelesen: Ihr Vorschlag",
        counter="Gelesen und für gut befunden",
        where="subject",
        decides=True,
        sender="mail_server",
    ),
    Rule(
        "bounce.read_or_deleted",
        Category.AUTO_REPLY,
        r"\b(?:wurde ungelesen geloescht|was deleted without being read|(?:nachricht|message) (?:an|to) [\w .@-]{2,60} (?:wurde|was)\b[\w ,.:-]{0,60}\b(?:gelesen|read)\b|uebermittlungsbestaetigung|no delivery notification)",
        example="Your message was deleted without being read on Tuesday.",
        counter="I deleted the file before I had read it",
        where="mail",
        decides=True,
        sender="mail_server",
    ),
    Rule(
        "machine.numbered",
        Category.AUTO_REPLY,
        rf"\b(?:(?:{CONTACT_DE}|{CONTACT_EN}|sie|it|wir|we)\b[\w ,'-]{{0,40}}\b(?:unter|under|as|als)\b (?:der |dem |the )?{REFERENCE}[\w :#./-]{{0,30}}\b(?:registriert|erfasst|gefuehrt|aufgenommen|angelegt|gespeichert|bearbeitet|registered|recorded|logged|kept|filed)|(?:registriert|erfasst|gefuehrt|aufgenommen|angelegt|registered|recorded|logged|kept|filed|handled)\b[\w ,'-]{{0,15}}\b(?:unter|under|as|als)\b (?:der |dem |the )?{REFERENCE})",
        example="Ihre Anfrage wurde unter Nr. 4711 registriert.",
        counter="Unsere Firma ist unter der Nummer 4711 im Handel bekannt",
        unless=r"\b(?:handelsregister|ico|patent|marke)\b",
        where="mail",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.ticket_state",
        Category.AUTO_REPLY,
        r"\b(?:ticket|vorgang|case|incident|service request|support request)\b[\w ,.#()'-]{0,40}\b(?:eroeffnet|angelegt|erstellt|geschlossen|aktualisiert|geloest|opened|created|closed|updated|resolved|assigned|zugewiesen|zugeordnet)\b|\b(?:mail|e-?mail|message|nachricht|anfrage|anliegen|request|enquiry|letter|schreiben)\b[\w ,'-]{0,25}\b(?:automatically|automatisch|sachbearbeitung|section|department|abteilung|category|kategorie|stelle)\b[\w ,'\"-]{0,30}\b(?:assigned|allocated|zugewiesen|zugeordnet|uebermittelt)\b|\b(?:will be|was|wurde|wird)\b[\w ,]{0,30}\b(?:assigned|allocated|passed|zugewiesen|zugeordnet|uebermittelt)\b[\w ,]{0,25}\b(?:section|department|category|kategorie|abteilung|stelle|sachbearbeitung)\b",
        example="Ihr Ticket wurde automatisch geschlossen.",
        counter="Ich habe bei euch ein Ticket eröffnet und nie etwas gehört",
        unless=FIRST_PERSON,
        where="mail",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.unread_mailbox",
        Category.AUTO_REPLY,
        r"\b(?:postfach|mailbox|inbox|e-?mail-?konto|konto|account|mail-?adresse|e-?mail-?adresse|adresse|address)\b[\w ,@.'-]{0,50}\b(?:nicht (?:mehr |laufend |rund um die uhr |regelmaessig )?(?:abgerufen|gelesen|betreut|besetzt|ueberwacht|abgefragt)|deaktiviert|stillgelegt|no longer (?:monitored|read|checked|in use)|not (?:monitored|checked|staffed|read)|isn't (?:monitored|checked|staffed|read)|deactivated|reaches? nobody|niemanden mehr|unbeaufsichtigt|unattended)|\b(?:nachrichten|e-?mails?|mails?|messages|replies|antworten)\b[\w ,@.'-]{0,40}\b(?:werden (?:ungelesen|nicht gelesen|automatisch geloescht)|liest niemand|(?:are|is|will be) (?:deleted|discarded|not read)|aren't read)|\bnobody reads\b[\w ]{0,20}\bthis address",
        example="Dieses Postfach wird nicht mehr abgerufen.",
        counter="Ich habe Ihre Adresse nicht mehr gelesen, wie lautet sie?",
        unless=rf"\bspam\b|{FIRST_PERSON}",
        never=r"\b(?:elternzeit|urlaub|krank\w*|leave|sick|ill|vacation|holiday|ausgeschieden|verlassen|left|retire\w*|ruhestand|ausgetreten|austritt)\b",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.purpose",
        Category.AUTO_REPLY,
        r"\b(?:(?:postfach|mailbox|inbox|adresse|address|system|kanal|channel|konto)\b[\w ,'-]{0,20}\b(?:verarbeitet|nimmt|processes|accepts|only|nur|ausschliesslich)\b[\w ,'-]{0,25}\b(?:rechnung\w*|invoices?|bewerbung\w*|applications?|pdf\w*|bestellung\w*|orders?)|(?:kein|no)\b[\w ]{0,15}\b(?:rechnungsdokument|invoice document|usable attachment|verwertbaren anhang)|(?:mailfilter|mail filter)\b[\w ,'-]{0,40}\b(?:zurueckgehalten|blockiert|held|blocked)|(?:held back|blocked) by\b[\w ]{0,15}\bfilter)",
        example="This mailbox only processes invoices in PDF format.",
        counter="Can your system process invoices?",
        unless=r"\?|\b(?:ihr|your) (?:system|tool)",
        where="mail",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.thanks_and_promise",
        Category.AUTO_REPLY,
        rf"\b(?:(?:vielen dank|danke\w*|besten dank|herzlichen dank|thank you|thanks|thx) (?:fuer|for) (?:(?:ihre?|deine?|eure?|die|your|the) (?:\w+ )?(?:{CONTACT_DE}|{CONTACT_EN}|interesse|interest|kontaktaufnahme|vorschlag|pitch\w*)|contacting|writing|getting in touch|reaching out|pitching)\b|(?:wir haben|we have|we've)\b[\w ]{{0,20}}\b(?:ihre?|deine?|eure?|your)\b[\w ]{{0,15}}\b(?:erhalten|bekommen|{CONTACT_EN})|(?:{CONTACT_DE}|{CONTACT_EN})\b[\w ,]{{0,25}}\b(?:ist da|ist bei uns|angekommen|eingelangt|eingegangen|arrived|reached us|is in\b|has come in|received|docked))",
        example="Thank you for contacting us. Someone from our team will be in touch within two working days.",
        counter="Thanks for your mail. We have no need for this, our team will get back to you if that changes",
        also=PROMISES,
        never=rf"{FIRST_PERSON}|{ANSWERS}|\?",
        decides=True,
    ),
    Rule(
        "machine.thanks_alone",
        Category.AUTO_REPLY,
        rf"\b(?:ihre?|deine?|eure?|your)\b[\w -]{{0,20}}\b(?:{CONTACT_DE}|{CONTACT_EN})\b[\w ,]{{0,40}}\b(?:eingegangen|eingelangt|eingetroffen|angekommen|has been received|was received|has arrived|arrived|has come in|reached (?:us|our|the)|zugewiesen|gespeichert|was saved|submitted|uebermittelt)\b|\b(?:acknowledge|confirm|bestaetigen)\b[\w ]{{0,20}}\b(?:receipt|eingang)",
        example="Ihre Zuschrift ist eingegangen.",
        counter="Ihre Mail ist angekommen, ich lese sie morgen",
        never=rf"{FIRST_PERSON}|{ANSWERS}|\?",
        where="mail",
        decides=True,
    ),
    Rule(
        "machine.high_volume",
        Category.AUTO_REPLY,
        r"\b(?:(?:aussergewoehnlich|ungewoehnlich|sehr|exceptionally|unusually|very) (?:viele|hohe\w*|high|large)\b[\w ]{0,20}\b(?:anfragen|nachrichten|aufkommen|number|volume)|hohe\w* (?:anfrage|mail)aufkommen|high (?:volume|number) of (?:enquiries|inquiries|e-?mails|messages|requests)|(?:antwortzeit|bearbeitungszeit|response time|processing time|waiting time|wartezeit)\w*\b[\w ,:'-]{0,30}\b\d|wartenummer|in the queue|position in (?:our|the) queue)",
        example="Die Antwortzeit liegt bei etwa 10 Arbeitstagen.",
        counter="Wie hoch ist Ihre Antwortzeit im Support?",
        unless=rf"\?|{FIRST_PERSON}",
        where="mail",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.opening_hours",
        Category.AUTO_REPLY,
        r"\b(?:(?:oeffnungszeiten|geschaeftszeiten|servicezeiten|buerozeiten|sprechzeiten|telefonsprechstunde|telefonzeiten|opening hours|office hours|business hours|opening times|phone lines)\b|(?:ist|sind|is|are|you can reach us|sie erreichen uns|erreichen sie uns)\b[\w ,:–-]{0,30}\b(?:mo|montags?|mon|mondays?|taeglich|daily|werktags|weekdays|on weekdays)\b[\w ,:–-]{0,30}\b(?:geoeffnet|besetzt|open|staffed|von \d|from \d|\d{1,2}(?:[:.]\d{2})? ?(?:-|bis|to|am|pm|uhr)))",
        example="Unsere Bürozeiten: Mo–Fr 8:00–12:00 Uhr.",
        counter="Ich bin montags von 9 bis 12 am Platz, rufen Sie an",
        never=rf"{FIRST_PERSON}|{ANSWERS}|\?|\b(?:passt|suits|termin vorschlag\w*|treffen|kommen sie|pop in|call us back)\b",
        decides=True,
    ),
    Rule(
        "machine.new_sender",
        Category.AUTO_REPLY,
        r"\b(?:(?:zum ersten mal|erstmals|erstmalig|first time)\b[\w ,-]{0,60}\b(?:konto|account|adresse|address|schreiben|writ\w+)|(?:neue|new|unknown|unbekannte) (?:absender|senders?)\b|(?:wartet|waiting|awaits|held|liegt)\b[\w ,-]{0,30}\b(?:freigabe|quarantaene|quarantine|approval|moderator\w*)|(?:geprueft|review\w*|pruefung)\b[\w ,-]{0,30}\b(?:freigegeben|releas\w*)|moderator (?:geprueft|will review|approval)|schreibrechte|permission to post|loesen sie\b[\w ]{0,20}\baufgabe|rechenaufgabe|solve this)",
        example="Ihre Nachricht an die Liste wartet auf die Freigabe durch den Moderator.",
        counter="Das Angebot wartet auf die Freigabe durch unseren Chef",
        unless=r"\b(?:chef\w*|boss|budget|angebot|vorstand|board approval|management)\b",
        where="mail",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.portal_only",
        Category.AUTO_REPLY,
        r"\b(?:(?:nur|ausschliesslich|only|solely|exclusively)\b[\w ,'-]{0,30}\b(?:ueber|through|via|by|by means of)\b[\w ,'-]{0,25}\b(?:portal|\w*formular|form|buergerkonto|account|website|webseite)|(?:through|via|ueber)\b[\w ,'-]{0,25}\b(?:portal|form|account|formular|lieferantenportal|buergerkonto)\b[\w ,'-]{0,8}\b(?:only|entgegen|moeglich)|new suppliers (?:apply|register)|neue lieferanten (?:bewerben|registrieren)|register there|unaufgefordert (?:zugesandte|eingesandte)|unverlangt (?:zugesandte|eingesandte)|unsolicited (?:offers|manuscripts|proposals) (?:are|will|cannot))",
        example="Lieferantenanfragen nehmen wir nur über unser Lieferantenportal entgegen.",
        counter="Geht das nur über Ihr Portal oder auch per Schnittstelle?",
        unless=r"\?",
        never=FIRST_PERSON,
        decides=True,
    ),
    Rule(
        "machine.assistant",
        Category.AUTO_REPLY,
        r"\b(?:ich bin|i am|i'm|hier ist|this is)\b[\w ,.'-]{0,40}\b(?:chatbot|(?:virtuelle\w*|digitale\w*|virtual|digital|automated) (?:assistent\w*|assistant|agent))\b",
        example="Hallo, ich bin Lotte, die digitale Assistentin der Sparkasse.",
        counter="Ist Ihr Chatbot auf Deutsch verfügbar?",
        where="mail",
        decides=True,
        sender="software",
    ),
    Rule(
        "machine.made_by_software",
        Category.AUTO_REPLY,
        r"\b(?:automatisch (?:generiert\w*|erstellt\w*|erzeugt\w*|versendet\w*|versandt\w*|verschickt\w*|beantwortet\w*)|maschinell (?:erstellt|erzeugt)|automatically (?:generated|sent|created|produced)|(?:generated|sent|produced|created) (?:automatically|by machine)|auto-?(?:generated|antwort|reply|responder)|automatische[rn]? (?:hinweis|bestaetigung|nachricht|antwort|eingangsbestaetigung)|automated (?:message|response|reply|notice|e-?mail|acknowledg\w*)|automatic (?:notice|response|confirmation|acknowledg\w*|message|reply)|mail server software|mailserver-software|receiving this message automatically|erhalten sie automatisch)",
        example="Diese Nachricht wurde automatisch erzeugt.",
        counter="Keine Sorge, das ist keine automatische Antwort",
        unless=r"\b(?:kein\w*|not|no|isn't|ihre?|eure?|your)\b",
        where="mail",
        sender="software",
    ),
    Rule(
        "machine.subject_automatic",
        Category.AUTO_REPLY,
        r"^\W*(?:auto(?:matische|matic|mated|m\.)?[- ]?(?:antwort|reply|response|answer|bestaetigung)\b|auto:|autoreply|auto-reply|abwesenheitsnotiz|out of office\b|abwesenheitsassistent)",
        example="Automatische Antwort: Zusammenarbeit",
        counter="Automatisierung Ihrer Buchhaltung",
        where="subject",
        sender="software",
    ),
    Rule(
        "machine.shared_address",
        Category.AUTO_REPLY,
        r"\b(?:(?:funktionsadresse|sammelpostfach|role address|shared (?:mailbox|inbox)|zentraler? (?:eingang|posteingang))\b|(?:nicht|not) (?:mehrfach|more than once|einzeln) (?:senden|send)|(?:don't|do not) send\b[\w ]{0,20}\bmore than once|mehrfachem senden|individual answer isn't possible|individuelle antwort ist|einzeln beantworten koennen|kanal nicht erteilt|through this channel|freitext)",
        example="Diese Funktionsadresse leitet eingehende Post automatisch weiter.",
        counter="Schreiben Sie mir lieber direkt",
        never=FIRST_PERSON,
        where="mail",
        decides=True,
    ),
)
