"""Single words by which requests in replies are found, in addition to the rules in ask_rules.py."""

TITLES = {
    "frau", "herr", "herrn", "fr", "hr", "mr", "mrs", "ms", "dr", "kollege", "kollegin", "kollegen", "colleague",
    "coworker", "boss", "chef", "chefin", "assistentin", "assistenz", "assistant", "einkauf", "abteilung",
    "department", "team", "marketing", "procurement", "it", "geschaeftsfuehrer", "geschaeftsfuehrung", "zentrale",
    "head", "manager", "vertrieb", "purchasing", "ceo", "cto", "cfo", "cmo", "coo", "nachfolger", "nachfolgerin",
    "successor", "leiter", "leiterin", "director", "vp", "owner", "ihr", "ihm", "her", "him", "partner",
    "mutterkonzern", "headquarters", "hq",
}  # fmt: skip
NAMING = {
    "unter", "at", "mail", "email", "e", "adresse", "address", "erreichen", "reach", "kontakt", "contact", "ihre",
    "seine", "her", "his", "hier", "here", "ist", "is", "an", "to", "cc", "their",
}  # fmt: skip
AGAIN = {"again", "nochmal", "nochmals", "wieder", "erneut"}
WHENEVER = {"once", "nach", "after", "sobald", "when", "wenn"}
VAGUE = {
    "spaeter", "later", "spaeteren", "jahr", "year", "sommer", "summer", "herbst", "autumn", "fall", "winter", "fruehjahr", "fruehling", "spring", "ostern", "easter", "weihnachten", "christmas", "ferien", "holidays", "sommerferien", "urlaub",
    "monaten", "months", "wochen", "weeks", "halben", "halbjahr", "naechstes", "naechsten", "tagen", "days", "pfingsten", "jahreswechsel", "neujahr", "sommerpause", "woche", "week", "monat", "month", "quartal", "quarter", "messe", "umzug", "jahresende", "jahresanfang", "geschaeftsjahr", "fiscal",
    "quartals", "monats", "jahres", "season", "saison", "feiertagen", "halfway", "h1", "h2", "haelfte", "half",
}  # fmt: skip
OFFERS = {
    "passt", "passen", "passte", "works", "work", "suits", "suit", "geht", "ginge", "gehts", "frei", "free",
    "available", "zeit", "time", "erreichbar", "klappt", "fine", "good", "waere", "moeglich", "uhr", "pm", "slot",
    "o'clock", "do", "kann", "koennte",
}  # fmt: skip
QUESTION_WORDS = {
    "was", "wie", "wann", "wo", "wer", "welche", "welcher", "welches", "warum", "wieso", "wieviel", "woher", "wohin", "wofuer", "womit", "worin", "inwiefern",
    "what", "how", "when", "where", "who", "which", "why", "whose",
}  # fmt: skip
QUESTION_VERBS = {
    "does", "do", "is", "are", "can", "could", "would", "will", "did", "has", "have", "any", "haben", "koennen", "gibt", "ist", "sind", "bieten", "kann", "koennten", "waere", "wuerden",
    "machen", "liefern", "kennen", "geht", "habt", "hast", "kannst", "koennt", "darf", "duerfte", "funktioniert", "laeuft", "gibts", "anybody", "anyone", "should", "shall",
}  # fmt: skip
QUESTION_SUBJECTS = {
    "you", "it", "there", "this", "that", "your", "sie", "es", "ihr", "das", "ihre", "du", "we", "man", "i", "they",
    "the", "denn", "der", "die", "dies", "chance", "idea", "news", "update",
}  # fmt: skip
