"""Follow-up of a contact: its state from facts, the suggestion, and the quoted words that justify it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from messaging.follow_ups.facts import Facts, facts_of
from messaging.follow_ups.preferences import Country, Preferences
from messaging.intelligence.next_steps.ask_reading import NextStep
from messaging.intelligence.next_steps.states import ContactState, Kind, Reason, State, state_of
from messaging.intelligence.next_steps.suggestions import Suggestion, SuggestionKind, is_old, suggest
from messaging.models import SuggestionDecision

LATE = timedelta(days=30)
"""Time for which a suggestion stays after the day that a person chose for it."""

RESTS_ON: Mapping[State, Kind] = {
    State.OURS: Kind.REPLIED,
    State.AWAY: Kind.ABSENT,
    State.PROMISED: Kind.PROMISED,
}
"""Kind of fact whose message a suggestion quotes, by state; suggestions in other states are based on silence."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """State of a contact with the suggested step and a person's decision on it. `key` distinguishes the suggestions of one contact: it
    changes with the kind and with the moment the state began.

    `decision`: a person's decision on this suggestion. `is_old`: the state has lasted too long for a follow-up to make sense.
    """

    contact_id: UUID
    state: ContactState
    suggestion: Suggestion | None
    key: str = ""
    decision: SuggestionDecision | None = None
    is_old: bool = False


def follow_ups(contacts: Mapping[UUID, Preferences], *, now: datetime) -> list[FollowUp]:
    """Return the follow-up of each contact, in their order, in two statements. In the caller's scope.

    `contacts`: each with the preferences of its organization. Days are those of `now`'s time zone.
    """
    facts = facts_of(list(contacts), now=now)
    states = {id: _state(facts[id], now, prefer.country) for id, prefer in contacts.items()}
    decisions = _decisions(list(contacts))
    found = []
    for id, prefer in contacts.items():
        state, decided, off = states[id], decisions.get(id, {}), prefer.switched_off
        suggestion = suggest(
            state,
            _quoted_step(state, facts[id]),
            today=now.date(),
            switched_off=off,
            country=prefer.country.code,
            subdivision=prefer.country.subdivision,
        )
        if suggestion is None and SuggestionKind.KEEP_PROMISE not in off:
            suggestion = _suggestion_for_chosen_day(state, facts[id], decided.values(), now)
        key = _key(suggestion, state) if suggestion else ""
        decision = decided.get(key)
        taken_up = (decision.decided_at.date(), decision.on) if decision else ()
        old = suggestion is not None and is_old(state, now.date(), decided=taken_up)
        found.append(FollowUp(id, state, suggestion, key, decision, old))
    return found


def _key(suggestion: Suggestion, state: ContactState) -> str:
    since = suggestion.on.isoformat() if state.state is State.AWAITING else state.since and state.since.isoformat()
    return f"{suggestion.kind.value}:{since or ''}"


def _state(facts: Facts, now: datetime, country: Country) -> ContactState:
    happenings = [fact.happening for fact in facts.values()]
    return state_of(happenings, now=now, country=country.code, subdivision=country.subdivision)


def _suggestion_for_chosen_day(
    state: ContactState, facts: Facts, decisions: Iterable[SuggestionDecision], now: datetime
) -> Suggestion | None:
    """Return a suggestion to write today, if a person chose that day for a contact who has been away; else None."""
    if state.state is not State.AWAITING:
        return None
    days = [each.on for each in decisions if each.kind == SuggestionKind.WRITE_AGAIN and each.on]
    day = max((day for day in days if now.date() - LATE <= day <= now.date()), default=None)
    if day is None or facts[Kind.SENT].at.date() >= day:
        return None
    return Suggestion(SuggestionKind.KEEP_PROMISE, Reason.WAIT_IS_OVER, day)


def _quoted_step(state: ContactState, facts: Facts) -> NextStep | None:
    """Return the reading of the message that a suggestion quotes, None if it is based on silence."""
    kind = Kind.PROMISED if state.reason is Reason.WAIT_IS_OVER else RESTS_ON.get(state.state)
    return facts[kind].step if kind is not None and kind in facts else None


def _decisions(contacts: Sequence[UUID]) -> dict[UUID, dict[str, SuggestionDecision]]:
    found: dict[UUID, dict[str, SuggestionDecision]] = {}
    for row in SuggestionDecision.objects.filter(contact__in=list(contacts)):
        found.setdefault(row.contact_id, {})[row.key] = row
    return found
