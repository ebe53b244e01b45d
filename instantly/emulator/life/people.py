"""Names, companies and addresses of invented people, under the reserved domain ``.example``."""

import random
from dataclasses import dataclass
from typing import Any

words = str.split
FIRST_NAMES = {
    "en": words(
        "Olivia James Amelia George Priya Daniel Chloe Marcus Hannah Liam Sofia Ethan Grace Noah Maya Oscar Ruby "
        "Adrian Nadia Colin Elena Patrick Zoe Samuel Aisha Victor Laura Ben Tessa Rohan"
    ),
    "de": words(
        "Anna Lukas Katharina Jonas Sabine Stefan Miriam Felix Jutta Thomas Lea Matthias Petra Florian Nina Jürgen "
        "Carolin Tobias Heike Sebastian Ute Andreas Franziska Markus Birgit Philipp Silke Daniel Ines Rainer"
    ),
}
LAST_NAMES = {
    "en": words(
        "Walker Patel Hughes Bennett O'Connor Shah Fletcher Reid Novak Castillo Morgan Whitfield Lindqvist Barnes "
        "Osei Keller Dunn Farrell Moreau Grant Ivanova Pritchard Sato Lambert Quinn Ellis Rossi Hartley Brandt Cole"
    ),
    "de": words(
        "Müller Schneider Krüger Hoffmann Weiß Brandt Lorenz Vogt Schäfer Becker Jansen Huber Engel Pohl Seidel "
        "Albrecht Günther Winter Arnold Böhm Franke Roth Simon Kuhn Haas Ziegler Kraus Lehmann Otto Sommer"
    ),
}
COMPANY_WORDS = {
    "en": (
        words("North Harbor Cedar Bright Stone Field River Copper Atlas Summit Willow Iron Blue Crest Maple Falcon"),
        words("Logistics Analytics Labs Partners Systems Foods Health Robotics Energy Studio Freight Media Tools"),
        ("Ltd", "Inc", "Group", "LLC"),
    ),
    "de": (
        words("Küsten Birken Alpen Hanse Süd Berg Wald Stern Linden Elb Kranich Falken Mühlen Eichen"),
        words("technik logistik bau werke druck medien energie systeme pharma metall software möbel"),
        ("GmbH", "AG", "GmbH & Co. KG", "KG"),
    ),
}
JOBS = {
    "en": ("Head of Sales", "Operations Manager", "Founder", "VP Marketing", "Procurement Lead", "CFO", "COO"),
    "de": ("Vertriebsleiterin", "Geschäftsführer", "Leiter Einkauf", "Prokuristin", "Marketingleitung", "Werksleiter"),
}
OPENERS = {
    "en": (
        "Saw that {company} is hiring again, congratulations.",
        "Your talk about planning without spreadsheets stayed with me.",
        "{company} came up twice this week when I asked customers whom they look up to.",
        "",
    ),
    "de": (
        "Glückwunsch zum neuen Standort von {company}.",
        "Ihr Beitrag über Lieferzeiten im Mittelstand hat mir gefallen.",
        "{company} wurde mir diese Woche gleich zweimal empfohlen.",
        "",
    ),
}
TRANSLITERATION = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "'": ""})


@dataclass(frozen=True, slots=True)
class Person:
    """Name, company and address of an invented lead."""

    email: str
    first_name: str
    last_name: str
    company_name: str
    job_title: str
    phone: str | None
    website: str
    personalization: str

    def as_lead(self) -> dict[str, Any]:
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "company_name": self.company_name,
            "job_title": self.job_title,
            "phone": self.phone,
            "website": self.website,
            "personalization": self.personalization,
            "company_domain": self.email.rpartition("@")[2],
        }


def invent(rng: random.Random, language: str, number: int) -> Person:
    """Return an invented person. ``number`` makes the address unique if a name repeats."""
    first, last = rng.choice(FIRST_NAMES[language]), rng.choice(LAST_NAMES[language])
    stem, form = _company(rng, language)
    company = f"{stem} {form}"
    domain = f"{ascii_only(stem).replace(' ', '-').lower()}.example"
    return Person(
        email=f"{ascii_only(first).lower()}.{ascii_only(last).lower()}{number}@{domain}",
        first_name=first,
        last_name=last,
        company_name=company,
        job_title=rng.choice(JOBS[language]),
        phone=None if rng.random() < 0.3 else f"+{'49' if language == 'de' else '1'}555{rng.randrange(10**7):07d}",
        website="" if rng.random() < 0.2 else f"https://www.{domain}",
        personalization=rng.choice(OPENERS[language]).format(company=company),
    )


def ascii_only(text: str) -> str:
    """Return the text with umlauts spelled out, because addresses are plain ASCII."""
    return text.translate(TRANSLITERATION)


def _company(rng: random.Random, language: str) -> tuple[str, str]:
    heads, tails, forms = COMPANY_WORDS[language]
    joint = "" if language == "de" else " "
    return f"{rng.choice(heads)}{joint}{rng.choice(tails)}", rng.choice(forms)
