"""Introductions of quoted or forwarded mails, by meaning; lower case, all languages together."""

LEADS = frozenset({"on", "am", "le", "op", "el", "il", "em", "den", "dnia", "w", "dne"})
"""First word of `On … wrote:`."""

VERBS = frozenset(
    {
        "wrote", "writes", "schrieb", "geschrieben", "écrit", "ecrit", "schreef", "geschreven", "escribió", "escribio",
        "scritto", "escreveu", "skrev", "napisał", "napisał(a", "napisała", "napsal", "kirjoitti",
    }
)  # fmt: skip
"""Its verb."""

SAID = frozenset({"said", "says"})
"""Verb of Airmail and others. People use it as well, so an address must stand beside it."""

PERSONAL = frozenset(
    {
        "i", "we", "you", "me", "us", "my", "our", "your", "he", "she", "they", "his", "her", "their", "someone", "somebody",
        "ich", "wir", "mir", "uns", "ihnen", "sie", "mein", "meine", "meinem", "meiner", "unser", "unsere", "unserem", "unserer",
        "ihr", "ihre", "ihrem", "ihrer", "er", "jemand", "je", "nous", "vous", "notre", "votre", "nos", "vos",
        "ik", "wij", "mij", "ons", "onze", "mijn", "uw", "jullie", "iemand",
    }
)  # fmt: skip
"""A program names a person and says none of these; a sentence of somebody's own does."""

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
"""Other words within a date, and what is nothing but punctuation."""

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
        "original message", "original email", "original e-mail", "original appointment", "reply message",
        "ursprüngliche nachricht", "originalnachricht", "original-nachricht", "original nachricht", "urspr. nachricht",
        "ursprünglicher termin", "message d'origine", "message original", "message initial", "courriel original",
        "oorspronkelijk bericht", "origineel bericht", "mensaje original", "messaggio originale", "mensagem original",
        "originalmeddelande", "oprindelig meddelelse", "wiadomość oryginalna",
    }
)  # fmt: skip
"""Between dashes, above the mail that is answered."""

FORWARDS = frozenset(
    {
        "forwarded message", "forwarded email", "forwarded e-mail", "weitergeleitete nachricht", "weitergeleitete mail",
        "weitergeleitete e-mail", "weitergeleitet", "message transféré", "message transmis", "courriel transféré",
        "doorgestuurd bericht", "mensaje reenviado", "messaggio inoltrato", "mensagem encaminhada", "vidarebefordrat meddelande",
        "videresendt meddelelse", "przekazana wiadomość",
    }
)  # fmt: skip
"""Between dashes, above a mail that is passed on."""

FORWARD_SENTENCES = frozenset(
    {
        "begin forwarded message", "start of forwarded message", "anfang der weitergeleiteten nachricht",
        "anfang der weitergeleiteten e-mail", "début du message transféré", "début du message réexpédié",
        "begin doorgestuurd bericht", "begin van doorgestuurd bericht", "inicio del mensaje reenviado",
        "inizio messaggio inoltrato",
    }
)  # fmt: skip
"""The same as a sentence (Apple)."""

FORWARD_SUBJECTS = ("fw:", "fwd:", "wg:", "tr:", "doorst:", "rv:", "i:", "enc:", "vs:", "vb:")
"""Beginning of the subject of a mail that is passed on; Outlook marks its text in no other way."""

ANSWERS_BELOW = (
    "see below", "answers below", "comments below", "answered below", "replies below", "inline", "in line below", "in red",
    "in blue", "in green", "my comments", "my answers", "siehe unten", "s.u.", "s. u.", "siehe weiter unten", "unten in",
    "in rot", "in blau", "in grün", "rot markiert", "antworten unten", "direkt unten", "meine antworten", "meine anmerkungen",
    "meine kommentare", "im text", "ci-dessous", "en rouge", "en bleu", "mes réponses", "mes commentaires", "dans le texte",
    "zie hieronder", "hieronder", "zie onder", "in het rood", "in het blauw", "mijn antwoorden", "mijn opmerkingen",
)  # fmt: skip
"""What people write above when their answers stand inside the quote."""
