"""Texts that explain a contact's engagement score: its rows, or why there is none."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.intelligence.scoring.engagement import Engagement, RowName
from messaging.web import words

ROWS: words.Words = {
    RowName.HUMAN_REPLY: _("Replied"),
    RowName.CATEGORY: _("Meant by the reply"),
    RowName.MEETING: _("Booked a meeting"),
    RowName.SPEED: _("Replied quickly"),
    RowName.FURTHER_REPLIES: _("Wrote again"),
    RowName.HUMAN_CLICKS: _("Clicked a link"),
    RowName.HUMAN_OPENS: _("Opened mails"),
    RowName.MACHINES: _("Opened or clicked by machines: does not count"),
}
EXCLUDED: words.Words = {
    "complained": _("No score: has complained."),
    "unsubscribed": _("No score: has unsubscribed."),
    "bounced": _("No score: mails to this address bounce."),
    "declined": _("No score: is not interested."),
}


def shown(found: Engagement) -> dict[str, Any]:
    """Return the data of the template contact.html: points with one digit, so that the rows add up to the score."""
    if found.excluded:
        return {"excluded": EXCLUDED[found.excluded]}
    rows = [(ROWS[row.name], row.points / 10, row.latest) for row in found.rows]
    level = {1: gettext("high"), 2: gettext("medium"), 3: gettext("low")}[found.level or 3]
    tone = {1: "good", 2: "warn"}.get(found.level or 3, "")
    return {"score": (found.score or 0) / 10, "level": level, "tone": tone, "rows": rows}
