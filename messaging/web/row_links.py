"""Links from a stat to the list of the rows it counts."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

ROWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "sent": ("messages", {"direction": "out"}),
    "replied": ("messages", {"status": "replied"}),
    "replies": ("messages", {"status": "received"}),
    "positive_replies": ("contacts", {"interest": "lead_interested"}),
    "meetings": ("contacts", {"happened": "meeting"}),
    "bounced": ("messages", {"status": "bounced"}),
    "unsubscribed": ("contacts", {"happened": "unsubscribed"}),
    "complaints": ("contacts", {"happened": "complained"}),
}
"""By figure: the list that shows them, and its filter. Contacts have no days: theirs are all that ever were."""


def rows_address(name: str, *, start: date | None = None, end: date | None = None, **narrowed: Any) -> str:
    """Return the URL of the rows that a stat counts, for a campaign or an email account and (messages only) for these days."""
    route, query = ROWS[name]
    asked: dict[str, Any] = {**query, **{key: value for key, value in narrowed.items() if value}}
    if route == "messages":
        asked |= {key: day.isoformat() for key, day in (("since", start), ("until", end)) if day}
    else:
        asked.pop("account", None)
    return f"{reverse(route)}?{urlencode(asked)}"
