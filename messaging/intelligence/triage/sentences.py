"""Split a reply for triage: its subject, the sentences of its body, the lines below the sign-off."""

from dataclasses import dataclass

import re2

from .text import fold, visible

MOST_SENTENCES = 40
LONGEST_SENTENCE = 400

ABBREVIATIONS = frozenset(
    [
        "z",
        "b",
        "d",
        "h",
        "u",
        "a",
        "s",
        "o",
        "i",
        "v",
        "m",
        "bzw",
        "ca",
        "ggf",
        "evtl",
        "inkl",
        "exkl",
        "max",
        "min",
        "nr",
        "dr",
        "prof",
        "dipl",
        "ing",
        "hr",
        "fr",
        "st",
        "str",
        "tel",
        "fax",
        "mr",
        "mrs",
        "ms",
        "e",
        "g",
        "i",
        "e",
        "etc",
        "vs",
        "approx",
        "abt",
        "usw",
        "usf",
        "vgl",
        "zzgl",
        "lt",
        "co",
        "inc",
        "ltd",
        "no",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "okt",
        "oct",
        "nov",
        "dez",
        "dec",
        "mo",
        "di",
        "mi",
        "do",
        "fr",
    ]
)
SIGN_OFF = re2.compile(
    r"^\W{0,3}(?:(?:mit |with )?(?:freundlich\w*|best\w*|viel\w*|lieb\w*|herzlich\w*|schoen\w*|sonnig\w*|kind\w*|warm\w*|many|"
    r"nett\w*|kollegial\w*|freundliche?)(?: \w+){0,2} (?:gruess\w*|gruss\w*|regards|wishes|dank|thanks)|"
    r"(?:mfg|mit freundlichen gruessen|lg|vg|glg|bg|hg|gruss|gruesse|gruessle|gruezi|schoene gruesse|ciao|servus|tschuess|baba|cheers|"
    r"best|regards|rgds|br|kr|kind regards|best regards|all the best|thanks|thank you|thx|many thanks|thanks and regards|"
    r"sincerely|yours|yours sincerely|yours truly|cordially|danke|danke und gruss|danke schoen|merci|besten dank|vielen dank))"
    r"(?: (?:und|and|&) \w+(?: \w+)?)?(?: (?:aus|from|vom|von der|an|nach) [\w -]{1,25})?[\s,.!:/-]{0,4}(?:[a-z.'-]{1,20}[ .]?){0,3}\s*$"
)
SEPARATOR = re2.compile(r"^\s*(?:--+|__+|\*\*\*+|==+|- - -.*)\s*$")
DEVICE = re2.compile(
    r"^\W*(?:sent from|von meinem|gesendet (?:mit|von|aus)|get outlook|outlook fuer|diese nachricht wurde von meinem|"
    r"sent via|verschickt mit|gesendet mit)"
)
POSTSCRIPT = re2.compile(r"^\W{0,2}(?:p\.? ?s\.?|n\.? ?b\.?|nachtrag|edit|ps2)\s*[:.,! -]")
GREETING = re2.compile(
    r"^\W{0,3}(?:hallo|hi|hey|hello|dear|moin(?: moin)?|servus|gruezi|gruess gott|gruess dich|guten (?:tag|morgen|abend)|"
    r"good (?:morning|afternoon|day|evening)|sehr geehrte[rs]?|liebe[rs]?|werte[rs]?|mahlzeit|tach|tag|hoi|sali|salut)"
    r"(?:[ ,]+[\w.'-]{1,25}){0,5}[\s,.!:]*$"
)
REPLY_PREFIX = re2.compile(r"(?i)^\s*(?:re|aw|antw|antwort|sv|wg|fwd?)\s*:\s*")


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a reply. `subject` is empty if it only repeats ours. Body and footer are sentences as in the mail."""

    subject: str
    is_answer: bool
    body: tuple[str, ...]
    footer: tuple[str, ...]

    @property
    def everything(self) -> tuple[str, ...]:
        return (*((self.subject,) if self.subject else ()), *self.body, *self.footer)


def read(subject: str | None, text: str | None) -> Parts:
    """Split a reply into its parts, in time bounded by text.HEAD + text.TAIL characters."""
    heading, is_answer = _subject(subject)
    body, footer = _above_the_sign_off(visible(text).split("\n"))
    return Parts(heading, is_answer, tuple(split(body)), tuple(split(footer)))


def _subject(subject: str | None) -> tuple[str, bool]:
    heading = visible((subject or "")[:300]).strip()
    found = REPLY_PREFIX.search(heading)
    if not found:
        return heading, False
    rest = heading
    while found := REPLY_PREFIX.search(rest):
        rest = rest[found.end() :]
    return "", True


def _above_the_sign_off(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the lines of the body with its postscripts, and those below the sign-off."""
    lines = [line.strip(" \t>|") for line in lines]
    folded = [fold(line) for line in lines]
    said_something = False
    for index, line in enumerate(folded):
        if said_something and len(line) <= 60 and (SIGN_OFF.search(line) or SEPARATOR.search(line)):
            below = [(own, low) for own, low in zip(lines[index:], folded[index:], strict=True)]
            after = [own for own, low in below if POSTSCRIPT.search(low)]
            rest = [own for own, low in below if not POSTSCRIPT.search(low) and not DEVICE.search(low)]
            return [*_without_devices(lines[:index], folded[:index]), *after], rest
        said_something = said_something or bool(line and not GREETING.search(line))
    return _without_devices(lines, folded), []


def _without_devices(lines: list[str], folded: list[str]) -> list[str]:
    return [line for line, low in zip(lines, folded, strict=True) if not DEVICE.search(low)]


def split(lines: list[str]) -> list[str]:
    """Split lines into sentences, joining wrapped lines. At most MOST_SENTENCES of LONGEST_SENTENCE characters."""
    found: list[str] = []
    for paragraph in _unwrapped(lines):
        found += _sentences(paragraph)
    if len(found) > MOST_SENTENCES:
        found = [*found[: MOST_SENTENCES - 10], *found[-10:]]
    return [sentence[:LONGEST_SENTENCE] for sentence in found]


def _unwrapped(lines: list[str]) -> list[str]:
    out: list[str] = []
    open_line = False
    for line in lines:
        if not line:
            open_line = False
            continue
        if open_line and (line[:1].islower() or line[:1].isdigit() or len(out[-1]) >= 60):
            out[-1] = f"{out[-1]} {line}"
        else:
            out.append(line)
        open_line = line[-1] not in ".!?:" and not GREETING.search(fold(line))
    return out


def _sentences(text: str) -> list[str]:
    found, begin, index, length = [], 0, 0, len(text)
    while index < length:
        if text[index] in ".!?…":
            end = index + 1
            while end < length and text[end] in ".!?…)\"'”“":
                end += 1
            if (end == length or text[end] == " ") and not _continues(text, begin, index, end):
                if sentence := text[begin:end].strip():
                    found.append(sentence)
                begin = end
            index = end
        else:
            index += 1
    if rest := text[begin:].strip():
        found.append(rest)
    return found


def _continues(text: str, begin: int, index: int, end: int) -> bool:
    """Return whether a full stop belongs to an abbreviation, a date or an ordinal number."""
    if text[index] != "." or end == len(text):
        return False
    word = text[max(begin, index - 12) : index].split(" ")[-1].split(".")[-1].strip("(,;").lower()
    following = text[end:].lstrip()[:1]
    if word.isdigit() and len(word) <= 2:
        return True
    return word in ABBREVIATIONS and not (following.isupper() and len(word) > 3)
