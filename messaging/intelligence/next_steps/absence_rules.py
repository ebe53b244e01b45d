"""Words and rules for reading out-of-office replies, each rule with example and counter-example.

Examples were received on Tuesday, 5 August 2025; `back` is the day they yield, `counter` yields another day or none.
"""

from dataclasses import dataclass
from datetime import date

RECEIVED = date(2025, 8, 5)

ABSENT = "absent"
BACK = "back"
ANSWER = "answer"
PRESENT = "present"
LIMITED = "limited"
NOT = "not"
OTHER = "other"
CONTACT = "contact"
LEFT = "left"
COLLEAGUE = "colleague"
NAMED = "named"
PLEASE = "please"
ELSEWHERE = "elsewhere"
SELF = "self"
AGAIN = "again"
REGULAR = "regular"
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for reading absences. `phrases`: separated by bars, folded (lower case, ae oe ue ss). `kind`: of absence, for those that name
    one."""

    id: str
    cue: str
    phrases: str
    example: str
    back: date | None
    counter: str
    kind: str = ""


def _aug(day: int) -> date:
    return date(2025, 8, day)


RULES = (
    Rule(
        "absent-de", ABSENT,
        "abwesen*|*abwesenheit|ortsabwesend|ausser haus|ausser hause|ausserhaus|nicht im haus|nicht im hause|nicht im buero|nicht am platz|"
        "nicht am arbeitsplatz|nicht erreichbar|nicht verfuegbar|nicht da|nicht anwesend|weg|fort|offline|verhindert|nicht zu erreichen|"
        "nicht gelesen|nicht bearbeitet|nicht beantwortet|nicht weitergeleitet|keinen zugriff|kein zugriff|keine e-mails|keine mails|wieder abwesend|wieder weg|"
        "wieder nicht da|wieder ausser haus|nicht im dienst|ausser dienst|dienstfrei|nicht vor ort|nicht besetzt|unbesetzt|nicht ansprechbar|frei|habe frei|"
        "zeitausgleich|ueberstundenabbau|gleitzeit|*abbau|beurlaubt|unbearbeitet|nicht zu sprechen|ausgebucht|aus dem haus|ausgeflogen|nicht an meinem platz|falle|ausfallen|niemand da|niemand|kein netz|kein internet|kein telefon|kein empfang|ohne internet|ohne netz|nicht an meinem arbeitsplatz|nicht im geschaeft",
        "Ich bin bis 14.8. nicht im Büro.", _aug(15), "Ich bin bis 14.8. im Büro.",
    ),
    Rule(
        "covered", ABSENT,
        "vertritt mich|vertreten mich|vertreten|vertritt|covering for me|cover for me|covers for me|standing in for me|werde ich vertreten",
        "Ich bin im Urlaub. Bis 14.8. vertritt mich Kollege Haas.", _aug(15), "Ich bin im Urlaub. Bis 14.8. will Kollege Haas anrufen.",
    ),
    Rule(
        "holiday-de", ABSENT,
        "*urlaub|urlaubs*|*ferien|*pause|*freizeit|brueckentag|verreist|wieder im urlaub|ferienabwesen*|urlaub|im urlaub|in urlaub|auf urlaub|in den ferien|ferienhalber|in ferien|auf reisen",
        "Ich bin bis 14.8. im Urlaub.", _aug(15), "Unser Urlaubskatalog gilt bis 14.8.", "holiday",
    ),
    Rule(
        "sick-de", ABSENT,
        "krank|krankgeschrieben|erkrankt|krankheits*|krankenstand|im krankenstand|arbeitsunfaehig|krankgemeldet|in kur|auf kur|reha|in reha|in der reha|im spital|krankenhaus",
        "Ich bin bis 14.8. krankgeschrieben.", _aug(15), "Die Krankenkasse braucht das Formular bis 14.8.", "sick_leave",
    ),
    Rule(
        "long-leave-de", ABSENT,
        "elternzeit|in elternzeit|mutterschutz|im mutterschutz|karenz|in karenz|vaterschaftsurlaub|mutterschaftsurlaub|babypause|vaterzeit|elternkarenz|papamonat|sabbatical|auszeit|"
        "sabbatjahr|pflegezeit|militaerdienst|zivildienst|bildungskarenz",
        "Ich bin bis 14. August in Elternzeit.", _aug(15), "Der Antrag auf Elterngeld läuft bis 14. August.", "long_leave",
    ),
    Rule(
        "away-de", ABSENT,
        "dienstreise|auf dienstreise|geschaeftsreise|auf geschaeftsreise|unterwegs|wieder unterwegs|im ausland|auf montage|im aussendienst|auf tour|auf reise|*reise|geschaeftlich unterwegs|"
        "auf der messe|auf einer messe|auf messe|auf einer tagung|auf einer konferenz|auf einem kongress|auf kundenterminen|auf exkursion|bei einem kunden|*konferenz|*kongress|*tagung|in klausur|bei kunden|beim kunden|in terminen|in meetings|auf terminen",
        "Ich bin bis 14.8. auf Dienstreise.", _aug(15), "Besuchen Sie uns bis 14.8. auf der Messe.", "business_trip",
    ),
    Rule(
        "training-de", ABSENT,
        "fortbildung|auf fortbildung|weiterbildung|auf schulung|in einer schulung|schulung|auf einem seminar|seminar|auf einem workshop|in einem workshop|auf einer schulung|klausurtagung|auf einer fortbildung|lehrgang",
        "Ich bin bis 14.8. auf Schulung.", _aug(15), "Anmeldung zur Schulung bis 14.8.", "training",
    ),
    Rule(
        "closed-de", ABSENT,
        "geschlossen|betriebsferien|betriebsurlaub|werksferien|betriebsruhe|betriebsschliessung|zu|schliesst|haben geschlossen|betriebspause",
        "Unser Büro ist bis 14.8. geschlossen.", _aug(15), "Der Vertrag wurde am 14.8. geschlossen und gilt bis 15.8.", "closed",
    ),
    Rule(
        "absent-en", ABSENT,
        "out of office|out of the office|out of my office|out of the house|ooo|oof|away|away from my desk|away from the office|not in the office|not in office|not in|unavailable|unreachable|absent|absence|"
        "out|off|offline|off work|off sick|not available|not be available|not reachable|not at my desk|not working|unable to|no access|without access|not have access|not checking|"
        "not be checking|not monitored|not be monitoring|not monitoring|out again|away again|off again|not be in|not be in the office|not be reachable|not be working|not around|abroad|covering for me|not have email access|"
        "not be able to|not able to|out of town|out of the country|days off|day off|gone fishing|gone|no phone|no internet|no signal|no network|no reception|phones off|nobody in|nobody is in|nobody|no one is in|no wifi|time off|on a break|signed off|away on",
        "I am out of the office until 14 August.", _aug(15), "The offer is open until 14 August.",
    ),
    Rule(
        "holiday-en", ABSENT,
        "on leave|annual leave|on annual leave|leave|vacation|on vacation|holiday|holidays|on holiday|on holidays|pto|on pto|paid time off|back on vacation|on my honeymoon|honeymoon",
        "I am on annual leave until 14 August.", _aug(15), "Please leave your feedback until 14 August.", "holiday",
    ),
    Rule(
        "sick-en", ABSENT, "sick|sick leave|on sick leave|medical leave|on medical leave|ill|in hospital|unwell|having surgery|recovering",
        "I am on sick leave until 14 August.", _aug(15), "Our sick pay scheme runs until 14 August.", "sick_leave",
    ),
    Rule(
        "long-leave-en", ABSENT,
        "parental leave|on parental leave|maternity leave|on maternity leave|paternity leave|on paternity leave|compassionate leave|bereavement leave|jury duty|on jury duty|family leave|on a sabbatical|on sabbatical",
        "I am on parental leave until 14 August.", _aug(15), "The parental leave form is due until 14 August.", "long_leave",
    ),
    Rule(
        "away-en", ABSENT,
        "travelling|traveling|travel|on a business trip|business trip|business travel|on business travel|on the road|at a conference|at a trade show|at a trade fair|attending|in meetings|on site|onsite|offsite|at an offsite|"
        "off site|at an off site|*trip|secondment|jury service|research trip|buying trip|travelling for work|on a trip|visiting customers|visiting clients|with a customer|at a customer|at customer sites",
        "I am travelling until 14 August.", _aug(15), "Meet us at the travel fair until 14 August.", "business_trip",
    ),
    Rule(
        "training-en", ABSENT, "in training|workshop|on training|on a training course|on a course|at a training|in a training|in a workshop|at a workshop|in workshops",
        "I am on a training course until 14 August.", _aug(15), "Sign up for the training until 14 August.", "training",
    ),
    Rule(
        "closed-en", ABSENT, "closed|shut down|shutdown|company shutdown|closing|office closure|closure|shut",
        "Our office is closed until 14 August.", _aug(15), "The deal closed and the offer runs until 14 August.", "closed",
    ),
    Rule(
        "limited", LIMITED,
        "eingeschraenkt|bedingt|sporadisch|unregelmaessig|nur begrenzt|selten|nur gelegentlich|verzoegert|nur teilweise|schlecht erreichbar|schwer erreichbar|"
        "limited access|limited availability|limited|sporadic|intermittent|sporadically|intermittently|occasionally|little access|delayed|slow to respond|restricted",
        "Ich bin bis 14.8. nur eingeschränkt erreichbar.", _aug(15), "Das Angebot ist limitiert bis 14.8.", "limited",
    ),
    Rule(
        "back-de", BACK,
        "wieder|zurueck|rueckkehr|zurueckkehren|zurueckkehre|zurueckgekehrt|zurueckkomme|zurueckkommen|zurueckmelden|wiederkommen|wiederkomme|erneut erreichbar|aus dem urlaub|aus meinem urlaub|erster arbeitstag|ersten arbeitstag|"
        "nach dem urlaub|nach meinem urlaub|nach den ferien|nach meinen ferien|nach meiner abwesenheit|nach der elternzeit|wiederaufnahme|nach urlaubsende|retour|ab dann",
        "Ab 14.8. bin ich wieder erreichbar.", _aug(14), "Ab 14.8. bin ich nicht erreichbar.",
    ),
    Rule(
        "once-more", BACK, "erneut|again|resend",
        "I am on leave. I am here again on 14 August.", _aug(14), "I am on leave until 8 August. Please write again after 14 August.",
    ),
    Rule(
        "back-en", BACK,
        "back|return|returns|returning|returned|available again|resume|resuming|first day back|first working day|first day at work|back from vacation|back from leave|back from holiday|back from my vacation|back from my holiday|back from my leave|"
        "back from annual leave|return from leave|return from vacation|return from holiday|return from annual leave|return from my leave|return from my vacation|return from my holiday|returning from leave|back in office|back in the office|return to the office|return to work|"
        "returning to the office|returning to work|back at work|back to work|back at my desk|in the office again|return to office|back online|rejoin|back from parental leave|back from maternity leave|reopen|reopens|reopening|"
        "returning from vacation|returning from holiday|returning from annual leave|return from a business trip|back from a business trip|back from my trip|return from parental leave|return from maternity leave",
        "I will be back on 14 August.", _aug(14), "Please call back on 14 August.",
    ),
    Rule(
        "answer-de", ANSWER,
        "antworte|antworten|beantworte|beantworten|beantwortet|bearbeite|bearbeiten|bearbeitet|melde mich|melde ich mich|melden|kuemmere|kuemmern|lese|lesen|gelesen|zurueckmelden|rueckmeldung|komme auf sie zu|melde|"
        "meine antwort|eine antwort|antwort|zurueckrufen|rufe sie zurueck|rueckruf|widmen|widme",
        "Ich bin im Urlaub. Ihre Nachricht beantworte ich ab 14.8.", _aug(14), "Bitte antworten Sie bis 14.8.",
    ),
    Rule(
        "answer-en", ANSWER,
        "reply|respond|replying|responding|get back to you|getting back to you|come back to you|get back|answer|answered|response|read your|call you back|call back|be in touch|in touch|deal with|attend to your|follow up",
        "I am on vacation. I will respond to your email on 14 August.", _aug(14), "I am in the office. Please respond on 14 August.",
    ),
    Rule(
        "present-de", PRESENT,
        "erreichbar|verfuegbar|im buero|im haus|im hause|anwesend|am platz|zur verfuegung|arbeite|im dienst|vor ort|am arbeitsplatz|geoeffnet|hier|ansprechbar|besetzt|homeoffice|im home office|home office|mobil|im geschaeft|buero",
        "Ich bin ab 14.8. wieder verfügbar.", _aug(14), "Ich bin bis 14.8. verfügbar.",
    ),
    Rule(
        "present-en", PRESENT,
        "available|reachable|in the office|at my desk|online|at work|working|open|accessible|in office|at the office|work|contactable|around",
        "I am available again from 14 August.", _aug(14), "I am available until 14 August.",
    ),
    Rule(
        "not", NOT,
        "nicht|kein|keine|keinen|keiner|keinem|not|no|won't|can't|cannot|isn't|don't|never|nie|nichts|weder|without|ohne|unable|haven't|aren't|didn't|doesn't",
        "I won't be back until 14 August.", _aug(14), "I will be here until 14 August.",
    ),
    Rule(
        "other-matter", OTHER,
        "webinar|messestand|stand|frist|fristen|rechnung|rechnungen|zahlung|lieferung|bestellung|bestellungen|wartung|"
        "wartungsarbeiten|umzug|umgezogen|umziehen|ziehen|neue adresse|neue anschrift|neuen adresse|neuen anschrift|"
        "neuer adresse|neue telefonnummer|copyright|ticket|projekt|preise|preisliste|gutschein|gewinnspiel|veranstaltung|event|"
        "events|sommerfest|jubilaeum|ansprechpartnerin fuer|uebernimmt|start der|release|stellenangebot|kuendigung|termin am|"
        "terminvorschlag|promotion|booth|deadline|invoice|invoices|payment|delivery|order|orders|maintenance|moving to|moved|"
        "move|new address|new office|version|launch|conference call|contract|project|prices|price list|scheduled|sale|quote|"
        "webinars|tickets|budget|kampagne|campaign|newsletter|umfrage|survey|hotline|lebensjahr|studium|sprechstunde|"
        "oeffnungszeiten|opening hours|office hours|buerozeiten|party|feier|marktplatz|feedback|formular|krankenkasse|antrag|"
        "terminanfragen|termine|appointment|appointments|meeting|meetings on|tender|ausschreibung|ausschreibungen|angebotsfrist|"
        "quartal|jahresabschluss|inventur|audit|steuererklaerung|ablauf|katalog|urlaubskatalog|elterngeld|limitiert",
        "Ich bin wegen eines Projekts bis 14.8. nicht im Büro.", _aug(15), "Das Projekt endet am 14.8.",
    ),
    Rule(
        "elsewhere", ELSEWHERE,
        "besuchen sie|besuchen|sehen uns|treffen uns|see you at|meet you|treffen sie|gueltig|gilt|gelten|anmelden|anmeldung|anmeldefrist|bewerb*|zahlbar|findet|finden|"
        "tagt|erscheint|visit us|join us|meet us|see us|valid|register|registration|sign up|expires|expiry|runs|book your|submit|"
        "submitted|apply|applications|application|seit|since|laeuft|early bird|exhibiting|launching|ihre nachricht vom|"
        "ihre mail vom|ihre e-mail vom|your message of|your email of|sent on|received on|erstellt|gesendet|empfangen|eingegangen|"
        "can wait|cannot wait|can't wait|nicht warten|zeit hat|warten kann|wait|warten|due|form|scheme|"
        "offer|offers|angebot|angebote|aktion|rabatt|discount|vertrag",
        "Ich bin bis 14.8. abwesend. Unser Webinar findet am 20.8. statt.", _aug(15), "Unsere Aktion gilt bis 14.8.",
    ),
    Rule(
        "contact", CONTACT,
        "wenden sie sich|wenden|kontaktieren|kontaktieren sie|ansprechpartner|ansprechpartnerin|hilft ihnen|helfen ihnen|erreichen sie|vertretung|stellvertretung|steht ihnen|stehen ihnen|please contact|contact|reach out|reach|assist|assistance|speak to|urgent|"
        "dringend*|emergency|notfall|notfaellen|rufen sie|call|email|weiterhelfen|helfen|in vertretung|zustaendig|hilft|responsible|in charge|colleagues will",
        "Ich bin im Urlaub. In dringenden Fällen wenden Sie sich bis 14.8. an Frau Meier.", _aug(15), "In dringenden Fällen wenden Sie sich ab 14.8. an Frau Meier.",
    ),
    Rule(
        "left", LEFT,
        "nicht mehr bei|nicht mehr fuer|nicht mehr im unternehmen|nicht mehr taetig|nicht mehr beschaeftigt|nicht laenger bei|verlassen|ausgeschieden|letzter arbeitstag|letzten arbeitstag|in rente|im ruhestand|in den ruhestand|pensioniert|no longer with|no longer work|"
        "no longer works|no longer working|no longer employed|no longer at|left the company|has left|have left|last working day|my last day at|last day at|last day with|retired|leaving the company|verlaesst|pension",
        "I am on leave until 14 August. Anna has left the company.", _aug(15), "My last working day was 14 August; I am no longer with the company.",
    ),
    Rule(
        "colleague", COLLEAGUE,
        "kollege|kollegin|kollegen|mein vertreter|meine vertreterin|meine vertretung|vertretung|assistentin|assistenz|assistent|colleague|colleagues|my assistant|assistant|my manager|manager|deputy|my backup|chef|chefin|vorgesetzter",
        "Ich bin bis 14.8. im Urlaub. Meine Kollegin ist bis 8.8. abwesend.", _aug(15), "Meine Kollegin ist bis 14.8. im Urlaub.",
    ),
    Rule(
        "named", NAMED, "frau|herr|herrn|mr|mrs|ms|she|he|she's|he's|she'll|he'll",
        "Frau Winter ist bis 14.8. im Urlaub.", _aug(15), "Ich bin ab 18.8. wieder da. Frau Winter ist bis 14.8. im Urlaub.",
    ),
    Rule(
        "please", PLEASE, "bitte|please|kindly",
        "Ich bin bis 14.8. im Urlaub. Bitte schreiben Sie nach dem 18.8. erneut.", _aug(15), "I'm out of office. Please call back on 14 August.",
    ),
    Rule(
        "self", SELF,
        "ich|i|i'm|i'll|bin|wir|we|we're|mich|me|mir|unser buero|our office|our offices|unsere bueros|unsere buero|unser betrieb|unsere firma|unser unternehmen|i've|unsere bueroraeume|our team|unser team|our company",
        "Meine Kollegin und ich sind bis 14.8. abwesend.", _aug(15), "Frau Meier, meine Kollegin, ist bis 14.8. abwesend.",
    ),
    Rule(
        "again", AGAIN, "nochmals|nochmal|erneut abwesend|noch einmal|abermals|ausserdem|zudem|sowie|once more|another|weitere|weiterer|additionally|also|wieder im urlaub|wieder abwesend|wieder weg|away again|out again|danach|anschliessend|then|afterwards|erneut unterwegs|erneut weg|erneut nicht|from the second|second|zweiten|zweite",
        "Ich bin bis 7.8. und nochmals vom 18.8. bis 22.8. abwesend.", _aug(8), "Ich bin bis 14.8. abwesend.",
    ),
    Rule(
        "regular", REGULAR,
        "montags|dienstags|mittwochs|donnerstags|freitags|jeden|jede|jeweils|every|each|mondays|tuesdays|wednesdays|thursdays|fridays|teilzeit|part time|parttime|part-time|wochentags|werktags|weekdays|regular|regulaer|immer",
        "Ich bin bis 14.8. abwesend. Freitags bin ich nie im Büro.", _aug(15), "Ich arbeite Teilzeit und bin jeden Montag bis Mittwoch erreichbar.",
    ),
    Rule(
        "no-return", NEUTRAL,
        "immer wieder|thank you again|thanks again|feedback|call back|nicht mehr wieder|versuchen sie es|try again|bis auf weiteres|until further notice|hin und zurueck|back up|backup|way back|wieder einmal|background|looking forward|"
        "out of|zu meiner|zu ihrer|zu den|zu ihren|zu dem|zu diesem|zu einer|zu einem|zu|email me|leave a message|leave your|off the|check out|find out|carry out|sort out|working days|working day|work day|arbeitstage|at work hours|working hours|arbeitszeit|"
        "as soon as|so bald|sobald|not only|nicht nur|no later than|no problem|kein problem|um rueckmeldung|on file|on the phone|travel agency|reach out to my colleague|get in touch with|in the meantime|in der zwischenzeit|right away|straight away|far away|a way|on our way|roll out|rollout|weg zu",
        "Thanks again for your email. I am away until 14 August.", _aug(15), "Thanks again for your email. The form is due 14 August.",
    ),
)  # fmt: skip
