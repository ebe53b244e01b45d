"""Mail texts of the demo's campaigns: ten offers, two languages, three steps, two variants."""

from dataclasses import dataclass
from typing import Any

STEPS = 3


@dataclass(frozen=True, slots=True)
class Pitch:
    """One offer. ``subject`` and ``second_subject`` belong to the two variants of the first mail."""

    name: str
    language: str
    subject: str
    second_subject: str
    pain: str
    offer: str
    proof: str
    link: str


PITCHES = (
    Pitch(
        "Logistics UK – late deliveries",
        "en",
        "Late deliveries at {{companyName}}",
        "Quick question, {{firstName}}",
        "Most operations teams learn about a late truck when the customer calls.",
        "We text your dispatcher forty minutes earlier, from data you already have.",
        "A haulier in Leeds went from eleven complaints a week to two.",
        "https://tracking.example/demo",
    ),
    Pitch(
        "Maschinenbau DACH – Ersatzteile",
        "de",
        "Ersatzteile bei {{companyName}}",
        "Kurze Frage zu Ihrem Lager",
        "Viele Werke binden Kapital in Teilen, die seit Jahren niemand bestellt.",
        "Wir zeigen in zwei Wochen, welche Teile Sie wirklich brauchen.",
        "Ein Hersteller aus Bielefeld hat so 400.000 Euro Lagerwert gelöst.",
        "https://ersatzteile.example/analyse",
    ),
    Pitch(
        "SaaS CFOs – month end",
        "en",
        "Closing the month at {{companyName}}",
        "Your month end, two days shorter",
        "Finance teams still copy figures between three systems at month end.",
        "We connect them, so that the close takes two days instead of five.",
        "A software company of your size did its last close on a Tuesday.",
        "https://ledger.example/tour",
    ),
    Pitch(
        "Pflegedienste – Dienstplan",
        "de",
        "Dienstplan bei {{companyName}}",
        "Weniger Anrufe am Wochenende",
        "Fällt am Samstag jemand aus, beginnt das Telefonieren.",
        "Unser Dienstplan fragt selbst nach und findet im Schnitt in neun Minuten Ersatz.",
        "Ein Träger in Kassel spart damit sechs Stunden in der Woche.",
        "https://dienstplan.example/video",
    ),
    Pitch(
        "US retail – returns",
        "en",
        "Returns at {{companyName}}",
        "Where your margin goes, {{firstName}}",
        "One in five parcels comes back, and half of those could have been avoided.",
        "We find the product pages that cause them and say what to change.",
        "A shoe brand cut returns by 18% without touching its policy.",
        "https://returns.example/report",
    ),
    Pitch(
        "Steuerkanzleien – Belege",
        "de",
        "Belege Ihrer Mandanten",
        "Eine Idee für {{companyName}}",
        "Mandanten schicken Belege als Foto, per Post und in E-Mails.",
        "Wir sammeln sie an einer Stelle und buchen vor.",
        "Eine Kanzlei in Freiburg bearbeitet so ein Drittel mehr Mandate.",
        "https://belege.example/termin",
    ),
    Pitch(
        "Agencies – hiring designers",
        "en",
        "Designers for {{companyName}}",
        "Two designers, available in May",
        "A good designer is off the market in nine days.",
        "We know who will be free next month and introduce you first.",
        "An agency in Austin filled three seats in April without an advert.",
        "https://talent.example/portfolio",
    ),
    Pitch(
        "Handwerk – Angebote schneller",
        "de",
        "Angebote bei {{companyName}}",
        "Angebot noch am selben Tag?",
        "Wer zuerst ein Angebot schickt, bekommt meist den Auftrag.",
        "Mit unserer Vorlage dauert es zwölf Minuten, direkt vom Telefon aus.",
        "Ein Betrieb in Ulm gewinnt seither jedes zweite Angebot.",
        "https://angebot.example/probe",
    ),
    Pitch(
        "Clinics – no-shows",
        "en",
        "Missed appointments at {{companyName}}",
        "Fourteen empty slots a week",
        "Every clinic we meet loses about fourteen slots a week to no-shows.",
        "A reminder that patients can answer brings back ten of them.",
        "A dental group in Manchester now runs a waiting list instead.",
        "https://slots.example/numbers",
    ),
    Pitch(
        "Hotels – Direktbuchungen",
        "de",
        "Direktbuchungen für {{companyName}}",
        "15 Prozent Provision sparen",
        "Buchungsportale kosten Sie bei jeder Nacht 15 Prozent.",
        "Wir holen Stammgäste auf Ihre eigene Seite zurück.",
        "Ein Haus am Bodensee bucht inzwischen 40 Prozent direkt.",
        "https://direkt.example/rechner",
    ),
)

# (subject, body) of each step's variants; a follow-up without a subject continues the thread, as in Instantly
FRAMES: dict[str, tuple[tuple[tuple[str, str], ...], ...]] = {
    "en": (
        (
            (
                "{subject}",
                "Hi {{{{firstName}}}},<br /><br />{{{{personalization}}}}<br /><br />{pain} {offer}<br /><br />"
                'Worth a look? <a href="{link}">Two minutes</a> tell you whether it fits {{{{companyName}}}}.'
                "<br /><br />Best,<br />{{{{sendingAccountFirstName}}}}",
            ),
            (
                "{second_subject}",
                "{{{{firstName}}}}, {pain}<br /><br />{offer} {proof}<br /><br />"
                "Who at {{{{companyName}}}} would be the right person for this?"
                "<br /><br />Best,<br />{{{{sendingAccountFirstName}}}}",
            ),
        ),
        (
            (
                "",
                "Hi {{{{firstName}}}},<br /><br />a short follow-up: {proof}<br /><br />"
                'Here is <a href="{link}">how they did it</a>. Would Thursday suit you for fifteen minutes?'
                "<br /><br />{{{{sendingAccountFirstName}}}}",
            ),
            (
                "",
                "{{{{firstName}}}}, did my note get buried?<br /><br />{offer}<br /><br />"
                "A yes or no is enough.<br /><br />{{{{sendingAccountFirstName}}}}",
            ),
        ),
        (
            (
                "",
                "Hi {{{{firstName}}}},<br /><br />I will not write again. If it becomes a topic at {{{{companyName}}}},"
                ' <a href="{link}">this page</a> has everything.<br /><br />All the best,'
                "<br />{{{{sendingAccountFirstName}}}}",
            ),
        ),
    ),
    "de": (
        (
            (
                "{subject}",
                "Guten Tag {{{{firstName}}}} {{{{lastName}}}},<br /><br />{{{{personalization}}}}<br /><br />"
                '{pain} {offer}<br /><br /><a href="{link}">In zwei Minuten</a> sehen Sie, ob das zu '
                "{{{{companyName}}}} passt.<br /><br />Viele Grüße<br />{{{{sendingAccountFirstName}}}}",
            ),
            (
                "{second_subject}",
                "Guten Tag {{{{firstName}}}} {{{{lastName}}}},<br /><br />{pain} {offer}<br /><br />{proof} "
                "Wer kümmert sich bei {{{{companyName}}}} darum?<br /><br />Viele Grüße"
                "<br />{{{{sendingAccountFirstName}}}}",
            ),
        ),
        (
            (
                "",
                "Guten Tag {{{{firstName}}}} {{{{lastName}}}},<br /><br />noch ein kurzer Nachtrag: {proof}<br /><br />"
                '<a href="{link}">So lief es ab.</a> Passt Ihnen Donnerstag für 15 Minuten?<br /><br />Viele Grüße'
                "<br />{{{{sendingAccountFirstName}}}}",
            ),
            (
                "",
                "Guten Tag {{{{firstName}}}} {{{{lastName}}}},<br /><br />ist meine Nachricht untergegangen? {offer}"
                "<br /><br />Ein Ja oder Nein genügt mir.<br /><br />{{{{sendingAccountFirstName}}}}",
            ),
        ),
        (
            (
                "",
                "Guten Tag {{{{firstName}}}} {{{{lastName}}}},<br /><br />ich melde mich nicht wieder. Falls es bei "
                '{{{{companyName}}}} Thema wird: <a href="{link}">hier steht alles</a>.<br /><br />Alles Gute'
                "<br />{{{{sendingAccountFirstName}}}}",
            ),
        ),
    ),
}
DELAY_DAYS = (3, 4, 0)  # before the NEXT mail


def sequences(pitch: Pitch) -> list[dict[str, Any]]:
    """The campaign's ``sequences`` in the API's shape."""
    words = {
        "subject": pitch.subject,
        "second_subject": pitch.second_subject,
        "pain": pitch.pain,
        "offer": pitch.offer,
        "proof": pitch.proof,
        "link": pitch.link,
    }
    steps = [
        {
            "type": "email",
            "delay": delay,
            "delay_unit": "days",
            "variants": [
                {"subject": subject.format(**words), "body": f"<div>{body.format(**words)}</div>"}
                for subject, body in variants
            ],
        }
        for variants, delay in zip(FRAMES[pitch.language], DELAY_DAYS, strict=True)
    ]
    return [{"steps": steps}]
