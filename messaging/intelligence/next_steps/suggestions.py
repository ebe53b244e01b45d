"""Suggest a next step for each contact to people, with reason and day; nothing is ever sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from messaging.intelligence.next_steps.ask_reading import ASK_OTHER, CALL, NextStep
from messaging.intelligence.next_steps.points import next_weekday
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

BY_ASK: Mapping[str, SuggestionKind] = {CALL: SuggestionKind.CALL, ASK_OTHER: SuggestionKind.ASK_OTHER}


def suggest(
    state: ContactState, step: NextStep | None = None, *, today: date, switched_off: Iterable[SuggestionKind] = ()
) -> Suggestion | None:
    """Return the suggestion for a contact, None if there is none, in particular for suppressed contacts.

    `step`: what the latest reply asks for. `switched_off`: kinds that the organization has dismissed too often.
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
    return Suggestion(
        kind, state.reason, _day(state, step, kind, today), step.quoted if step else "", step.address if step else None
    )


def _day(state: ContactState, step: NextStep | None, kind: SuggestionKind, today: date) -> date:
    day = step.when if step and kind is SuggestionKind.CALL else None
    if kind is SuggestionKind.WRITE_AGAIN:
        day = state.until
    return next_weekday(max(day, today) if day else today)


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
