"""Find addresses mentioned in a mail, also written "name (at) example.org"."""

from messaging.intelligence.next_steps.sentences import Sentence
from messaging.intelligence.next_steps.tokens import ADDRESS

AT = ("(at)", "[at]", "{at}", "<at>", "(@)", "[@]", "(ät)", "[ät]")
DOT = ("(dot)", "[dot]", "{dot}", "(punkt)", "[punkt]", "{punkt}")
NOT_AT = (
    ("nicht", "an"),
    ("not", "to"),
    ("statt", "an"),
    ("nicht", "mehr", "an"),
    ("instead", "of"),
    ("nicht", "unter"),
    ("not", "at"),
    ("no", "longer"),
    ("not",),
    ("nicht",),
    ("statt",),
    ("written", "to"),
    ("wrote", "to"),
    ("geschrieben",),
    ("geschrieben", "an"),
    ("emailed",),
    ("not", "use"),
    ("reached",),
)
MARK = "mailto:"


def written_out(text: str) -> str:
    """Return the text with "(at)" and "(dot)" replaced by signs, so that such addresses are recognized."""
    lowered = text.lower()
    for marks, sign in ((AT, "@"), (DOT, ".")):
        for mark in marks:
            if mark in lowered:
                text = _replaced(text, mark, sign)
                lowered = text.lower()
    return text


def _replaced(text: str, mark: str, sign: str) -> str:
    lowered, place = text.lower(), 0
    parts: list[str] = []
    while (at := lowered.find(mark, place)) >= 0:
        parts.append(text[place:at].rstrip(" ") if not parts else text[place:at].strip(" "))
        place = at + len(mark)
    rest = text[place:]
    return sign.join([*parts, rest.lstrip(" ")])


def addresses(sentence: Sentence) -> list[str]:
    """Return the addresses a sentence names, in order, without those it says not to use."""
    found = []
    for at, token in enumerate(sentence.tokens):
        if token.kind == ADDRESS and not _is_ruled_out(sentence, at):
            address = token.text.removeprefix(MARK).partition("?")[0]
            if address.count("@") == 1 and address not in found:
                found.append(address)
    return found


def _is_ruled_out(sentence: Sentence, at: int) -> bool:
    before = tuple(token.text for token in sentence.tokens[max(0, at - 4) : at] if token.kind == "word")
    return any(before[-len(words) :] == words for words in NOT_AT)
