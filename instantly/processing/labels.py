"""Recognize lead labels among undocumented event types: only a label sets a lead's interest.

Instantly delivers a custom lead label as its verbatim text, and new event types of its own in the same field (webhooks.md, "Event types").
docs/decisions/0019 has the reasons.
"""

import re

INTERESTS = frozenset({"lead_lost", "lead_won"})
"""Interests of Instantly's own without an event type of ours (`lt_interest_status` -3 and 4); gap repair reports them under these names."""

MACHINE_NAME = re.compile(
    r"[a-z][a-z0-9]*(?:[_.:/-][A-Za-z0-9]+)*|[a-z]+(?:[A-Z][a-z0-9]*)+|[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+|[A-Z][A-Za-z0-9]*(?:[_.:/-][A-Za-z0-9]+)+"
)
"""Names programs give: `email_delivered`, `email.delivered`, `emailDelivered`, `EMAIL_DELIVERED`, `delivered`."""


def is_lead_label(name: str, *, is_listed: bool | None) -> bool:
    """Return whether an undocumented event type is a lead label, and so sets a lead's interest.

    `is_listed`: whether the name is among the workspace's labels as last read; None if they were never read. A name that is not listed may
    be a label created since then: it counts as one unless it looks like a program's identifier (MACHINE_NAME).
    """
    if not name.strip():
        return False
    return bool(is_listed) or name in INTERESTS or not MACHINE_NAME.fullmatch(name.strip())
