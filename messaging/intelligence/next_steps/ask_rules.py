"""Words and rules for finding a reply's request, each rule with example and counter-example.

Examples were received on Tuesday, 5 August 2025; `ask` is the request of the example; the counter-example requests something else.
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
DONE = "done"
PAST = "past"
THEN = "then"
MOVED = "moved"
SURE = "sure redirect"
ANOTHER_TIME = "another time"
NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class AskRule:
    """A rule for reading requests. `phrases`: separated by bars, folded (lower case, ae oe ue ss)."""

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
        "schreib mir nicht mehr|bitte entfernen|entfernen sie|entferne mich|entfernt mich|abzusehen|wird gemeldet|melde sie als|aufhoeren|hoert auf|hoer auf|hoeren auf|anwaeltin|werbemail|werbemails|bleiben lassen|kuenftig bleiben|letzte warnung|letzte mahnung|sie mich aus|mich aus|uns aus|traegst mich aus|tragt mich aus|nichts mehr|nicht mehr kontaktiert|nicht mehr angeschrieben|nicht mehr angerufen|keine post mehr|keine zusendungen|keine weiteren|keine anrufe|nicht laenger|nicht noch einmal|nicht nochmal|nicht wieder schreiben|nicht erwuenscht|raus aus|runter von|rausnehmen|nehmen sie mich|nehmt mich|nimm mich|loescht|loeschen|schluss mit|genug von|verschont|finger weg|verbitte|verbiete|untersage|beschwere|beschwerde|anzeige|polizei|nervt|nervig|aufdringlich|frechheit|unverschaemt|abo kuendigen|newsletter kuendigen|newsletter abmelden|abgemeldet|weiteren kontakt|mehr schreiben|mehr kontaktieren|mehr anschreiben|mehr erhalten|mehr bekommen|mehr hoeren|mehr lesen|verschonen sie|gut sein lassen|gut sein|verbraucherzentrale|wettbewerbszentrale|verbraucherschutz|bundesnetzagentur|kartei|ihrer datei|ihren unterlagen streichen|ihre mails nicht|ihre e-mails nicht|ihre werbung nicht|ihre post nicht|keine lust mehr|noch so eine mail|noch eine mail|noch eine e-mail|zum letzten mal|zum dritten mal|zum wiederholten",
        "Bitte nehmen Sie mich aus dem Verteiler.", "never", "Bitte nehmen Sie Frau Meier in den Verteiler auf: meier@example.de",
    ),
    AskRule(
        "stop-en", STOP,
        "unsubscribe|unsubscribed|remove me|remove us|remove my|take me off|take us off|take my|opt out|opt me out|opting out|do not contact|don't contact|do not email|don't email|do not mail|don't write|do not write|stop emailing|stop contacting|stop sending|stop writing|stop|"
        "no more emails|no more mails|no more messages|no further emails|no further contact|leave me alone|cease and desist|cease|reported|report you|reporting|never contact|never email|delete my|delete me|delete them|delete our|delete all|erase my|spamming|spammer|unsolicited|harassment|harassing|"
        "blocking|block you|blocked|can-spam|can spam|off your list|off this list|from your list|from this list|from your mailing list|mailing list|not contact me|not email me|not to contact|not to be contacted|not wish to be contacted|not want to be contacted|lose my|fuck off|go away|f off|bugger off|quit emailing|"
        "stop bothering|don't message|do not message|don't ever|do not ever|not to receive|no longer wish to receive|don't want to receive|not want to receive|stop spamming|not receive any|not reach out again|don't reach out again|cease all|refrain from|not wish to be contacted further|wish to be contacted|want to hear|don't want to hear|no more of|no more|enough|quit|kindly stop|please stop|strike me|strike my|cross me off|drop me from|scrub me|lose this address|never again|not hear from you|not to hear|hearing from you again|further emails|further mail|further messages|further contact|further correspondence|stop it|knock it off|pack it in|give it a rest|complaint|complain|authorities|ico|ftc|junk|pest|pestering|nuisance|blacklist|bin it|delete|forget my|forget this address|don't send|do not send|not send me|not write|not write again|don't reach out|don't bother|not bother|bothering|off the list|out of your|no longer want|not consent|never consented|never signed up|never subscribed|never asked|didn't ask|didn't sign up|final warning|last warning|your emails again|leave me be|leave us be|let me be|let us be|let it be|regulator|ombudsman|watchdog|one more of these|one more email|one more mail|for the last time|for the third time|for the second time|from your records|your database|your records|your files|strike our|strike us|never to write|not your mails|don't want your",
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
        "nicht zu uns|keine verwendung|haben wir keinen|nicht gewuenscht|kein bedarfsfall|anderweitig entschieden|anders entschieden|fuer einen anderen anbieter entschieden|passt nicht|keine lust|lieber nicht|nichts zu holen|kein geld|haben uns anders|brauche ich nicht|braucht es nicht|braucht niemand|fuer uns keine option|keine option|nicht das richtige|nicht unser ding|nichts dabei|verzichte|danke nein|ne danke|nee danke|nee|noe|leider nein|leider nicht|eher nicht|passen muessen|muss passen|muessen passen|haben keinen bedarf|kein markt|keine chance|winke ab|winken ab|sagt uns nicht zu|ueberzeugt nicht|ueberzeugt uns nicht|keinen sinn|kein sinn|gar nicht|brauch ich nicht|nicht zu gebrauchen|kein abnehmer|keine verwendung|erspare|sparen sie sich|winken wir|winken ab|winke ich ab|in frag|nicht in frag|da winken wir|nicht zu unserer|nicht zu unserem|nicht zu unseren|nicht in unser|nicht in unsere|nicht ins konzept",
        "Danke, aber wir haben kein Interesse.", "never", "Wir haben Interesse. Was kostet das?",
    ),
    AskRule(
        "decline-en", DECLINE,
        "not interested|no interest|no thanks|no thank you|not for us|not for me|we'll pass|i'll pass|will pass|have to pass|going to pass|gonna pass|hard pass|not a fit|not a good fit|not the right fit|no need|not relevant|don't need|do not need|not needed|not something we|not something i|decline|not looking for|not looking to|not in the market|nope|"
        "isn't for us|isn't a fit|isn't relevant|isn't something|no use for|not going to|not moving forward|won't be moving forward|not pursue|not proceed|not be proceeding|not a priority|pass on this|not considering|uninterested|not of interest|not be interested|went with another|decided against|gone with another|chosen another|not our thing|not my thing|not my cup of tea|not our cup of tea|count me out|count us out|rather not|thanks but no|no can do|not keen|no dice|wouldn't use|won't use|don't want|do not want|not tempted|leave it|give it a miss|give this a miss|won't work for us|doesn't suit|no appetite|not convinced|not persuaded|has no use|have no use|no place for|out of scope|no market|nah|nay|not taking|not buying|not wanted|afraid not|no from us|it's a no|answer is no|we've decided|turn it down|turning it down|pass this time|pass, thanks|doesn't fit|does not fit|don't fit|doesn't match|does not match|not fit|isn't a match|not a match|not aligned",
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
        "einkauf bei|richtig bei|ansprechpartner|ansprechpartnerin|bearbeitet|leitet|weiterhelfen kann|hilft ihnen|an die kollegin|an den kollegen|ihre ansprechpartnerin|ihr ansprechpartner|adressieren sie|zu adressieren|steht in cc|steht im cc|steht in kopie|laufen ueber|laufen bei uns ueber|ist das sache|sache von|gehoert zu|faellt in|faellt unter|ist sache|macht das|machen das|macht sowas|macht alles|regelt|regelt alles|hat den hut auf|kennt sich aus|weiss bescheid|weiss mehr|ist die richtige|ist der richtige|waere der richtige|waere die richtige|ist fuer sie da|ist ihr mann|ist ihre frau|gehen sie zu|gehen sie auf|nutzen sie|benutzen sie|verwenden sie|schicken sie das an|schicken sie es an|schicken sie ihre|senden sie das an|senden sie es an|bitte an|am besten direkt|uebergeben|uebergebe|jetzt bei|hat jetzt|hat das jetzt|inzwischen bei|neue ansprechpartnerin|neuer ansprechpartner|ruft meine|fragt|wendet euch|meine schwester|mein bruder|meine frau|mein mann|meine chefin|mein chef|mein sohn|meine tochter|sekretariat|buchhaltung|steuerberater|in den haenden|bei ihr|bei ihm|mit ihr|mit ihm|weiss das",
        "Bitte wenden Sie sich an Frau Meier (meier@example.de).", "ask_other", "Bitte wenden Sie sich im Oktober nochmal an mich.",
    ),
    AskRule(
        "redirect-en", REDIRECT,
        "want to speak to|want to talk to|need to speak to|need to talk to|please contact|contact|reach out to|please reach out to|get in touch with|speak to|speak with|talk to|talk with|ask for|you want to contact|best person|right person|right contact|correct contact|better contact|better person|is responsible|are responsible|is in charge|in charge of|handles|handle this|looks after|takes care|taking care|"
        "please email|write to|send it to|send this to|send that to|forward it to|forward this to|direct your|direct this to|refer to|my colleague|my coworker|my boss|cc'ing|cc'd|ccing|looping in|loop in|looped in|introducing|replaced by|successor|taken over|has taken over|took over|point of contact|decision maker|decision lies|sits with|owned by|manages|please ask|is the one|that would be|that is|that's|goes through|addressed to|address this to|the person to|is your contact|would be the person|use|please use|please try|try asking|try contacting|you should ask|you could ask|ask my|ask our|ask the|copied in|i've copied|i have copied|copying in|in copy|cc'd|in cc|on cc|who runs|who decides|decides these|decides on|does the ordering|does the buying|does our|does all|ordering|buys|purchasing is|is for|belongs with|belongs to|is a matter for|is one for|one for|question for|falls to|falls under|falls within|lies with|rests with|over to|pass you to|hand you over|handing you over|handing over|handed over|took my place|in my place|my replacement|my successor|my sister|my brother|my wife|my husband|my son|my daughter|my partner|my mum|my dad|deals with|dealt with by|decided by|made by|knows more|knows about|the one to ask|the one you want|your man|your woman|your best bet|best bet|drop a line to|drop her a line|drop him a line|write her|write him|call her|call him|hit up",
        "Please contact Anna Bauer at anna.bauer@example.com.", "ask_other", "Please contact me again in October.",
    ),
    AskRule(
        "wrong-person", WRONG,
        "nicht zustaendig|nicht der richtige|nicht die richtige|falscher ansprechpartner|falsche ansprechpartnerin|der falsche|die falsche|falschen ansprechpartner|falsche adresse|nicht mein bereich|nicht mein thema|nicht mein fachgebiet|nicht in meinen bereich|nicht verantwortlich|nicht in meinem bereich|nicht mehr bei|nicht mehr fuer|nicht mehr im unternehmen|nicht mehr taetig|falsch bei mir|bei mir falsch|"
        "ausgeschieden|in rente|falsche person|not the right person|not the right contact|wrong person|not responsible|not my area|not my department|no longer with|no longer work|no longer works|no longer at|left the company|not in charge|not involved|don't handle|do not handle|not the best person|not the correct person|wrong contact|not the decision maker|don't deal with|do not deal with|retired|moved on|not my responsibility|not my remit|changed roles|changed jobs|has left|have left|falsche baustelle|falsche nummer|verwechselt|verwechseln|verwechslung|nicht meine baustelle|nicht mein bier|nicht mein ressort|nicht mein gebiet|nicht mehr hier|arbeite nicht mehr|arbeitet nicht mehr|keine ahnung von|habe damit nichts zu tun|nichts zu tun|nichts zu entscheiden|nichts zu sagen|entscheide ich nicht|nur praktikant|nur aushilfe|barking up|wrong tree|wrong door|wrong desk|wrong inbox|wrong guy|wrong woman|wrong man|wrong address|wrong department|wrong number|not mine|not my call|not my desk|not my job|not my field|not my decision|above my pay|nothing to do with|not up to me|i don't decide|no say|just temping|only temping|just the intern|confused me|no longer in|no longer my|not here anymore|doesn't work here|do not work here|don't work here|not the person|isn't my|not with the company|nicht in der firma|pay grade|haben das unternehmen verlassen|das unternehmen verlassen|die firma verlassen|die stelle gewechselt|die abteilung gewechselt|the wrong|wrong one|den falschen|die falschen|decided in|nicht hier entschieden|entscheidet man|entscheidet die|entscheidet der|entscheiden die|falscher kontakt|falsche stelle|falsche abteilung|falsche anlaufstelle|only handle|nur fuer die",
        "Ich bin dafür nicht zuständig.", "ask_other", "Ich bin dafür zuständig, was kostet das?",
    ),
    AskRule(
        "forwarded", FORWARDED,
        "weitergeleitet|leite ich weiter|leite das weiter|leite es weiter|leite sie weiter|weiterleiten|gebe ich weiter|gebe das weiter|gebe es weiter|weitergegeben|forwarded|forwarding|passed it on|passed this on|passed on|passing this on|passing it on|pass it on|pass this on|pass this along|passed along|will forward|shared it with|shared this with|shared internally",
        "Ich habe Ihre Mail intern weitergeleitet, der Kollege meldet sich bei Interesse.", "none", "Bitte leiten Sie mir die Unterlagen weiter, danke!",
    ),
    AskRule(
        "later-de", LATER,
        "melden sie sich|melde dich|meldet euch|melden sie sich gerne|melden sie sich bitte|melden sie sich gern|kommen sie|komm|auf uns zu|auf mich zu|nicht vor|erst|erst ab|erst wieder|fruehestens|spaeter|spaeteren zeitpunkt|wieder auf|nochmal|nochmals|noch einmal|noch mal|erneut|wieder|vertagen|zurueckstellen|wiedervorlage|schreiben sie mir|schreiben sie uns|"
        "fragen sie nochmal|fragen sie wieder|fragen sie|fragen sie gerne|haken sie|hoeren sie|nachfassen|nachhaken|rueckfrage|budget|budgets|budgetplanung|gedulden|geduld|warten|abwarten|nach hinten|reden wir|schauen wir|planen wir|starten wir|beginnen wir|wieder aufgreifen|aufgreifen|wiederkommen|kontaktieren sie mich|kontaktieren sie uns|kontaktiere mich|anschreiben|entscheiden wir|sprechen wir|neue planung|passt besser|passender|guenstiger|besser|nachhaken|nachzuhaken|anklopfen|klopfen sie|klopf|vorbeischauen|versuchen sie|versuchs|probieren sie|probieren sie es|ein andermal|kommen wieder|kommt wieder|ansprechen|sprechen sie uns|sprechen sie mich|reden wir nochmal|auf wiedervorlage|zurueckkommen|darauf zurueck|wenn es soweit ist|wenn es so weit ist|wenn das|sobald|geschoben|verschoben|verschoben auf|zieht sich|stehen an|steht an|im stress|land unter|keinen kopf|keine zeit|keine kapazitaet|keine kapazitaeten|ausgelastet|vertroesten|geht erst|beginnt erst|startet erst|frische budgets|haushalt|neuer haushalt|nachfragen|nachzufragen|erinnern sie|erinnere mich|erinnern|schreib mir|schreibt|schreibt uns|melden sie|wieder fragen|nochmal fragen|vorzulegen|vorlegen|nochmals vorlegen|dran denken",
        "Melden Sie sich bitte im Oktober wieder.", "wait_until", "Melden Sie sich bitte kurz mit Preisen.",
    ),
    AskRule(
        "later-en", LATER,
        "reach out again|get in touch|reach back out|reach out|reach out to me|get back to me|get back to us|come back to me|come back to us|come back|circle back|check back|check in|check in again|try again|try me again|try us again|follow up|follow up with me|follow back up|not before|not until|later|touch base|ping me|ping us|revisit|contact me again|contact us again|write again|"
        "ask again|ask me again|again|reconnect|talk again|on hold|put on hold|wait|hold off|budget|budgets|budget cycle|pick this up|pick it up|pick up|look at this again|timing|tied up|swamped|next year|nudge me|give me a nudge|hit me up|bump this|resurface|park this|shelve|revisiting|reassess|knock again|knock|resurface|get in touch again|drop by|drop in|come knocking|come round again|come around|as soon as|nothing before|nothing will|no time|no capacity|snowed under|up to my neck|flat out|hands full|too busy|under water|drowning|give me a nudge|prod me|poke me|give us a shout|give me a shout|look me up|write back|email me again|mail me again|message me again|come to me|approach us|approach me|bring it up|raise this|hold that thought|park it|leave it until|leave it till|pushed to|pushed back|delayed|slipped|lands|kicks off|renewal|renews|contract ends|contract runs|contract is up|up for renewal|kindly wait|bear with|sit tight|hold on|not yet|contact me in|contact us in|email me in|write to me in|remind me in|drop me a line in|message me in|contact me after|contact us after|contact me then|remind me|message me then|email me then|write to me then|ask me in|ask us in|ask me then|write then|by all means ask|ask in|write in|hear from you after|hear from you in|think before|before then|check back in|check back with",
        "Reach out again in October.", "wait_until", "Reach out to Anna at anna@example.com.",
    ),
    AskRule(
        "returns", RETURNS,
        "ich melde mich|melde ich mich|melden wir uns|wir melden uns|melde mich|melden uns|komme auf sie zu|kommen auf sie zu|komme ich auf sie zu|kommen wir auf sie zu|gebe bescheid|gebe ihnen bescheid|gebe ihnen|gebe dir|geben bescheid|gebe dir bescheid|geben ihnen bescheid|gebe ich ihnen bescheid|schaue es mir an|schaue mir das an|schaue es an|sehe es mir an|pruefe|pruefen das|pruefen wir|wir pruefen|bespreche|besprechen das|komme darauf zurueck|kommen darauf zurueck|rufe sie an|rufe an|antworte ihnen|sehe mir das an|"
        "meldet sich|melden sich bei ihnen|melde ich mich bei|wird sich melden|wuerde mich melden|wuerden uns melden|werde mich melden|werden uns melden|werden wir uns melden|werde ich mich melden|kommt auf sie zu|kommen wir darauf zurueck|ueberlege|ueberlegen|denke darueber nach|"
        "i'll get back|i will get back|we'll get back|we will get back|get back to you|i'll be in touch|be in touch|i'll let you know|let you know|come back to you|i'll reach out|will reach out|i'll contact you|will contact you|we'll contact you|i'll think|think about it|i'll review|i'll look|i'll take a look|take a look|will review|i'll check|will check|i'll discuss|will discuss|i'll call you|i will call you|i'll ring you|will revert|i'll revert|i'll circle back|i'll follow up|we'll reach out|we'll be in touch|i'll come back|we'll let you know|keep you posted|keep it in mind|keep you in mind|keep your details|i'll reply|i will reply|will respond|i'll respond|i'll email you|i'll write|i'll ping you|i'll send you|i'll read|we'll review|we'll check|we'll look|we'll discuss|i'll share|we'll consider|i'll consider|we will consider|i'll pass it|we'll evaluate|schaue mir|schaue ich mir|schaue es mir|sehe mir|schauen uns|sehen uns|schauen es uns an|schauen uns das an|sehen es uns an|sehen uns das an|auf sie zukommen|komme von mir aus|kommen von uns aus|rufe zurueck|rufe ich zurueck|rufe sie zurueck|rufe ich sie an|rufen wir zurueck|hoeren von mir|hoeren von uns|hoerst von mir|melde mich wieder|melde mich von selbst|melde mich von mir aus|unaufgefordert bei ihnen|gebe ich bescheid|geben wir bescheid|you'll hear|you will hear|i'll ring|i'll call|i will call|we'll call|we will call|i'll phone|i'll contact|i'll be back|will be in contact|will be in touch|we will be in touch|we'll contact|we will contact|expect my|i'll give you a|i'll drop you|i'll write to you|we'll write|i'll message|i'll come to you|we'll come to you|we will let|i'll shout|don't call us|we'll find you|i know where to find|i have your number|i've got your number|i have your details|ich weiss wo|ich habe ihre nummer|ich habe ihre kontaktdaten|we have your details|with the directors|with the board|with legal|liegt beim|liegt der|liegt bei der|auf sie zu|auf dich zu|auf euch zu|von uns hoeren|von mir hoeren",
        "Danke, ich melde mich.", "none", "Danke, bitte melden Sie sich mit Preisen und Referenzen.",
    ),
    AskRule(
        "call-de", CALL,
        "anrufen|rufen sie|rufen sie mich|ruf mich|rufst|ruft mich|rufen|anruf|rueckruf|zurueckrufen|zurueckruf|telefonieren|telefonat|telefonisch|telefontermin|telefon|telefonieren wir|telefonnummer|durchklingeln|klingeln sie|klingel|klingeln|call|calls|teams call|teams termin|videocall|video call|videotermin|videokonferenz|zoom|per teams|ueber teams|via teams|teams meeting|erstgespraech|gespraech|gespraechstermin|kurzes gespraech|durchrufen|anklingeln|anlaeuten|laeuten|telefonnr|kennenlernen|unterhalten|austauschen|austausch|kurz sprechen|persoenlich sprechen|am telefon|telefonisch|handy|handynummer|meine nummer|durchwahl|anruefe|anrufst|rufst du|ruft an|rufts|ruf|ruf an|rufen sie an|ruefe|luet|luete|aalueuete|lueueuet|lueuet|klingelt|bimmeln|bimmel|quatschen|schnacken|plaudern|ratschen|bequatschen|telefoniere|fernmuendlich|hoeren wir uns|sprechen wir kurz|persoenlich besprechen|muendlich|am apparat|videochat|facetime|skype|webex|meet link|teams link|zoom link|am draht|per telefon|auf dem handy|aufs handy|bei mir durch|sprechen wir uns|miteinander sprechen|mit ihnen sprechen|gern sprechen|gerne sprechen|kurz sprechen|sprechen",
        "Rufen Sie mich am Dienstag an.", "call", "Bitte nicht anrufen, schicken Sie mir die Unterlagen.",
    ),
    AskRule(
        "call-en", CALL,
        "want to talk to you|want to speak to you|like to talk to you|like to speak to you|need to talk to you|ring us|call me|give me a call|give me a ring|give me a buzz|ring me|phone me|a call|quick call|phone call|intro call|call on|call in|call next|call tomorrow|calls|call this|hop on|jump on|get on|zoom|google meet|on teams|via teams|over teams|teams call|teams meeting|let's talk|let's speak|let's chat|let's discuss|chat|discovery call|dial|buzz me|call us|call our|call at|call my|catch up|call after|call before|call back|call|calling me|calling me back|calling us|call me back|call back|ring me back|phone me back|buzz|a buzz|a bell|give me a bell|give us a bell|give us a ring|give us a call|a ring|a tinkle|a shout by phone|on the phone|over the phone|by phone|by telephone|telephone|my number|my cell|my mobile|landline|speak on|speak in person|pick up the phone|phone number|reach me on|reach me at|on my mobile|skype|facetime|webex|video chat|huddle|quick word|have a word|a word with|talk it through|talk this through|talk through|walk through it|natter|chinwag|speak with you|talk to you|speak to you|dial in|facetime me|let's phone|we talk|we could talk|can talk|could talk|like to talk|want to talk|prefer to talk|rather talk|talk on|talk at|we speak|can speak|could speak|like to speak|want to speak|a conversation|to talk|to speak|to discuss|phone us|please phone|just phone|phone the|ring the|please ring|just ring|talk|speak",
        "Give me a call on Tuesday.", "call", "Please don't call, send me the details instead.",
    ),
    AskRule(
        "meet", MEET,
        "termin|terminvorschlag|terminvorschlaege|treffen|treffen wir uns|meeting|meet|demo|vorfuehrung|praesentation|praesentieren|vorstellen|vorbeikommen|vorbei|besuch|appointment|slot|slots|schedule|book|calendar|kalender|kalenderlink|einladung|invite|invitation|calendly|time to meet|zeitfenster|online termin|onlinetermin|in person|presentation|walk us through|walk me through|show us|show me|zeigen sie|kalendereinladung|besprechungsanfrage",
        "Am Donnerstag um 10 Uhr passt ein Termin gut.", "call", "Schicken Sie mir bitte Ihren Kalenderlink.",
    ),
    AskRule(
        "send", SEND,
        "schicken|schicken sie|schick mir|schickst|senden|senden sie|zusenden|zuschicken|uebermitteln|uebersenden|lassen sie mir|lass mir|zukommen|mailen sie|unterlagen|infos|informationen|infomaterial|broschuere|preise|preis|preisliste|kosten|kostet|konditionen|angebot|referenzen|referenz|details|beispiele|fallstudien|datenblatt|muster|erklaeren|erlaeutern|bitte um|bitte ich um|bitten um|beantworten|antworten sie|erzaehlen|erzaehl|teilen sie|mehr erfahren|mehr informationen|mehr infos|mehr details|"
        "genauer|konkret|was genau|wie genau|nennen sie|nenn mir|brauche ich|brauchen wir|benoetige|benoetigen|skizzieren|rueckmeldung|klaeren|gerne mehr|vorschlag|vorschlaege|"
        "send|send me|send us|send over|share|forward me|email me the|provide|pricing|price|prices|cost|costs|quote|case studies|case study|references|information|more info|details|tell me|tell us|explain|brochure|deck|proposal|could you|can you|would you|let me know|one pager|one-pager|examples|example|materials|clarify|elaborate|rates|rate card|data sheet|need to know|like to know|want to know|documentation|sample|an answer|interessieren|wuerde interessieren|ob sie|ob es|wuesste gern|wuesste gerne|wissen moechte|moechte wissen|wissen wollen|wuerde gerne wissen|frage mich|fraglich|schicks|schicke|schickt|schickt mir|sendet|mailt|mail mir|mail mal|mailen|schriftlich|schreiben sie mir kurz|her damit|bin gespannt|fakten|kostenvoranschlag|offerte|offertstellung|richtofferte|prospekt|prospekte|flyer|katalog|kataloge|probe|proben|leseprobe|musterexemplar|vertragsentwurf|nachweis|nachweise|zertifikat|zertifikate|bescheinigung|ausfuellen|aufstellung|stichpunkte|steckbrief|lebenslauf|lieferzeiten|lieferzeit|preisvorstellung|budgetrahmen|erbitte|erbitten|bitten wir|haette gern|haette gerne|haetten gern|haetten gerne|braeuchte|braeuchten|vermisse|fehlt mir|fehlt uns|fehlen|nachreichen|reichen sie|bestaetigung|let me have|let us have|let me see|i'd want|we'd want|write-up|write up|writeup|put it in|in writing|by post|by return|method statement|certificate|certificates|must see|need to see|want to see|like to see|i need|we need|i'll need|we'll need|require|requires|required|specs|spec sheet|specification|specifications|fact sheet|factsheet|estimate|ballpark|samples|catalogue|catalog|leaflet|flyer|flyers|pamphlet|pdf|spreadsheet|summary|bullet points|outline|copy of|a copy|attach|attachment|point me|enlighten|fill me in|give me the|give us the|hit me with|whats|what's|how's|who's|lead time|turnaround|warranty|wonder|wondering|curious whether|resend|put the main|put it in an email|put that in an email|points in an email|need the figures|need the numbers|have the figures|have a question|one question|a question|need an answer|like an answer|want an answer|expect an answer|await|please confirm|can confirm|bestaetigen sie|bitte bestaetigen|habe eine frage|eine frage|noch fragen|haette da noch|link|info|walk me through|legen sie|schriftliches|something in writing|was schriftliches|lassen sie hoeren",
        "Schicken Sie mir bitte Unterlagen.", "reply", "Danke für die Unterlagen.",
    ),
    AskRule(
        "interest", INTEREST,
        "interessiert|interessant|interesse|spannend|klingt gut|klingt super|klingt|hoert sich gut|offen|einverstanden|interested|interesting|sounds good|sounds great|sounds interesting|happy to|love to|keen|intrigued|yep|yeah|absolutely|i'd like|we'd like|curious|good idea|open to|bin dabei|wir sind dabei|dabei|hervorragend|genau das|das suchen wir|suchen wir|bin gespannt|gespannt|neugierig|count me in|i'm in|we're in|colour me|color me|go on|go ahead|do tell|all ears|i'm listening|tempted|tempting|love it|love the|like the sound|right up our|sign me up|let's do it|let's go|why not|ueberzeugt|reizt|reizvoll|nur zu|her damit|schiessen sie los|bitte gern|sehr gerne|unbedingt|hoert sich|liest sich gut|liest sich|ja|gern|gerne|sure|sounds|yes|ja gerne|yes please",
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
        "done", DONE,
        "alles geklaert|erledigt|passt so|alles gut|alles klar|alles bestens|hat sich erledigt|hat geklappt|ist da|sind da|angekommen|eingetroffen|erhalten|vollstaendig|all sorted|sorted|nothing needed|nothing else|nothing more|that's all|that is all|no action|all good|all set|no further action|all done|done|received|got it|got your|noted|zur kenntnis|zur kenntnis genommen|vermerkt|notiert|kein handlungsbedarf|nichts weiter|"
        "just wanted to say|wollte nur sagen|wollte mich nur|wollte nur danke|schoenes wochenende|schoenen tag|great weekend|great day|good weekend|nice weekend|nice day|frohe|happy holidays|merry|congratulations|glueckwunsch|gratulation|no need to reply|no reply needed|keine antwort noetig|keine antwort noetig|no need to respond|don't need to reply|nothing to add|signed off on|approved|genehmigt|freigegeben|ist unterwegs|on its way|is in the post|in der post|ueberwiesen|bezahlt|paid",
        "Passt so, alles geklärt.", "none", "Passt so? Was kostet das denn?",
    ),
    AskRule(
        "past", PAST,
        "gestern|vorgestern|last night|yesterday|last week|letzte woche|vergangene woche|letzten|letztens|neulich|vorhin|hat spass gemacht|war nett|war schoen|war sehr|war ein|was a|was great|was lovely|was nice|the other day|earlier today|heute frueh|last month|was good|war gut|was a pleasure|war toll|war interessant|schoenes gespraech gestern|bei unserem gespraech|in unserem telefonat|on our call|in our call|during our call",
        "Danke für das Gespräch gestern.", "none", "Gestern war ich nicht da, können wir morgen telefonieren?",
    ),
    AskRule(
        "then", THEN, "dann|then|zu dem zeitpunkt|at that point|at that time|wenn es so weit ist|once that's|once that is|once it's|once this|once we've|once we have|sobald das|sobald wir|wenn das|wenn wir|when that|after that's",
        "Das Projekt startet im Oktober. Melden Sie sich dann.", "wait_until", "Dann nehmen Sie mich aus dem Verteiler.",
    ),
    AskRule(
        "moved", MOVED, "verschieben|verlegen|absagen muessen|nicht halten|nicht schaffe|nicht schaffen|klappt nicht|geht nicht|passt nicht mehr|has to move|have to move|need to move|must move|reschedule|postpone|can't make|cannot make|won't make|doesn't work|not work for me|need to cancel|have to cancel|fall out|faellt aus|entfaellt|wird nichts|can't do|no longer works|geht nicht mehr|wird mir zu eng|wird eng|kann doch nicht|can't after all",
        "Den Termin morgen muss ich verschieben. Ginge Freitag?", "call", "Das Projekt verschieben wir, kein Bedarf.",
    ),
    AskRule(
        "sure-redirect", SURE,
        "direct your enquiry|direct your inquiry|direct your question|direct all|the person you need|person you want|person you should|falls to|is a matter for|redirect your|address your|enquire with|inquire with|apply to the|richten sie ihre anfrage|richten sie anfragen|wenden sie sich dorthin|dort nachfragen|direct enquiries|direct inquiries|please direct|is handled by|are handled by|is dealt with by|wird betreut von|wird von|werden von|liegt in den haenden|who you want|who you need|someone else|jemand anderen|jemand anderes|jemand anders|anderen kollegen|andere kollegin|andere abteilung|another department|another team|different department|different team|other department",
        "This falls to the Licensing Section. Please direct your enquiry there.", "ask_other", "Wird das von Ihnen auch gewartet?",
    ),
    AskRule(
        "another-time", ANOTHER_TIME, "some other time|another time|another day|ein andermal|ein anderes mal|zu anderer zeit|andermal|not a good time|bad time|kein guter zeitpunkt|schlechter zeitpunkt|unguenstiger zeitpunkt|spaeter vielleicht|vielleicht spaeter|maybe later|perhaps later|later maybe|not right now|jetzt nicht|im moment nicht|gerade nicht|noch nicht so weit|noch nicht soweit|zu frueh|too early|too soon|not yet ready|down the road|down the line|in the future|in future|in zukunft|irgendwann|someday|one day|wenn es ruhiger|when things calm|when it's quieter|when we're ready|wenn wir so weit|wenn wir soweit|when the time comes|zu gegebener zeit|in due course",
        "Ganz schlechter Zeitpunkt, ein andermal vielleicht.", "wait_until", "Schlechter Scherz, lassen Sie mich in Ruhe.",
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
