"""Confusion table of reply categories, and the most confident mistakes with their reasons."""

from collections.abc import Iterator, Sequence

from messaging.intelligence.triage.classes import ORDER, Category
from messaging.intelligence.triage.engine import Opinion

from .classification import Case
from .gold import LabelledReply

SHORT: dict[Category, str] = {category: category.value[:8] for category in ORDER} | {
    Category.NOT_INTERESTED: "not_int", Category.NOT_NOW: "not_now", Category.INTERESTED: "interest",
    Category.OUT_OF_OFFICE: "out_of_o", Category.UNSUBSCRIBE: "unsubscr", Category.LEFT_COMPANY: "left_com",
}  # fmt: skip
LONGEST_TEXT = 300


def table(cases: Sequence[Case]) -> Iterator[str]:
    """Yield the lines of a table: a row for each true category, a column for each predicted one, abstentions included."""
    yield "  confusion: rows are true, columns predicted; abstained ones count by their likeliest category"
    yield f"  {'':<16}{''.join(f'{SHORT[category]:>9}' for category in ORDER)}{'abstains':>10}"
    for truth in ORDER:
        own = [case for case in cases if case.truth is truth]
        counts = (sum(case.predicted is predicted for case in own) for predicted in ORDER)
        cells = "".join(f"{count or '.':>9}" for count in counts)
        yield f"  {truth.value:<16}{cells}{sum(case.abstains for case in own):>10}"


def surest(pairs: Sequence[tuple[LabelledReply, Opinion]], *, most: int) -> Iterator[str]:
    """Yield the lines of the mistakes with the highest probability: the text, the predicted category, and the reason given for it."""
    wrong = [(item, own) for item, own in pairs if own.category is not item.category]
    yield f"  the {min(most, len(wrong))} mistakes it was surest of, of {len(wrong)}:"
    for item, own in sorted(wrong, key=lambda pair: (-pair[1].p, pair[0].id))[:most]:
        abstained = " (abstained)" if own.abstains else ""
        yield f"    {item.id}: {item.category} taken for {own.category}, p {own.p:.2f}{abstained}"
        yield f"      text:  {' '.join((item.text or '').split())[:LONGEST_TEXT]}"
        yield f"      rests on: {_reason(own)}"


def _reason(own: Opinion) -> str:
    because = own.reason
    if "rule" in because:
        return f"rule {because['rule']}, “{because['quote']}”"
    words = because.get("words")
    return f"the words {', '.join(words) if isinstance(words, list) else ''} in “{because.get('sentence', '')}”"
