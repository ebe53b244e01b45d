"""Phrases that introduce quoted or forwarded mails, by meaning, in lower case, for all languages."""

LEADS = frozenset({"on", "am", "le", "op", "el", "il", "em", "den", "dnia", "w", "dne"})
"""First word of `On … wrote:`."""

VERBS = frozenset(
    {
        "wrote", "writes", "schrieb", "geschrieben", "écrit", "ecrit", "schreef", "geschreven", "escribió", "escribio",
        "scritto", "escreveu", "skrev", "napisał", "napisał(a", "napisała", "napsal", "kirjoitti",
    }
)  # fmt: skip
"""Verb of `On … wrote:`."""

SAID = frozenset({"said", "says"})
"""Verbs of Airmail and other programs that people use as well, so that an address must be beside them."""

PERSONAL = frozenset(
    {
        "i", "we", "you", "me", "us", "my", "our", "your", "he", "she", "they", "his", "her", "their", "someone", "somebody",
        "ich", "wir", "mir", "uns", "ihnen", "sie", "mein", "meine", "meinem", "meiner", "unser", "unsere", "unserem", "unserer",
        "ihr", "ihre", "ihrem", "ihrer", "er", "jemand", "je", "nous", "vous", "notre", "votre", "nos", "vos",
        "ik", "wij", "mij", "ons", "onze", "mijn", "uw", "jullie", "iemand",
    }
)  # fmt: skip
"""Words of personal sentences, which no program writes in `On … wrote:`."""

DAYS_AND_MONTHS = frozenset(
    {
        "mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
        "nov", "dec", "mo", "di", "mi", "do", "fr", "sa", "so", "die", "mit", "don", "fre", "sam", "son", "mär", "mrz", "mai",
        "okt", "dez", "lun", "mer", "jeu", "ven", "dim", "ma", "wo", "vr", "za", "zo", "din", "woe", "vri", "zat", "zon",
        "maa", "mrt", "mei", "jui", "aoû", "fév", "avr", "déc", "mié", "jue", "vie", "sáb", "dom", "gio", "sab", "seg", "pon",
        "wto", "śro", "czw", "pią", "sob", "nie", "ter", "mån", "man", "tis", "tir", "tor", "lör", "lør", "sön", "søn", "sty",
        "lut", "kwi", "maj", "cze", "lip", "wrz", "paź", "lis", "gru", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug",
        "set", "ott", "fev", "out", "qua", "qui", "sex",
    }
)  # fmt: skip
"""First three letters (or the abbreviation) of days and months."""

OF_DATES = frozenset(
    {
        "",
        "a",
        "dem",
        "den",
        "der",
        "de",
        "del",
        "the",
        "of",
        "giorno",
        "dia",
        "día",
        "um",
        "at",
        "om",
        "kl",
        "à",
        "alle",
        "ore",
        "las",
        "às",
        "uhr",
        "am",
        "pm",
        "o",
    }
)
"""Other words within a date, and words of punctuation only."""

BESIDE_NAMES = frozenset(
    {
        "hat", "folgendes", "a", "ha", "heeft", "het", "volgende", "użytkownik", "via", "von", "vom", "van", "vd", "v.d", "zu", "zur",
        "zum",
        "und", "and", "et", "en", "the", "af", "av", "da", "das", "dos", "di", "della", "du", "des", "la", "las", "los", "el", "al",
        "bin", "ibn",
        "ben", "ten", "ter", "y", "e", "i", "tijd", "by", "par", "door", "door:", "h", "u", "s", "st",
    }
)  # fmt: skip
"""Words in lower case that programs write within names and beside them."""

FROM, SENT, TO, CC, SUBJECT, OTHER = "from", "sent", "to", "cc", "subject", "other"
HEADERS = {
    **dict.fromkeys(("from", "von", "de", "van", "da", "fra", "från", "od", "absender", "expéditeur", "mittente"), FROM),
    **dict.fromkeys(
        (
            "sent", "sent on", "date", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le", "date d'envoi", "verzonden",
            "enviado", "enviado el", "fecha", "data", "inviato", "skickat", "sendt", "dato", "wysłano",
        ),
        SENT,
    ),
    **dict.fromkeys(("to", "an", "à", "aan", "pour", "para", "a", "till", "til", "do", "empfänger", "destinataire"), TO),
    **dict.fromkeys(("cc", "bcc", "kopie", "copie à", "copie", "kopia", "kopi"), CC),
    **dict.fromkeys(
        ("subject", "betreff", "objet", "onderwerp", "betreft", "asunto", "oggetto", "assunto", "ämne", "emne", "temat"), SUBJECT
    ),
    **dict.fromkeys(
        (
            "reply-to", "antwort an", "antwoord aan", "répondre à", "importance", "wichtigkeit", "priorität", "urgentie",
            "attachments", "anlagen", "pièces jointes", "bijlagen", "organization",
        ),
        OTHER,
    ),
}  # fmt: skip
"""Names of the headers above a quoted mail."""

ORIGINALS = frozenset(
    {
        "original message", "original mail", "original email", "original e-mail", "original appointment", "reply message",
        "ursprüngliche nachricht", "ursprüngliche mail", "ursprüngliche e-mail", "originalnachricht", "original-nachricht",
        "original nachricht", "urspr. nachricht",
        "ursprünglicher termin", "message d'origine", "message original", "mail original", "e-mail d'origine", "message initial",
        "courriel original",
        "oorspronkelijk bericht", "oorspronkelijke e-mail", "origineel bericht", "mensaje original", "messaggio originale",
        "mensagem original",
        "originalmeddelande", "oprindelig meddelelse", "wiadomość oryginalna",
    }
)  # fmt: skip
"""Texts between dashes above the mail that is answered."""

FORWARDS = frozenset(
    {
        "forwarded message", "forwarded email", "forwarded e-mail", "weitergeleitete nachricht", "weitergeleitete mail",
        "weitergeleitete e-mail", "weitergeleitet", "forwarded mail", "message transféré", "mail transféré", "e-mail transféré",
        "message transmis", "courriel transféré", "doorgestuurd bericht", "doorgestuurde bericht", "doorgestuurde e-mail",
        "doorgestuurde mail", "mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada", "vidarebefordrat meddelande",
        "videresendt meddelelse", "przekazana wiadomość",
    }
)  # fmt: skip
"""Texts between dashes above a forwarded mail."""

FORWARDED_BY = (
    "forwarded by ", "weitergeleitet von ", "réacheminé par ", "transféré par ", "doorgestuurd door ", "inoltrato da ", "reenviado por ",
)  # fmt: skip
"""Texts between dashes, before the name of the person who forwards a mail (Notes)."""

FORWARD_SENTENCES = frozenset(
    {
        "begin forwarded message", "start of forwarded message", "anfang der weitergeleiteten nachricht",
        "anfang der weitergeleiteten e-mail", "début du message transféré", "début du message réexpédié",
        "begin doorgestuurd bericht", "begin van doorgestuurd bericht", "inicio del mensaje reenviado",
        "inizio messaggio inoltrato",
    }
)  # fmt: skip
"""Sentences above a forwarded mail (Apple)."""

FORWARD_SUBJECTS = ("fw:", "fwd:", "wg:", "tr:", "doorst:", "rv:", "i:", "enc:", "vs:", "vb:")
"""Beginnings of the subject of a forwarded mail; Outlook marks it in no other way."""

ANSWERS_BELOW = (
    "see below", "answers below", "comments below", "answered below", "replies below", "inline", "in-line", "in line below", "see within",
    "in red", "in blue", "in green", "my comments", "my answers", "siehe unten", "siehe weiter unten", "siehe untenstehend", "s.u.",
    "s. u.",
    "s. unten", "s.unten", "vgl. unten", "unten in", "in rot", "in blau", "in grün", "in roter", "in blauer", "in grüner", "rot markiert",
    "antworten unten", "direkt unten", "meine antworten", "meine anmerkungen", "meine kommentare", "im text", "reingeschrieben",
    "hineingeschrieben", "dazugeschrieben", "ci-dessous", "plus bas", "cf. infra", "voir infra", "en rouge", "en bleu", "en vert",
    "mes réponses", "mes commentaires", "dans le texte", "zie hieronder", "hieronder", "zie onder", "in het rood", "in het blauw",
    "mijn antwoorden", "mijn opmerkingen", "tussen de tekst", "tussen de regels", "hinter ihren fragen", "hinter deinen fragen",
    "unter ihren fragen", "unter deinen fragen",
    "below your questions", "behind your questions", "sous vos questions", "onder je vragen", "onder uw vragen",
)  # fmt: skip
"""Phrases above a quote by which people announce answers inside it."""

ANSWERS = (
    "answer", "repl", "respon", "comment", "remark", "feedback", "antwort", "geantwortet", "beantwort", "rückmeldung", "anmerkung",
    "kommentar", "ergänzung", "répon", "répond", "commentaire", "remarque", "antwoord", "beantwoord", "geantwoord", "reactie", "opmerking",
)  # fmt: skip
"""Beginnings of words for answers. They announce them together with one of LOOKS or PLACES in the same sentence."""

LOOKS = frozenset(
    {
        "below", "beneath", "underneath", "within", "inside", "between", "bold", "italic", "italics", "capitals", "caps", "uppercase",
        "red",
        "blue", "green", "highlighted", "coloured", "colored", "marked", "unten", "unterhalb", "untenstehend", "drunter", "darunter",
        "dazwischen", "zwischen", "fett", "kursiv", "rot", "blau", "grün", "farbig", "farblich", "markiert", "hervorgehoben",
        "großbuchstaben", "grossbuchstaben", "originaltext", "dessous", "bas", "gras", "italique", "majuscules", "rouge", "bleu", "vert",
        "surligné", "onder", "onderaan", "eronder", "tussen", "vet", "vetgedrukt", "cursief", "hoofdletters", "rood", "blauw", "groen",
    }
)  # fmt: skip
PLACES = (
    "in your mail", "in your email", "in your e-mail", "in your message", "in the mail", "in the email", "under each", "after each",
    "under your", "***", ">>", "in ihrer mail", "in ihrer e-mail", "in ihrer email", "in ihrer nachricht", "in deiner mail",
    "in deiner e-mail", "in deiner nachricht", "in der mail", "in der e-mail", "unter deine", "unter ihre", "unter den", "unter jede",
    "hinter den", "hinter ihre", "hinter deine", "zu den einzelnen", "dans votre", "dans ton", "dans le mail", "sous chaque", "sous vos",
    "in je ", "in uw ", "in de mail", "in de e-mail", "onder je ", "onder uw ", "achter je ", "achter uw ",
)  # fmt: skip

GREETINGS = (
    "hallo", "hi ", "hey", "hello", "dear ", "guten tag", "guten morgen", "guten abend", "sehr geehrte", "lieber ", "liebe ", "moin",
    "servus",
    "grüezi", "grüß gott", "grüss gott", "werte", "good morning", "good afternoon", "good evening", "good day", "bonjour", "bonsoir",
    "salut",
    "cher ", "chère ", "madame", "monsieur", "beste ", "geachte", "dag ", "goedemorgen", "goedemiddag", "goedenavond", "goedendag", "hoi",
    "hola", "buongiorno", "ciao",
)  # fmt: skip
"""Beginnings of greetings; in Switzerland and on phones no comma follows."""

FOOTERS = (
    "von meinem ", "sent from my", "sent from outlook", "sent from mail for", "sent from yahoo", "gesendet von ", "gesendet mit",
    "gesendet aus",
    "diese nachricht wurde von meinem", "outlook für ", "outlook for ", "outlook pour ", "outlook voor ", "get outlook for",
    "holen sie sich outlook",
    "envoyé de mon", "envoyé depuis", "envoyé à partir", "obtenir outlook", "téléchargez outlook", "télécharger outlook", "verzonden vanaf",
    "verstuurd vanaf", "verzonden met", "outlook downloaden", "downloaden van outlook", "yahoo mail:", "mit der gmx", "mit der web.de",
)  # fmt: skip
"""Beginnings of lines that phones and programs add."""
