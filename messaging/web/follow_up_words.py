"""Words of follow-ups on pages: suggested step, day and reason."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext

from messaging.follow_ups.follow_up import FollowUp
from messaging.follow_ups.listing import Row
from messaging.intelligence.next_steps.states import State
from messaging.intelligence.next_steps.suggestions import Decision
from salesbrain.web.figures import calendar_day

TONES: Mapping[str, str] = {
    State.OURS: "accent", State.COLD: "warn", State.DUE: "warn", State.NEVER: "bad", State.AWAY: "", State.PROMISED: "good",
}  # fmt: skip


def described(row: Row, *, today: date, texts: bool) -> dict[str, Any]:
    """Return a follow-up's row for the template. `texts` False: without the person's words, for staff, whose reading of texts must be
    audited.
    """
    return {"row": row, "contact": row.contact, **step(row.follow_up, today=today, on=row.on, texts=texts)}


def step(up: FollowUp, *, today: date, on: date | None = None, texts: bool = True) -> dict[str, Any]:
    """Return the follow-up of a contact in words: state, reason, suggestion, its day, and the decision."""
    suggestion, decision = up.suggestion, up.decision
    on = on or (suggestion.on if suggestion else None)
    return {
        "up": up,
        "state": up.state.state.label,
        "tone": TONES.get(up.state.state, ""),
        "reason": up.state.reason.label,
        "until": up.state.until if up.state.state in (State.AWAY, State.PROMISED, State.AWAITING) else None,
        "what": suggestion.kind.label if suggestion else "",
        "when": when(on, today) if on and suggestion else "",
        "is_later": bool(on and on > today),
        "words": suggestion.quoted if suggestion and texts else "",
        "address": suggestion.address if suggestion and texts else "",
        "decision": decision,
        "decided": Decision(decision.decision).label if decision else "",
    }


def when(on: date, today: date) -> str:
    if on == today:
        return gettext("today")
    day = calendar_day(on)
    return gettext("since %(day)s") % {"day": day} if on < today else day
