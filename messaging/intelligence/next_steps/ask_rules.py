"""Rules of the ask grammar: words by what a person asks with them, each rule with an example and a counter-example.

Examples were received on Tuesday, 5 August 2025; `ask` is what the example asks for, the counter-example asks for something else.
"""

from dataclasses import dataclass

STOP = "stop"
LEGAL = "legal"
DECLINE = "decline"
NOW = "now"
REDIRECT = "redirect"
WRONG = "wrong person"
FORWARDED = "forwarded"
LATER = "later"
RETURNS = "returns"
CALL = "call"
MEET = "meet"
SEND = "send"
INTEREST = "interest"
NOT = "not"
ME = "me"
URGENT = "urgent"
AFTER = "after"
THANKS = "thanks"
TIME = "time"
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class AskRule:
    """`phrases`: separated by bars, folded (lower case, ae oe ue ss)."""

    id: str
    cue: str
    phrases: str
    example: str
    ask: str
    counter: str


RULES = (
    AskRule(
        "stop-de", STOP,
        "abmelden|austragen|abbestellen|abbestelle|aus dem verteiler|aus ihrem verteiler|vom verteiler|von ihrer liste|von der liste|aus der liste|aus ihrer liste|aus ihrer datenbank|keine weiteren mails|keine weiteren e-mails|keine weiteren nachrichten|keine weiteren anfragen|"
        "keine weiteren emails|keine mails mehr|keine e-mails mehr|keine emails mehr|keine nachrichten mehr|keine werbung|keine werbe mails|keine werbemails|keine weitere kontaktaufnahme|keinen weiteren kontakt|keine weiteren kontaktversuche|nicht mehr anschreiben|nicht mehr schreiben|nicht mehr kontaktieren|"
        "nicht mehr anrufen|nicht weiter anschreiben|nicht weiter kontaktieren|nie wieder|nie mehr|unterlassen|belaestigung|belaestigen|belaestigt|mich in ruhe|uns in ruhe|"
        "loeschen sie meine|meine daten loeschen|loeschen sie bitte|loeschung|loeschen sie mich|streichen sie|streichen|hoeren sie auf|schreiben sie mir nicht mehr|schreiben sie uns nicht mehr|nicht mehr melden|nicht mehr zu kontaktieren|nicht mehr zu schreiben|keine weiteren zuschriften|"
        "kontaktieren sie mich nicht|kontaktieren sie uns nicht|unaufgefordert|unerwuenschte werbung|widerspreche|widerspruch|sperren|blockiert|blockiere|verzichten sie|von weiteren mails|von weiteren anfragen|von weiteren kontaktaufnahmen|von weiteren nachrichten|von weiteren e-mails|keine mails|nicht mehr behelligen|verschonen|"
        "schreib mir nicht mehr|bitte entfernen|entfernen sie|entferne mich|entfernt mich|abzusehen|wird gemeldet|melde sie als|aufhoeren",
        "Bitte nehmen Sie mich aus dem Verteiler.", "never", "Bitte nehmen Sie Frau Meier in den Verteiler auf: meier@example.de",
    ),
    AskRule(
        "stop-en", STOP,
        "unsubscribe|unsubscribed|remove me|remove us|remove my|take me off|take us off|take my|opt out|opt me out|opting out|do not contact|don't contact|do not email|don't email|do not mail|don't write|do not write|stop emailing|stop contacting|stop sending|stop writing|stop|"
        "no more emails|no more mails|no more messages|no further emails|no further contact|leave me alone|cease and desist|cease|reported|report you|reporting|never contact|never email|delete my|delete me|delete them|delete our|delete all|erase my|spamming|spammer|unsolicited|harassment|harassing|"
        "blocking|block you|blocked|can-spam|can spam|off your list|off this list|from your list|from this list|from your mailing list|mailing list|not contact me|not email me|not to contact|not to be contacted|not wish to be contacted|not want to be contacted|lose my|fuck off|go away|f off|bugger off|quit emailing|"
        "stop bothering|don't message|do not message|don't ever|do not ever|not to receive|no longer wish to receive|don't want to receive|not want to receive|stop spamming|not receive any|not reach out again|don't reach out again|cease all|refrain from",
        "Unsubscribe please.", "never", "Our subscribers would like that. Could you send a quote?",
    ),
    AskRule(
        "stop-legal", LEGAL,
        "unterlassung|abmahnung|abmahnen|anwalt|rechtsanwalt|rechtliche schritte|dsgvo|ds gvo|datenschutzbehoerde|datenschutzbeauftragten|spam|uwg|einwilligung|gdpr|lawyer|legal action|attorney|data protection",
        "Das ist ein Verstoß gegen die DSGVO.", "never", "Ist Ihr Produkt DSGVO-konform?",
    ),
    AskRule(
        "decline-de", DECLINE,
        "kein interesse|keinerlei interesse|nicht interessiert|nicht von interesse|kein bedarf|keinen bedarf|keinerlei bedarf|nein danke|nicht relevant|nicht interessant|uninteressant|passt nicht zu uns|passt fuer uns nicht|passt leider nicht|brauchen wir nicht|nicht brauchen|benoetigen wir nicht|kommt nicht in frage|kommt nicht infrage|"
        "kommt fuer uns nicht in frage|kommt fuer uns nicht infrage|nicht in frage|nicht infrage|absagen|absage|abstand nehmen|sehen wir ab|verzichten|dagegen entschieden|gegen ihr angebot|nicht weiterverfolgen|nicht weiter verfolgen|nicht zusammenkommen|kein thema fuer uns|kein thema|nichts fuer uns|nichts fuer mich|nein|lehnen wir ab|lehne ab|ablehnen|"
        "nicht zu uns|keine verwendung|haben wir keinen|nicht gewuenscht|kein bedarfsfall|anderweitig entschieden|anders entschieden|fuer einen anderen anbieter entschieden|passt nicht",
        "Danke, aber wir haben kein Interesse.", "never", "Wir haben Interesse. Was kostet das?",
    ),
    AskRule(
        "decline-en", DECLINE,
        "not interested|no interest|no thanks|no thank you|not for us|not for me|we'll pass|i'll pass|will pass|have to pass|going to pass|gonna pass|hard pass|not a fit|not a good fit|not the right fit|no need|not relevant|don't need|do not need|not needed|not something we|not something i|decline|not looking for|not looking to|not in the market|nope|"
        "isn't for us|isn't a fit|isn't relevant|isn't something|no use for|not going to|not moving forward|won't be moving forward|not pursue|not proceed|not be proceeding|not a priority|pass on this|not considering|uninterested|not of interest|not be interested|went with another|decided against|gone with another|chosen another",
        "Thanks, but we're not interested.", "never", "We are interested. What does it cost?",
    ),
    AskRule(
        "at-present", NOW,
        "derzeit|aktuell|momentan|im moment|zurzeit|zur zeit|gerade|vorerst|im augenblick|gegenwaertig|dieses jahr|heuer|in diesem jahr|jetzt|this year|at the moment|right now|currently|at present|for now|at this time|presently|this quarter|just now|at this stage|at this point|dieses quartal",
        "Aktuell kein Bedarf, melden Sie sich gern im Oktober wieder.", "wait_until", "Grundsätzlich kein Bedarf.",
    ),
    AskRule(
        "redirect-de", REDIRECT,
        "wenden sie sich|wenden sie sich bitte|bitte wenden|wende dich|wendet euch|richten sie ihre|richten sie|schreiben sie bitte an|schreiben sie an|schreiben sie ihr|schreiben sie ihm|schreiben sie lieber|schreiben sie doch|melden sie sich bitte bei|melden sie sich bei|melden sie sich doch bei|melden sie sich am besten bei|melden sie sich direkt bei|melden sie sich lieber bei|melde dich bei|melde dich am besten bei|"
        "kontaktieren sie bitte|kontaktieren sie|kontaktiere|ansprechpartner ist|ansprechpartnerin ist|ansprechpartner waere|ansprechpartnerin waere|richtige ansprechpartner|richtige ansprechpartnerin|richtiger ansprechpartner|ansprechperson|zustaendig ist|zustaendig sind|ist zustaendig|zustaendig waere|zustaendige|zustaendiger|ist dafuer zustaendig|ist hierfuer zustaendig|zustaendig|"
        "kuemmert sich|betreut|verantwortet|verantwortlich|entscheidet|macht bei uns|ist bei uns|liegt bei|sprechen sie bitte mit|sprechen sie mit|sprechen sie am besten mit|fragen sie|frag mal|am besten an|besser an|gerne an|direkt an|lieber an|nachfolger|nachfolgerin|nachfolge|uebernommen|in kopie|in cc|uebernimmt|laeuft ueber|laeuft bei uns ueber|meine kollegin|mein kollege|meinen kollegen|meiner kollegin|meinem kollegen|"
        "einkauf bei|richtig bei|ansprechpartner|ansprechpartnerin|bearbeitet|leitet|weiterhelfen kann|hilft ihnen|an die kollegin|an den kollegen|ihre ansprechpartnerin|ihr ansprechpartner|adressieren sie|zu adressieren",
        "Bitte wenden Sie sich an Frau Meier (meier@example.de).", "ask_other", "Bitte wenden Sie sich im Oktober nochmal an mich.",
    ),
    AskRule(
        "redirect-en", REDIRECT,
        "please contact|contact|reach out to|please reach out to|get in touch with|speak to|speak with|talk to|talk with|ask for|you want to contact|best person|right person|right contact|correct contact|better contact|better person|is responsible|are responsible|is in charge|in charge of|handles|handle this|looks after|takes care|taking care|"
        "please email|email|write to|send it to|send this to|send that to|forward it to|forward this to|direct your|direct this to|refer to|my colleague|my coworker|my boss|copied|cc'ing|cc'd|ccing|in cc|looping in|loop in|looped in|adding|introducing|replaced by|successor|taken over|has taken over|took over|point of contact|decision maker|decides|decision lies|sits with|owned by|runs|manages|try|please ask|is the one|that would be|that is|that's|goes through|addressed to|address this to|the person to|is your contact|would be the person",
        "Please contact Anna Bauer at anna.bauer@example.com.", "ask_other", "Please contact me again in October.",
    ),
    AskRule(
        "wrong-person", WRONG,
        "nicht zustaendig|nicht der richtige|nicht die richtige|falscher ansprechpartner|falsche ansprechpartnerin|der falsche|die falsche|falschen ansprechpartner|falsche adresse|nicht mein bereich|nicht mein thema|nicht mein fachgebiet|nicht in meinen bereich|nicht verantwortlich|nicht in meinem bereich|nicht mehr bei|nicht mehr fuer|nicht mehr im unternehmen|nicht mehr taetig|falsch bei mir|bei mir falsch|"
        "gewechselt|verlassen|ausgeschieden|in rente|falsche person|not the right person|not the right contact|wrong person|not responsible|not my area|not my department|no longer with|no longer work|no longer works|no longer at|left the company|not in charge|not involved|don't handle|do not handle|not the best person|not the correct person|wrong contact|not the decision maker|don't deal with|do not deal with|retired|moved on|not my responsibility|not my remit|changed roles|changed jobs|has left|have left",
        "Ich bin dafür nicht zuständig.", "ask_other", "Ich bin dafür zuständig, was kostet das?",
    ),
    AskRule(
        "forwarded", FORWARDED,
        "weitergeleitet|leite ich weiter|leite das weiter|leite es weiter|leite sie weiter|weiterleiten|gebe ich weiter|gebe das weiter|gebe es weiter|weitergegeben|forwarded|forwarding|passed it on|passed this on|passed on|passing this on|passing it on|pass it on|pass this on|pass this along|passed along|will forward|shared it with|shared this with|shared internally",
        "Ich habe Ihre Mail intern weitergeleitet, der Kollege meldet sich bei Interesse.", "none", "Bitte leiten Sie mir die Unterlagen weiter, danke!",
    ),
    AskRule(
        "later-de", LATER,
        "melden sie sich|melde dich|meldet euch|melden sie sich gerne|melden sie sich bitte|melden sie sich gern|kommen sie|komm|auf uns zu|auf mich zu|nicht vor|erst|erst ab|erst wieder|fruehestens|spaeter|spaeteren zeitpunkt|wieder auf|nochmal|nochmals|noch einmal|noch mal|erneut|wieder|vertagen|verschieben|zurueckstellen|wiedervorlage|schreiben sie mir|schreiben sie uns|"
        "fragen sie nochmal|fragen sie wieder|fragen sie|fragen sie gerne|haken sie|hoeren sie|nachfassen|nachhaken|rueckfrage|budget|budgets|budgetplanung|gedulden|geduld|warten|abwarten|nach hinten|reden wir|schauen wir|planen wir|starten wir|beginnen wir|wieder aufgreifen|aufgreifen|wiederkommen|kontaktieren sie mich|kontaktieren sie uns|kontaktiere mich|anschreiben|entscheiden wir|sprechen wir|neue planung|passt besser|passender|guenstiger|besser",
        "Melden Sie sich bitte im Oktober wieder.", "wait_until", "Melden Sie sich bitte kurz mit Preisen.",
    ),
    AskRule(
        "later-en", LATER,
        "reach out again|get in touch|reach back out|reach out|reach out to me|get back to me|get back to us|come back to me|come back to us|come back|circle back|check back|check in|check in again|try again|try me again|try us again|follow up|follow up with me|follow back up|not before|not until|later|touch base|ping me|ping us|revisit|contact me again|contact us again|contact me|contact us|write again|write to me|email me|"
        "ask again|ask me again|again|reconnect|talk again|postpone|on hold|put on hold|after|starting|wait|hold off|budget|budgets|budget cycle|reopen|pick this up|pick it up|pick up|look at this again|look into this|look at it|timing|busy|tied up|swamped|next year|remind me|drop me|drop me a line|nudge me|give me a nudge|message me|hit me up|bump this|resurface|back on|park this|shelve|revisiting|reassess|evaluate",
        "Reach out again in October.", "wait_until", "Reach out to Anna at anna@example.com.",
    ),
    AskRule(
        "returns", RETURNS,
        "ich melde mich|melde ich mich|melden wir uns|wir melden uns|melde mich|melden uns|komme auf sie zu|kommen auf sie zu|komme ich auf sie zu|kommen wir auf sie zu|gebe bescheid|gebe ihnen bescheid|gebe ihnen|gebe dir|geben bescheid|gebe dir bescheid|geben ihnen bescheid|gebe ich ihnen bescheid|schaue es mir an|schaue mir das an|schaue es an|sehe es mir an|pruefe|pruefen das|pruefen wir|wir pruefen|bespreche|besprechen das|komme darauf zurueck|kommen darauf zurueck|rufe sie an|rufe an|antworte ihnen|sehe mir das an|"
        "meldet sich|melden sich bei ihnen|melde ich mich bei|wird sich melden|wuerde mich melden|wuerden uns melden|werde mich melden|werden uns melden|werden wir uns melden|werde ich mich melden|kommt auf sie zu|kommen wir darauf zurueck|ueberlege|ueberlegen|denke darueber nach|"
        "i'll get back|i will get back|we'll get back|we will get back|get back to you|i'll be in touch|be in touch|i'll let you know|let you know|come back to you|i'll reach out|will reach out|i'll contact you|will contact you|we'll contact you|i'll think|think about it|i'll review|i'll look|i'll take a look|take a look|will review|i'll check|will check|i'll discuss|will discuss|i'll call you|i will call you|i'll ring you|will revert|i'll revert|i'll circle back|i'll follow up|we'll reach out|we'll be in touch|i'll come back|we'll let you know|keep you posted|keep it in mind|keep you in mind|keep your details|i'll reply|i will reply|will respond|i'll respond|i'll email you|i'll write|i'll ping you|i'll send you|i'll read|we'll review|we'll check|we'll look|we'll discuss|i'll share|we'll consider|i'll consider|we will consider|i'll pass it|we'll evaluate|schaue mir|schaue ich mir|schaue es mir|sehe mir|schauen uns|sehen uns|schauen es uns an|schauen uns das an|sehen es uns an|sehen uns das an",
        "Danke, ich melde mich.", "none", "Danke, bitte melden Sie sich mit Preisen und Referenzen.",
    ),
    AskRule(
        "call-de", CALL,
        "anrufen|rufen sie|rufen sie mich|ruf mich|rufst|ruft mich|rufen|anruf|rueckruf|zurueckrufen|zurueckruf|telefonieren|telefonat|telefonisch|telefontermin|telefon|telefonieren wir|telefonnummer|durchklingeln|klingeln sie|klingel|klingeln|call|calls|teams call|teams termin|videocall|video call|videotermin|videokonferenz|zoom|teams|erstgespraech|gespraech|gespraechstermin|kurzes gespraech|durchrufen|anklingeln|anlaeuten|laeuten|telefonnr|kennenlernen|unterhalten|austauschen|austausch|kurz sprechen|persoenlich sprechen|sprechen",
        "Rufen Sie mich am Dienstag an.", "call", "Bitte nicht anrufen, schicken Sie mir die Unterlagen.",
    ),
    AskRule(
        "call-en", CALL,
        "call me|give me a call|give me a ring|give me a buzz|ring me|phone me|a call|quick call|phone call|intro call|call on|call in|call next|call tomorrow|calls|call this|ring|phone|hop on|jump on|get on|zoom|google meet|teams|teams call|let's talk|let's speak|let's chat|let's discuss|chat|talk|speak|discuss|conversation|discovery call|dial|buzz me|call us|call our|call at|call my|catch up|call after|call before|call back|call|video",
        "Give me a call on Tuesday.", "call", "Please don't call, send me the details instead.",
    ),
    AskRule(
        "meet", MEET,
        "termin|terminvorschlag|terminvorschlaege|treffen|treffen wir uns|meeting|meet|demo|vorfuehrung|praesentation|praesentieren|vorstellen|vorbeikommen|vorbei|besuch|appointment|slot|slots|schedule|book|calendar|kalender|kalenderlink|einladung|invite|invitation|calendly|time to meet|zeitfenster|online termin|onlinetermin|in person|presentation|walk us through|walk me through|show us|show me|zeigen sie|kalendereinladung|besprechungsanfrage",
        "Am Donnerstag um 10 Uhr passt ein Termin gut.", "call", "Schicken Sie mir bitte Ihren Kalenderlink.",
    ),
    AskRule(
        "send", SEND,
        "schicken|schicken sie|schick mir|schickst|senden|senden sie|zusenden|zuschicken|uebermitteln|uebersenden|lassen sie mir|lass mir|zukommen|mailen sie|unterlagen|infos|informationen|infomaterial|broschuere|preise|preis|preisliste|kosten|kostet|konditionen|angebot|referenzen|referenz|details|beispiele|fallstudien|datenblatt|muster|link|erklaeren|erlaeutern|bitte um|bitte ich um|bitten um|beantworten|antworten sie|erzaehlen|erzaehl|teilen sie|mehr erfahren|mehr informationen|mehr infos|mehr details|"
        "genauer|konkret|was genau|wie genau|nennen sie|nenn mir|brauche ich|brauchen wir|benoetige|benoetigen|skizzieren|rueckmeldung|klaeren|gerne mehr|vorschlag|vorschlaege|"
        "send|send me|send us|send over|share|forward me|email me the|provide|pricing|price|prices|cost|costs|quote|case studies|case study|references|information|more info|info|details|tell me|tell us|explain|brochure|deck|proposal|could you|can you|would you|let me know|one pager|one-pager|examples|example|materials|clarify|elaborate|rates|rate card|data sheet|need to know|like to know|want to know|documentation|sample",
        "Schicken Sie mir bitte Unterlagen.", "reply", "Danke für die Unterlagen.",
    ),
    AskRule(
        "interest", INTEREST,
        "interessiert|interessant|interesse|spannend|klingt gut|klingt super|klingt|hoert sich gut|gerne|gern|ja|offen|einverstanden|sehr gut|passt|interested|interesting|sounds good|sounds great|sounds interesting|sounds|yes|sure|happy to|love to|keen|intrigued|yep|yeah|absolutely|i'd like|we'd like|curious|good idea|great|open to",
        "Klingt interessant!", "reply", "Interesse haben wir leider keins. Kein Bedarf.",
    ),
    AskRule(
        "not", NOT, "nicht|kein|keine|keinen|keiner|keinem|not|no|don't|do not|won't|never|nie|bitte nicht|without|ohne|can't|cannot|statt|instead of|rather than|isn't|keinesfalls|weder",
        "Bitte nicht anrufen, schicken Sie lieber ein Angebot.", "reply", "Bitte anrufen.",
    ),
    AskRule(
        "me", ME, "mich|mir|uns|me|us|bei mir|an mich|an uns|auf mich|auf uns|to me|to us|with me|with us",
        "Melden Sie sich im Oktober bei mir.", "wait_until", "Melden Sie sich bei Frau Meier.",
    ),
    AskRule(
        "urgent", URGENT, "dringend*|in dringenden faellen|notfall|notfaellen|urgent|urgently|emergency|emergencies|waehrend meiner abwesenheit|in meiner abwesenheit|in my absence|during my absence|while i am away|while i'm away|bis dahin|in the meantime|in der zwischenzeit",
        "Ich bin bis 14.8. im Urlaub. In dringenden Fällen: zentrale@example.de", "wait_until", "Bitte wenden Sie sich an zentrale@example.de.",
    ),
    AskRule(
        "afterwards", AFTER, "danach|anschliessend|afterwards|after that|thereafter|nach meinem urlaub|nach meiner rueckkehr|nach dem urlaub|when i'm back|when i am back|when i return|once i'm back|once i am back|once i return|wenn ich zurueck bin|sobald ich zurueck bin|wenn ich wieder da bin",
        "Ich bin bis 14.8. im Urlaub. Melden Sie sich danach.", "wait_until", "Schicken Sie erst die Preise, danach sehen wir weiter.",
    ),
    AskRule(
        "neutral", NEUTRAL,
        "vielen dank fuer ihren anruf|vielen dank fuer das gespraech|danke fuer das gespraech|danke fuer den anruf|danke fuer ihren anruf|danke fuer ihre unterlagen|danke fuer die unterlagen|danke fuer die infos|danke fuer die informationen|danke fuer ihr angebot|vielen dank fuer ihr angebot|danke fuer ihr interesse|danke fuer ihre nachricht|danke fuer die nachricht|danke fuer ihre e-mail|danke fuer ihre mail|vielen dank fuer ihre mail|"
        "vielen dank fuer ihre e-mail|vielen dank fuer ihre nachricht|vielen dank fuer die infos|vielen dank fuer die informationen|vielen dank fuer die unterlagen|danke fuer die rueckmeldung|vielen dank fuer die rueckmeldung|vielen dank fuer das angebot|danke fuer das angebot|thanks for reaching out|thank you for reaching out|thanks for your email|thank you for your email|thanks for the info|thank you for the information|thanks for the information|thanks for sending|thank you for sending|thanks for sharing|"
        "thanks for your message|thank you for your message|thanks for your call|thanks for the call|thanks for following up|thank you for following up|thanks for the follow up|thanks for the email|thanks for the quote|thank you for the quote|thanks for the offer|thanks for your interest|thank you for your interest|thanks for contacting|thank you for contacting|thanks for getting in touch|thank you for getting in touch|thanks for the reminder|for your patience|call center|callcenter|cold call|cold calls|kaltakquise|so called|so-called|of course|interest rate|"
        "not sure|nicht sicher|no problem|kein problem|kein thema wir|warum nicht|why not|not only|nicht nur|not yet|noch nicht|nicht schlecht|not bad|per email|via email|by email|spam ordner|spam folder|spamordner|im spam gelandet|went to spam|in my spam|keine ahnung|no idea|nicht dazu gekommen|nicht gesehen|nicht geschafft|nichts dagegen|nicht abgeneigt|free trial|free of charge|testzugang|trial|rate gerne|frage|fragen|team|interessenten|aktuelle|informiert|erst einmal danke|non stop|nonstop|one stop|stop by|stopp|don't stop|kommen sie aus|stellen sie|keine eile|no rush|kein stress|no worries|keine frage",
        "Danke für Ihr Angebot.", "none", "Was kostet Ihr Angebot?",
    ),
)  # fmt: skip
