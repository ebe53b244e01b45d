"""Recognize the lines that introduce a quoted mail: `On … wrote:`, header blocks, separators.

Every function reads a bounded number of characters. Patterns have a fixed maximum length, so none of them can be slow.
"""

import re
from collections.abc import Sequence
from enum import IntEnum

from . import phrases
from .limits import MAX_HEADER_LINES, MAX_OPENER, MAX_OPENER_LINES
from .lines import INVISIBLE

YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d))")
TIME = re.compile(r"(?<!\d)\d{1,2} ?[:h] ?\d{2}(?!\d)")
ADDRESS = re.compile(r"[^\s<>@]@ ?[^\s<>@]")
COLONS = frozenset(":：")
AROUND = ".,;:()<>[]*_\"'“”„«»\u2018\u2019" + INVISIBLE
RULE = "-_=*~\u2010\u2011\u2012\u2013\u2014\u2015\u2500"
MIN_RULE = 5
MAX_NAME = 5
MAX_DATE = 9
PEOPLE = (phrases.FROM, phrases.TO, phrases.CC)
BEGINNINGS = (phrases.FROM, phrases.SENT)


class Strength(IntEnum):
    """Certainty that a mail program wrote a line."""

    NONE = 0
    WITHIN = 1
    """The introduction is part of a line with the person's own words: the line is kept, a quote right below it is removed."""
    WEAK = 2
    """An introduction only if a quote is right below it."""
    STRONG = 3


def attribution(tail: Sequence[str]) -> tuple[int, Strength]:
    """Return how many of the last lines form an `On … wrote:` that ends with the last one, and how certain that is.

    Of several possible beginnings the shortest one that a mail program writes counts, so that a sentence right above is never part of it;
    one wrapped over several lines counts only if it is certain.
    """
    text, best = "", (0, Strength.NONE)
    for count in range(1, min(len(tail), MAX_OPENER_LINES) + 1):
        text = f"{tail[-count]} {text}"
        if len(text) > MAX_OPENER:
            break
        strength, begins = _attributes(text)
        if strength is Strength.STRONG and begins:
            return count, strength
        if strength > best[1] and (count == 1 or strength is Strength.STRONG):
            best = count, strength
    return best


def _attributes(text: str) -> tuple[Strength, bool]:
    """Return how certain it is that this is an attribution, and whether it has the first word of one."""
    words = text.lstrip(RULE + " ").split()
    plain = [word.strip(AROUND).lower() for word in words]
    address = ADDRESS.search(text) is not None
    verb = _verb(plain, address)
    begins = plain[0] in phrases.LEADS and len(plain) > 1 and _is_of_a_date(plain[1])
    has_year = _has_year_first(words, plain, int(begins))
    has_time = TIME.search(text) is not None
    if verb is None:  # 2025-03-03 10:00 GMT+01:00 Sam <sam@out.example>:
        return (Strength.STRONG if has_year and has_time and address and not begins else Strength.NONE), False
    is_personal = not phrases.PERSONAL.isdisjoint(plain[1:])
    if not is_personal:
        if has_year and (address or (begins and has_time and _is_of_names(words, plain))):
            return Strength.STRONG, begins
        if address and has_time and _is_name(words[0]) and _has_year_last(plain, verb):
            return Strength.STRONG, False
    if plain[0] in phrases.PERSONAL or (is_personal and not address):
        return Strength.NONE, False
    if begins and (address or has_year or has_time):
        return Strength.WEAK, True
    if 0 < verb <= MAX_NAME and all(map(_is_name, words[:verb])):
        return Strength.WEAK, False
    return (Strength.WITHIN if address else Strength.NONE), False


def _is_of_names(words: Sequence[str], plain: Sequence[str]) -> bool:
    """Return whether all words are dates, names or typical words of programs. `… um 9:15 hat der Einkauf geschrieben:` is a sentence."""
    return all(
        not word.lstrip(AROUND)[:1].islower()
        or _is_of_a_date(bare)
        or bare in phrases.VERBS
        or bare in phrases.BESIDE_NAMES
        for word, bare in zip(words[1:], plain[1:], strict=True)
    )


def _verb(plain: Sequence[str], has_address: bool) -> int | None:
    verbs = phrases.VERBS | phrases.SAID if has_address else phrases.VERBS
    return next((place for place, word in enumerate(plain) if word in verbs), None)


def _has_year_first(words: Sequence[str], plain: Sequence[str], start: int) -> bool:
    """Return whether a date with its year comes first, which is rare in sentences."""
    for word, bare in zip(words[start : start + MAX_DATE], plain[start : start + MAX_DATE], strict=True):
        if YEAR.search(word):
            return True
        if not _is_of_a_date(bare):
            return False
    return False


def _has_year_last(plain: Sequence[str], verb: int) -> bool:
    """Return whether everything behind the verb is a date: `Ole Brandt <ole@out.example> schrieb am Mo., 12. Jan. 2026, 09:15:`"""
    date = [word for word in plain[verb + 1 :] if word not in phrases.LEADS]
    return any(map(YEAR.search, date)) and all(map(_is_of_a_date, date))


def _is_of_a_date(word: str) -> bool:
    return word[:1].isdigit() or word[:3] in phrases.DAYS_AND_MONTHS or word in phrases.OF_DATES


def _is_name(word: str) -> bool:
    return word.lstrip(AROUND)[:1].isupper() or ADDRESS.search(word) is not None


def header(line: str) -> tuple[str, str] | None:
    """Return the name and value of a line that is a mail header (From, Sent …), else None."""
    end = line.find(":", 0, 30)
    kind = phrases.HEADERS.get(line[:end].strip(AROUND).replace("\u2019", "'").lower()) if end > 0 else None
    return (kind, line[end + 1 :].strip(f"* {INVISIBLE}")) if kind else None


def header_block(lines: Sequence[str], start: int) -> tuple[int, bool]:
    """Return the end of the block of mail headers that begins at `start`, and whether it is certainly a mail's.

    A mail's headers name sender and date, and contain addresses, or a subject and a time of day. `Von: 9 bis 17 Uhr` and `From: Berlin, To:
    Munich` are a person's own words.
    """
    found: dict[str, str] = {}
    end, last, blank, loose = start, "", 0, 0
    spaced = start + 1 < len(lines) and not lines[start + 1]  # one blank line between all of them, or none
    for at in range(start, min(len(lines), start + MAX_HEADER_LINES)):
        line = lines[at][:MAX_OPENER]
        read = header(line)
        if read and read[0] in found and read[0] != phrases.OTHER:
            if read[0] in BEGINNINGS:  # a line of somebody's own above a block, which begins further down
                return end, False
            break
        if read:
            (last, found[read[0]]), end, blank, loose = read, at + 1, 0, 0
        elif not line:
            blank += 1
        elif line[0] == ">":
            break
        elif found.get(last) == "" or ("@" in line and last in PEOPLE):  # a cell of a table, a long list of addresses
            found[last] = f"{found.get(last, '')} {line}"
            loose += 1
        else:
            loose += 1
        if blank > spaced or loose > 3:
            break
    return end, _is_of_a_mail(found)


def _is_of_a_mail(found: dict[str, str]) -> bool:
    sent = found.get(phrases.SENT, "")
    if phrases.FROM not in found or not YEAR.search(sent):
        return False
    addressed = any(ADDRESS.search(found.get(kind, "")) for kind in PEOPLE)
    others = {phrases.TO, phrases.SUBJECT} & found.keys()
    return bool(others) and (addressed or (phrases.SUBJECT in found and TIME.search(sent) is not None))


def ends_in_colon(line: str) -> bool:
    """Return whether a line ends as `On … wrote:` does; in text made of HTML that may be in bold."""
    return line.rstrip("*_")[-1:] in COLONS


def between_dashes(line: str) -> str:
    """Return the text between dashes as an introduction with a colon (Zoho: `---- On … wrote ----`), else nothing."""
    if len(line) > MAX_OPENER or line[:2].strip(RULE) or line[-2:].strip(RULE):
        return ""
    inner = line.strip(RULE + " ")
    return f"{inner}:" if inner else ""


def begins_headers(line: str) -> bool:
    """Return whether a block of mail headers can begin with this line."""
    read = header(line)
    return read is not None and read[0] in BEGINNINGS


def is_rule(line: str) -> bool:
    """Return whether a line is a rule of dashes, as Outlook draws above a quote."""
    return len(line) >= MIN_RULE and not line.strip(RULE + " ")


def is_original(line: str) -> bool:
    """Return whether a line is `-----Original Message-----`."""
    return line[:2].strip(RULE + ">") == "" and _core(line) in phrases.ORIGINALS


def begins_original(line: str) -> bool:
    """Return whether a line begins with `-------- Original message --------From: …`, the whole mail behind it (Samsung)."""
    if not line.startswith("----"):
        return False
    name, _, more = line[:MAX_OPENER].strip("- ").partition("---")
    return name.strip().lower() in phrases.ORIGINALS and header(more.strip("- ")) is not None


def is_forward(line: str) -> bool:
    """Return whether a line is `---------- Forwarded message ---------` or an equivalent sentence."""
    core = _core(line)
    if core in phrases.FORWARD_SENTENCES:
        return True
    return line[:2].strip(RULE + ">") == "" and (core in phrases.FORWARDS or core.startswith(phrases.FORWARDED_BY))


def _core(line: str) -> str:
    if len(line) > MAX_OPENER:
        return ""
    return line.strip(RULE + AROUND + "> ").replace("\u2019", "'").lower()
