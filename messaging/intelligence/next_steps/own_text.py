"""Lines of a mail that its sender wrote, without quotes, signature and legal notices.

A line is judged once, from its own words and at most three lines after it, so the time is linear in the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from messaging.intelligence.next_steps.tokens import folded

DELIMITERS = {"--", "—", "–", "-- "}
RULE_SIGNS = set("_-=*~–—#+.· ")

CLOSINGS = (
    "mit freundlichen gruessen", "mit freundlichem gruss", "mit besten gruessen", "mit bestem gruss", "mit herzlichen gruessen",
    "mit lieben gruessen", "mit sonnigen gruessen", "mit kollegialen gruessen", "mit vorzueglicher hochachtung", "mit bestem dank und",
    "mit den besten gruessen", "mit vielen gruessen", "mit weihnachtlichen gruessen", "mfg", "mbg", "vg", "lg", "bg", "freundliche gruesse", "freundlichen gruss",
    "freundlicher gruss", "freundliche grueessli", "freundliche gruess", "viele gruesse", "beste gruesse", "besten gruss", "liebe gruesse",
    "lieber gruss", "lieben gruss", "herzliche gruesse", "herzlichst", "schoene gruesse", "sonnige gruesse", "gruesse", "gruss", "gruezi und",
    "es gruesst", "hochachtungsvoll", "viele liebe gruesse", "bis bald", "best regards", "kind regards", "kindest regards", "warm regards", "warmest regards",
    "regards", "with kind regards", "with best regards", "best wishes", "many thanks and", "yours sincerely", "yours faithfully", "sincerely",
    "cheers", "best", "all the best", "yours truly", "br", "kr", "rgds", "thanks and regards", "many thanks", "thanks", "thank you",
    "thanks in advance", "vielen dank", "danke", "besten dank", "merci", "danke und gruss", "vielen dank und viele gruesse", "with thanks", "take care", "warmly", "greetings", "best greetings", "ihr", "ihre", "dein", "deine", "euer", "eure", "yours",
)  # fmt: skip
OPENINGS_ONLY_WHEN_ALONE = {
    "many thanks", "thanks", "thank you", "vielen dank", "danke", "besten dank", "merci", "best", "bis bald", "cheers", "greetings",
}  # fmt: skip
MAX_CLOSING_WORDS = 8

LEGAL = (
    "tel.", "tel:", "tel ", "telefon:", "phone:", "mobil:", "mobile:", "fax", "t:", "m:", "t +", "m +", "www.", "http",
    "diese e-mail enthaelt", "diese email enthaelt", "diese nachricht enthaelt", "diese e-mail ist vertraulich", "der inhalt dieser",
    "die information in dieser", "this e-mail and any", "this email and any", "this message and any", "this e-mail is confidential", "this email is confidential",
    "this message is confidential", "this communication is", "this e-mail may contain", "this email may contain", "the information contained in", "disclaimer",
    "confidentiality", "vertraulichkeit", "rechtlicher hinweis", "haftungsausschluss", "sitz der gesellschaft", "sitz:", "registergericht", "amtsgericht", "handelsregister", "geschaeftsfuehrer:",
    "geschaeftsfuehrung:", "geschaeftsfuehrerin:", "vorstand:", "hrb ", "ust-id", "ust.-id", "ustid", "firmenbuch", "registered office", "registered in", "company number", "company no", "vat no",
    "datenschutz", "privacy", "bitte denken sie an die umwelt", "please consider the environment", "think before you print", "gesendet von meinem", "sent from my", "von meinem iphone", "get outlook for", "outlook fuer",
)  # fmt: skip

RESTARTS = (
    "dear ", "hello", "hi ", "hi,", "hi!", "sehr geehrte", "guten tag", "gruezi", "hallo", "liebe absender", "lieber absender", "english version", "english below",
    "deutsche version", "english:", "deutsch:", "[english", "[deutsch", "(english", "thank you for", "thanks for", "many thanks for", "vielen dank fuer", "danke fuer", "besten dank fuer",
    "i am out", "i'm out", "i am currently", "i'm currently", "ich bin ", "i am away", "i'm away", "en:", "de:", "english", "deutsch",
)  # fmt: skip

QUOTE_MARKS = (
    "original message", "originalnachricht", "urspruengliche nachricht", "original-nachricht", "forwarded message", "weitergeleitete nachricht",
    "begin forwarded message", "anfang der weitergeleiteten", "message d'origine", "original appointment", "urspruenglicher termin",
)  # fmt: skip
HEADER_NAMES = {
    "von": "from", "from": "from", "gesendet": "sent", "sent": "sent", "date": "sent", "datum": "sent", "an": "to", "to": "to",
    "betreff": "subject", "subject": "subject", "cc": "cc", "kopie": "cc",
}  # fmt: skip
HEADER_LINES = 4
WROTE = (" schrieb ", " schrieb:", " wrote ", " wrote:", " hat geschrieben:")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the message; `gap`: a blank line, a rule or an omitted part precedes it."""

    start: int
    end: int
    gap: bool


def own_lines(text: str) -> list[Line]:
    """Return the lines of a normalized text that belong to the message itself."""
    lines = _split(text)
    plain = [folded(text[start:end]).strip() for start, end in lines]
    kept: list[Line] = []
    gap, writing, signed = True, True, False
    for number, line in enumerate(plain):
        if begins_quote(plain, number):
            break
        if not line or line.startswith(">") or _is_rule(line):
            gap = True
            signed = signed or line in DELIMITERS
            writing = writing and line not in DELIMITERS
            continue
        if _is_closing(line, number) or line.startswith(LEGAL):
            gap, writing = True, False
            continue
        if not writing and not signed and gap and line.startswith(RESTARTS):
            writing = True
        if writing:
            kept.append(Line(*lines[number], gap))
            gap = False
        else:
            gap = gap or not line
            gap = True if _ends_block(plain, number) else gap
    return kept


def _split(text: str) -> list[tuple[int, int]]:
    lines, place = [], 0
    for line in text.split("\n"):
        lines.append((place, place + len(line)))
        place += len(line) + 1
    return lines


def _ends_block(plain: Sequence[str], number: int) -> bool:
    return number + 1 < len(plain) and (not plain[number + 1] or _is_rule(plain[number + 1]))


def _is_rule(line: str) -> bool:
    return len(line) >= 2 and all(character in RULE_SIGNS for character in line)


def _is_closing(line: str, number_of_line: int) -> bool:
    words = line.strip(" ,.!;:-–*_").split()
    if not words or len(words) > MAX_CLOSING_WORDS:
        return False
    whole = " ".join(words)
    if whole in CLOSINGS:
        return True
    if words[0] in {"ihr", "ihre", "dein", "deine", "euer", "eure", "yours"}:
        return len(words) <= 4 and not line.endswith((".", "!", "?", ":")) and number_of_line > 0
    return any(
        whole.startswith((f"{closing} ", f"{closing},"))
        for closing in CLOSINGS
        if closing not in OPENINGS_ONLY_WHEN_ALONE
    ) and not any(character.isdigit() for character in whole)


def begins_quote(plain: Sequence[str], number: int) -> bool:
    """Return whether a quoted mail begins in this line: its marker, its header block or "On … wrote:"."""
    line = plain[number]
    if not line:
        return False
    bare = line.strip("-_* >")
    if bare.rstrip(":").startswith(QUOTE_MARKS):
        return True
    if _header_name(line) in {"from", "sent"} and _is_header_block(plain, number):
        return True
    return _is_attribution(plain, number)


def _header_name(line: str) -> str | None:
    name, colon, _ = line.lstrip("*").partition(":")
    return HEADER_NAMES.get(name.strip(" *")) if colon and len(name) < 12 else None


def _is_header_block(plain: Sequence[str], number: int) -> bool:
    names = {_header_name(line) for line in plain[number : number + HEADER_LINES]} - {None}
    return len(names) >= 3 or ({"from", "sent"} <= names) or ({"from", "subject"} <= names)


def _is_attribution(plain: Sequence[str], number: int) -> bool:
    """Return whether an introduction of a quote begins here, over up to three lines: "Am Di., 5. Aug. 2025 um 10:12 Uhr schrieb Max
    <max@example.org>:".
    """
    line = plain[number]
    dated = line.startswith(("am ", "on ")) and any(character.isdigit() for character in line)
    if not dated and not line.endswith(("schrieb:", "wrote:")):
        return False
    following = takewhile(lambda other: other and not other.startswith(("am ", "on ")), plain[number + 1 : number + 3])
    joined = f" {' '.join((line, *following))[:400]} "
    for wrote in WROTE:
        at = joined.find(wrote)
        if 0 <= at <= 200 and ":" in joined[at : at + 160]:
            return True
    return False
