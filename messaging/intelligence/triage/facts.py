"""Narrow a reply's possible categories by the provider's automatic flag and the contact's interest."""

from collections.abc import Mapping

from .classes import FROM_A_MACHINE, Category

C = Category
BY_LABEL: Mapping[str, frozenset[Category]] = {
    "lead_interested": frozenset({C.INTERESTED, C.MEETING, C.QUESTION}),
    "lead_meeting_booked": frozenset({C.MEETING}),
    "lead_not_interested": frozenset({C.NOT_INTERESTED, C.UNSUBSCRIBE, C.COMPLAINT, C.OBJECTION}),
    "lead_out_of_office": frozenset({C.OUT_OF_OFFICE}),
    "lead_wrong_person": frozenset({C.WRONG_PERSON, C.LEFT_COMPANY}),
}
"""Categories that a reply can have, by the provider's label set after it; labels not listed do not narrow them."""


def possible(*, is_auto_reply: bool) -> frozenset[Category] | None:
    """Return the categories that the automatic flag leaves possible for a message, None for all."""
    return FROM_A_MACHINE if is_auto_reply else None


def by_label(candidates: tuple[Category, ...], label: str | None) -> Category | None:
    """Return the only candidate category that agrees with the lead's label, for an uncertain reply; None for none or several."""
    agreeing = [category for category in candidates if category in BY_LABEL.get(label or "", frozenset())]
    return agreeing[0] if len(agreeing) == 1 else None
