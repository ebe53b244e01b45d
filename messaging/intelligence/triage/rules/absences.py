"""Triage rules for absence notes by kind, and for people who left their company."""

from ..classes import Category
from .automatic_mail import ANSWERS, FIRST_PERSON
from .machines import LEFT_COMPANY_DE, LEFT_COMPANY_EN
from .rule import Rule

SPEAKER = r"(?:ich|i|i'm|i'll|i've|bin|mich|mein\w*|my|mir)"
GONE = rf"\b{LEFT_COMPANY_DE}|\b{LEFT_COMPANY_EN}|nicht (?:mehr|laenger) (?:im unternehmen|fuer|bei|zu erreichen)|can't be reached (?:here|at this address)"
ANSWERS_US = (
    r"\?|\b(?:melden sie sich|meld dich|melde dich|schreiben sie mir|schreib mir|rufen sie mich|call me|write to me|get in touch|reach out|interess\w*|"
    r"klingt|sounds|angebot|your offer|danach gern\w*|after that|let's|lassen sie uns|happy to|termin|keine mails|unsubscribe|verteiler|noch ?mals?|bin dran|entscheidet|"
    r"decides|just come back|gerade zurueck|wir haben|we have|must decline|probiert|sollte gar nicht)\b"
)
"""A person answers our mail instead of a note answering every mail."""

RETURNS = (
    r"\b(?:bis|ab|until|til|till|from|through|between|zwischen|vom|back|return\w*|zurueck\w*|kehre|wieder|vertret\w*|vertritt|stv|stellvertret\w*|cover\w*|deputy|stand-?in|"
    r"dringend\w*|urgent|eilig\w*|notf\w*|wenden|contact|turn to|turns? to|uebernimmt|uebernommen|springt|stepped in|haelt hier|hilft|help|assist|"
    r"weitergeleitet|forwarded|ungelesen|unread|nicht gelesen|nicht bearbeitet|will reply|antworte|respond|erreichbar|reachable|mails?|e-?mails?)\b"
)
LEAVE = (
    r"(?:(?:rest|sonder|bildungs|jahres|erholungs|heimat|vaterschafts|mutterschafts|eltern|pflege|forschungs)?urlaub|elternzeit|mutterschutz|\w*karenz|sabbatical|auszeit|ferien|zivildienst|militaerdienst|wehruebung|"
    r"wk\b|papa-?zeit|exerzitien|(?:annual|parental|maternity|paternity|adoption|study|sick|compassionate|research|garden|family|unpaid|reserve) leave|leave until|remaining leave|pto\b|jury (?:service|duty)|reserve service|"
    r"on retreat|(?:on|my) (?:\w+ )?(?:vacation|holidays?|hols)|spring break|half term|honeymoon|dad duty)"
)
ILL = (
    r"(?:krank\b|krankheit\w*|krankheitsbedingt|krankgeschrieben|krankenstand|erkrankung|erkrankt|gesundheitlich\w*|operation\b|reha\b|reha-\w+|kur\b|trauerfall|"
    r"off (?:sick|ill)|out sick|signed off|illness|health reasons|(?:from|after|having|for|undergoing) (?:\w+ )?surgery|receiving treatment|bereavement|unwell|ill this week)"
)
TRIPS = (
    r"(?:dienstreise\w*|geschaeftsreise\w*|verreist|auf reisen|im ausland|auf baustelle|auf montage|(?:fach)?messe\b|tagung|workshops?|schulung|fortbildung|weiterbildung|seminar|klausur\w*|kongress|konferenz|"
    r"business trip|travell?ing|on the road|abroad|on site in|trade (?:fair|show)|exhibiting|exhibition|conference|training course|on a course|off-?site|convention|commissioning)"
)
DAYS = r"(?:montags?|dienstags?|mittwochs?|donnerstags?|freitags?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|mo|di|mi|do|fr|mon|tue|wed|thu|fri)"

BACK = (
    rf"(?:bis|ab|until|till|til|back|return\w*|zurueck\w*|rueckkehr|kehre|wieder|erst|not before|{DAYS}|urlaub\w*|leave|vacation|holidays?|hols|abwesen\w*|away|absent|"
    r"out|off|offline|raus|ooo|krank\w*|ill|sick|\w*zeit|karenz|sabbatical|messe|schulung|termin\w*|dienstreise|travelling|unterwegs|verreist|nicht (?:da|im|in|am|erreichbar)|"
    r"not (?:in|at|checking|reading)|antworte|verzoegert|delay\w*|slow\w*|nach meiner|on my|course|conference|workshops?|netz|reception|signal)"
)
"""Words of a return or an absence, which a farewell rarely has."""

RULES = (
    Rule(
        "absent.leave",
        Category.OUT_OF_OFFICE,
        rf"\b{SPEAKER}\b[\w ,.'():–/-]{{0,70}}\b{LEAVE}|\b{LEAVE}[\w ,.'():–/-]{{0,30}}\b(?:{SPEAKER}|bis|until|till|ab)\b",
        example="Ich bin bis 31.1. im Sabbatical, meine Projekte betreut Frau Straub.",
        counter="Ich bin gerade im Urlaub, melden Sie sich bitte in zwei Wochen",
        also=RETURNS,
        never=rf"{GONE}|{ANSWERS_US}",
        where="mail",
        decides=True,
    ),
    Rule(
        "absent.ill",
        Category.OUT_OF_OFFICE,
        rf"\b{SPEAKER}\b[\w ,.'():/-]{{0,60}}\b{ILL}|\b{ILL}[\w ,.'():/-]{{0,50}}\b{SPEAKER}\b",
        example="Aufgrund einer Erkrankung bin ich bis auf Weiteres nicht im Dienst.",
        counter="Wir haben einen hohen Krankenstand, daran kann Ihr Tool nichts ändern",
        also=rf"{RETURNS}|absent|nicht im dienst|faellt aus|falle",
        never=rf"{GONE}|{ANSWERS_US}|\b(?:tool|software|wir haben|we have|unsere mitarbeiter|our staff|praxis)\b",
        where="mail",
        decides=True,
    ),
    Rule(
        "absent.travelling",
        Category.OUT_OF_OFFICE,
        rf"\b(?:{SPEAKER}|wir sind|we are|we're|team)\b[\w ,.'():–/-]{{0,60}}\b{TRIPS}",
        example="Ich bin diese Woche auf der Messe und lese Mails nur abends.",
        counter="Wir sind auf der Messe, kommen Sie doch an den Stand?",
        also=rf"{RETURNS}|\b(?:zugriff|access|netz|signal|verzoegert|slow|delay\w*|offline|pausen|breaks|abwesend|nicht im)\b",
        never=rf"{GONE}|{ANSWERS_US}|\b(?:treffen|meet|kommen sie|come by)\b",
        where="mail",
        decides=True,
    ),
    Rule(
        "absent.weekdays",
        Category.OUT_OF_OFFICE,
        rf"\b{DAYS}\b[\w ,.'():–/-]{{0,30}}\b(?:frei(?:er tag)?|nicht im (?:dienst|buero|haus)|day off|off duty|my non-working day|non-working day|arbeite ich nicht|i don't work|mornings only)\b|\b(?:i work|arbeite(?: ich)?|ich arbeite|bin ich|taetig|i'm part-?time|i'm mornings)\b[\w ,.'():–/-]{{0,30}}\b(?:{DAYS}|teilzeit|part-?time|vormittags|mornings only)\b",
        example="Freitags ist mein freier Tag. Ihre Nachricht beantworte ich am Montag.",
        counter="Am Freitag hätte ich Zeit für ein Gespräch",
        also=r"\b(?:antworte|beantworte|lese|reply|respond|answer|deal|look|seh\w*|erreichbar|hilft|help|geduld|bear with|arbeitstag|working day|next in|nachricht|message|mail|team)\b",
        never=rf"{GONE}|{ANSWERS_US}|\b(?:passt|suits|rufen sie|ring me|zeit fuer)\b",
        where="mail",
        decides=True,
    ),
    Rule(
        "absent.until",
        Category.OUT_OF_OFFICE,
        r"\b(?:bin|i'm|i am|i'll be|i will be|i shall be|falle|ist|is)\b[\w ,.'():–/-]{0,40}\b(?:nicht (?:im|in|am|an|zu|erreichbar|verfuegbar|da\b)|ausser haus|abwesend|absent|away|out\b|off\b|offline|raus\b|unavailable|not (?:at|in|looking|checking|reading)\b|verreist)[\w ,.'():–/-]{0,60}\b(?:bis|until|till|til|ab|from|wieder|back|through|zurueck|returning|not return|to)\b",
        example="Bin raus bis Montag!",
        counter="Ich bin bis Freitag nicht erreichbar, danach gern",
        never=rf"{GONE}|{ANSWERS_US}|\b(?:vertrag|contract|budget|preis|price|projekt|project)\b",
        decides=True,
    ),
    Rule(
        "absent.away_subject",
        Category.OUT_OF_OFFICE,
        r"^\W*(?:auto:? ?)?(?:(?:kranken|urlaubs)?stand|krank\w*|mutterschutz|vaterschaftsurlaub|\w*karenz|sabbatical|dienstreise|kur|klausurtagung|zivildienst|brueckentag|(?:langzeit|ferien)?abwesen\w*(?: \w+){0,3}|nicht am platz|reduzierte arbeitszeit|teilzeit|away|ooo|pto|(?:annual|sick|parental|maternity|paternity|adoption|study|research) leave|business trip|jury service|reduced hours|long-term absence|not at my desk|away day|out of office.{0,40}|bank holiday.{0,12})\W*$",
        example="Sick leave",
        counter="Krankenstand senken mit unserer App",
        never=rf"{GONE}|{ANSWERS_US}",
        where="subject",
        decides=True,
    ),
    Rule(
        "absent.automatic_first_person",
        Category.OUT_OF_OFFICE,
        rf"\b{SPEAKER}\b[\w ,.'():/-]{{0,90}}\b{BACK}\b|\b{BACK}\b[\w ,.'():/-]{{0,70}}\b{SPEAKER}\b",
        example="Dies ist eine automatische Antwort: Ich melde mich ab Montag bei Ihnen.",
        counter="Dies ist eine automatische Antwort. Wir melden uns ab Montag bei Ihnen.",
        also=r"\b(?:automatische antwort|automatic reply|autoreply|auto-reply|automatisch (?:versendet|versandt|erstellt)|sent automatically|abwesenheitsnotiz|out of office|abwesenheitsassistent)",
        never=rf"{GONE}|\b(?:chatbot|assistent\w*|assistant|adresse (?:hat|ist|lautet)|address (?:has|is)|einmal pro woche|1x pro woche|once a week|twice a day|zweimal am tag|vorgang\w*|ticket\w*|case number|letter|bestellung)\b",
        decides=True,
    ),
    Rule(
        "absent.closed_office",
        Category.OUT_OF_OFFICE,
        r"\b(?:betriebsferien|betriebsurlaub|betriebsruhe|werksferien|kurzarbeit|verkuerzt\w* arbeit\w*|winterpause|sommerpause|saisonpause|ordinationsferien|praxisferien|(?:summer|annual|winter|christmas|works) (?:shutdown|closure|break)|short-?time working|reduced (?:hours|operation)|(?:haben|ist|sind|bleibt|bleiben|we're|we are|is|are|we|will be|stays?)\b[\w ,.()-]{0,40}\b(?:geschlossen|closed|close between)|ruht der betrieb|wir haben\b[\w ,.-]{0,40}\bgeschlossen|office closure)\b",
        example="Unser Betrieb macht vom 27. Juli bis 14. August Betriebsferien.",
        counter="Nach den Betriebsferien melden Sie sich bitte noch einmal",
        never=rf"{GONE}|{FIRST_PERSON}|{ANSWERS}|\?|\b(?:the matter|verein|verkauft|sold|restaurant|warehouse|verteiler|records|melden sie sich|meldet euch|schreiben sie|get in touch|come back|write again|kommen sie|danach gern|noch einmal|nochmal|again (?:in|after))\b",
        unless=r"\b(?:case|ticket|fall|period|list|automatisch|automatically|matter|thread|eingetragen)\b",
        also=r"\b(?:\d|januar|jaenner|februar|maerz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march|may|june|july|october|december|montag|monday|dienstag|tuesday|mittwoch|wednesday|donnerstag|thursday|freitag|friday|heute|today|morgen|tomorrow|bis auf weiteres|until further notice)",
        decides=True,
    ),
    Rule(
        "left.ended",
        Category.LEFT_COMPANY,
        r"\b(?:(?:taetigkeit|beschaeftigung|arbeitsverhaeltnis|dienstverhaeltnis|employment|work|job|time|tenure)\b[\w ,.'-]{0,30}\b(?:endete?|beendet|geendet|ended|came to an end|finished)\b|(?:letzter? (?:arbeits|werk)?tag|last (?:working )?day|final (?:working )?day)\b[\w ,.'-]{0,15}\b(?:war|was|ist|is)\b|i left [\w&. -]{2,40} (?:on|in|at the end|as of|last)\b|habe (?:ich )?[\w&. -]{2,40} (?:zum|am|im|ende|per) [\w. ]{1,20}verlassen|(?:verlassen|left) habe\b|since leaving\b|nicht (?:laenger|mehr) (?:fuer|bei|zur|als)\b[\w ,.'-]{0,30}\b(?:taetig|verfuegung|beschaeftigt|angestellt)|departed from|no longer (?:working for|on the staff|employed|an employee)|kein mitarbeiter\b|(?:dienstverhaeltnis|\w*vertretung|weg bei [\w ]{2,30}|mandat\w*|vertrag)\b[\w ,.-]{0,25}\b(?:endet\w*|niedergelegt)|endete\b[\w ,.-]{0,20}\b(?:dienstverhaeltnis|taetigkeit|beschaeftigung|\w*vertretung)|beendigung meiner taetigkeit|decided to leave\b|taken (?:a job|early retirement|retirement)|(?:joined a|my) new employer|\b[a-z]+ left [\w&. -]{2,40} on \d|ceased to be employed|employment (?:with|at) [\w&. -]{2,40} (?:concluded|ended)|pastures new|verlassen\W*$|ausgeschiedene[nr]? mitarbeiter\w*|vorruhestand|(?:den )?arbeitgeber gewechselt|i finished at\b|laptop (?:und \w+ )?abgegeben|vorzeitig in den ruhestand|handed in (?:his|her|their|my) notice|(?:his|her|their) departure|nach dem (?:austritt|ausscheiden|weggang) von|leaving do|seinen abschied|ihren abschied|genie(?:sst|sse)\b[\w ,]{0,30}\bruhestand|enjoying (?:\w+ )?retirement|betriebsbedingt entlassen|made redundant)",
        example="Meine Tätigkeit für die Gemeinde endete am 31.12.",
        counter="Die Tätigkeit unserer Agentur ist beendet, wir suchen nichts Neues",
        unless=r"\b(?:agentur|agency|vertrag mit|contract with|anbieter|provider|projekt|project|wir haben|we left|verteiler|newsletter)\b",
        where="mail",
        decides=True,
    ),
)
