"""Suggest a next step for each contact to people, with reason and day; nothing is ever sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from messaging.intelligence.next_steps.ask_reading import ASK_OTHER, CALL, NextStep
from messaging.intelligence.next_steps.business_days import business_day_from
from messaging.intelligence.next_steps.states import ContactState, Reason, State

CASES = 20
TOO_MANY = 10
"""A kind dismissed in more than TOO_MANY of its last CASES is switched off for the organization."""


class SuggestionKind(TextChoices):
    ANSWER = "answer", _("Answer")
    CALL = "call", _("Call")
    ASK_OTHER = "ask_other", _("Write to the person named")
    WRITE_AGAIN = "write_again", _("Write again on that day")
    KEEP_PROMISE = "keep_promise", _("Write today: the day has come")
    FOLLOW_UP = "follow_up", _("Follow up")
    REVIVE = "revive", _("Write before interest is lost")


class Decision(TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    CHANGED = "changed", _("Changed")
    DISMISSED = "dismissed", _("Dismissed")


KEYS: Mapping[Decision, str] = {Decision.ACCEPTED: "y", Decision.CHANGED: "e", Decision.DISMISSED: "x"}
"""Keyboard key of each decision on a page."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested step. `on`: its weekday; `quoted`: the person's words it is based on, "" if based on silence."""

    kind: SuggestionKind
    reason: Reason
    on: date
    quoted: str = ""
    address: str | None = None
    key: str = KEYS[Decision.ACCEPTED]


@dataclass(frozen=True, slots=True)
class Decided:
    """Outcome of a suggestion; `suggestion` distinguishes two of the same moment, `why` comes with a dismissal."""

    suggestion: str
    kind: SuggestionKind
    decision: Decision
    at: datetime
    why: str = ""


BY_STATE: Mapping[State, SuggestionKind] = {
    State.OURS: SuggestionKind.ANSWER,
    State.AWAY: SuggestionKind.WRITE_AGAIN,
    State.PROMISED: SuggestionKind.WRITE_AGAIN,
    State.DUE: SuggestionKind.FOLLOW_UP,
    State.COLD: SuggestionKind.REVIVE,
}
"""Kind of suggestion by state; the other states (never, awaiting, idle) have none."""

LASTS = timedelta(days=30)
"""How long a suggestion is worth following; an older one is listed apart, and in no digest."""

URGENCY: Mapping[SuggestionKind, int] = {kind: place for place, kind in enumerate((
    SuggestionKind.CALL, SuggestionKind.KEEP_PROMISE, SuggestionKind.ANSWER, SuggestionKind.ASK_OTHER, SuggestionKind.REVIVE,
    SuggestionKind.FOLLOW_UP, SuggestionKind.WRITE_AGAIN,
))}  # fmt: skip
"""Which suggestion of the same day comes first."""

BY_ASK: Mapping[str, SuggestionKind] = {CALL: SuggestionKind.CALL, ASK_OTHER: SuggestionKind.ASK_OTHER}


def suggest(
    state: ContactState,
    step: NextStep | None = None,
    *,
    today: date,
    switched_off: Iterable[SuggestionKind] = (),
    country: str = "",
    subdivision: str = "",
) -> Suggestion | None:
    """Return the suggestion for a contact, None if there is none, in particular for suppressed contacts.

    `step`: the request or absence read in the latest reply. `switched_off`: kinds that the organization has dismissed too often. `country`
    and `subdivision`: ISO codes; the suggested day is no public holiday there, unless the person named that very day for a call.
    """
    kind = BY_STATE.get(state.state)
    if kind is None:
        return None
    if state.state is State.OURS:
        kind = (
            SuggestionKind.KEEP_PROMISE
            if state.reason is Reason.WAIT_IS_OVER
            else BY_ASK.get(step.ask if step else "", kind)
        )
    if kind in set(switched_off):
        return None
    day = _day(state, step, kind, today)
    if day is None or day <= today or kind is not SuggestionKind.CALL:
        day = business_day_from(max(day or today, today), country, subdivision)
    return Suggestion(kind, state.reason, day, step.quoted if step else "", step.address if step else None)


def _day(state: ContactState, step: NextStep | None, kind: SuggestionKind, today: date) -> date | None:
    """Return the day that the person named, None if they named none."""
    if kind is SuggestionKind.WRITE_AGAIN:
        return state.until
    return step.when if step and kind is SuggestionKind.CALL else None


def is_old(state: ContactState, today: date, *, decided: Iterable[date | None] = ()) -> bool:
    """Return whether the suggestion for a state has lasted longer than LASTS: since the state began, its day came, or people last
    decided on it (`decided`)."""
    if state.state is State.AWAITING:
        return False
    began = (state.since.date() if state.since else None, state.until, *decided)
    return max((day for day in began if day), default=today) < today - LASTS


def kinds_to_switch_off(
    decisions: Iterable[Decided], *, since: Mapping[SuggestionKind, datetime] | None = None
) -> set[SuggestionKind]:
    """Return the kinds dismissed in more than TOO_MANY of their last CASES decisions.

    `since`: when somebody switched a kind on again; what was decided before then no longer counts.
    """
    by_kind: dict[SuggestionKind, list[Decided]] = {}
    for decided in set(decisions):
        if since is None or decided.kind not in since or decided.at > since[decided.kind]:
            by_kind.setdefault(decided.kind, []).append(decided)
    return {kind for kind, listed in by_kind.items() if _dismissed(listed) > TOO_MANY}


def _dismissed(decisions: Iterable[Decided]) -> int:
    latest = sorted(decisions, key=lambda decided: (decided.at, decided.suggestion, decided.decision, decided.why))[
        -CASES:
    ]
    return sum(decided.decision is Decision.DISMISSED for decided in latest)
