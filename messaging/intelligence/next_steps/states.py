"""State of a contact from its history: to be answered, due, awaiting, away, going cold, closed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from messaging.intelligence.next_steps.business_days import business_days_after

DUE_AFTER = 3
"""Business days without an answer after which we may follow up."""

COLD_AFTER = 7
"""Days of silence after which an interested contact is going cold."""


class Kind(TextChoices):
    """Kind of a fact. `until` comes with absences and promises."""

    SENT = "sent", _("We wrote")
    REPLIED = "replied", _("Wrote to us")
    ABSENT = "absent", _("Absence note")
    PROMISED = "promised", _("Asked to wait, or promised to come back")
    INTERESTED = "interested", _("Interested")
    DECLINED = "declined", _("Declined")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    COMPLAINED = "complained", _("Complained")
    SUPPRESSED = "suppressed", _("Suppressed")
    LIFTED = "lifted", _("Suppression lifted")


class State(TextChoices):
    NEVER = "never", _("Never write again")
    AWAY = "away", _("Away until")
    PROMISED = "promised", _("Promised for")
    OURS = "ours", _("Ours to answer")
    COLD = "cold", _("Going cold")
    DUE = "due", _("Follow-up due")
    AWAITING = "awaiting", _("Awaiting an answer")
    IDLE = "idle", _("Nothing to do")


class Reason(TextChoices):
    """Why a contact is in its state, as a page shows it."""

    DECLINED = "declined", _("Declined")
    UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
    COMPLAINED = "complained", _("Complained")
    SUPPRESSED = "suppressed", _("On the suppression list")
    ABSENCE_NOTE = "absence_note", _("Sent an absence note")
    WAIT = "wait", _("Asked to wait, or promised to come back")
    WAIT_IS_OVER = "wait_is_over", _("The day has come")
    UNANSWERED_REPLY = "unanswered_reply", _("Wrote last and has no answer")
    INTEREST_AND_SILENCE = "interest_and_silence", _("Was interested and has been silent for a week")
    NO_ANSWER = "no_answer", _("Has not answered for three business days")
    WROTE_LAST = "wrote_last", _("We wrote last")
    NOTHING = "nothing", _("Nothing happened yet")


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact in a contact's history, with its time. `until`: day of return (absent), or day to wait for (promised); None: unknown."""

    kind: Kind
    at: datetime
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ContactState:
    """State of a contact at a moment. `since`: when the state began. `until`: the day it ends, for away, promised and awaiting; the day it
    fell due otherwise."""

    state: State
    reason: Reason
    since: datetime | None = None
    until: date | None = None


REFUSALS: Mapping[Kind, Reason] = {
    Kind.SUPPRESSED: Reason.SUPPRESSED,
    Kind.COMPLAINED: Reason.COMPLAINED,
    Kind.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
}
"""Facts that only a lifted suppression revokes."""


def state_of(
    happenings: Iterable[Happening], *, now: datetime, country: str = "", subdivision: str = ""
) -> ContactState:
    """Return a contact's state from all its facts: their order and duplicates change nothing, later ones than `now` are not seen.

    Days are those of `now`'s time zone; `country` and `subdivision` are ISO codes, for public holidays.
    """
    latest = _latest(happenings, now)
    for rule in (_never, _away, _promised, _ours, _silent):
        found = rule(latest, now, country, subdivision)
        if found:
            return found
    return ContactState(State.IDLE, Reason.NOTHING)


Latest = Mapping[Kind, Happening]


def _latest(happenings: Iterable[Happening], now: datetime) -> Latest:
    """Return the latest fact of each kind; of two at the same time the one with the later `until` day."""
    latest: dict[Kind, Happening] = {}
    for happening in happenings:
        known = latest.get(happening.kind)
        if happening.at <= now and (known is None or _order(happening) > _order(known)):
            latest[happening.kind] = happening
    return latest


def _order(happening: Happening) -> tuple[datetime, date]:
    return happening.at, happening.until or date.min


def _at(latest: Latest, kind: Kind) -> datetime | None:
    return latest[kind].at if kind in latest else None


def _is_after(latest: Latest, kind: Kind, other: Kind) -> bool:
    """Return whether there is a fact of `kind`, and none of `other` at or after it."""
    return kind in latest and (other not in latest or latest[kind].at > latest[other].at)


def _never(latest: Latest, now: datetime, country: str, subdivision: str) -> ContactState | None:
    for kind, reason in REFUSALS.items():
        if kind in latest and not (Kind.LIFTED in latest and latest[Kind.LIFTED].at > latest[kind].at):
            return ContactState(State.NEVER, reason, latest[kind].at)
    if Kind.DECLINED in latest and not _is_after(latest, Kind.INTERESTED, Kind.DECLINED):
        return ContactState(State.NEVER, Reason.DECLINED, latest[Kind.DECLINED].at)
    return None


def _away(latest: Latest, now: datetime, country: str, subdivision: str) -> ContactState | None:
    note = latest.get(Kind.ABSENT)
    if note and note.until and note.until > now.date() and _is_after(latest, Kind.ABSENT, Kind.REPLIED):
        return ContactState(State.AWAY, Reason.ABSENCE_NOTE, note.at, note.until)
    return None


def _promised(latest: Latest, now: datetime, country: str, subdivision: str) -> ContactState | None:
    """Return the state after a promise: waiting until its day; then to be followed up by us, unless somebody wrote since."""
    wait = latest.get(Kind.PROMISED)
    if not wait or not wait.until or Kind.REPLIED in latest and latest[Kind.REPLIED].at > wait.at:
        return None
    if wait.until > now.date():
        return ContactState(State.PROMISED, Reason.WAIT, wait.at, wait.until)
    wrote = _at(latest, Kind.SENT)
    if wrote is None or wrote.date() < wait.until or wrote <= wait.at:
        return ContactState(State.OURS, Reason.WAIT_IS_OVER, wait.at, wait.until)
    return None


def _ours(latest: Latest, now: datetime, country: str, subdivision: str) -> ContactState | None:
    if Kind.REPLIED in latest and not _is_after(latest, Kind.SENT, Kind.REPLIED):
        return ContactState(State.OURS, Reason.UNANSWERED_REPLY, latest[Kind.REPLIED].at)
    return None


def _silent(latest: Latest, now: datetime, country: str, subdivision: str) -> ContactState | None:
    """Return the state after our last mail: awaiting, then due if they ever answered, then going cold if they were interested."""
    wrote = _at(latest, Kind.SENT)
    if wrote is None:
        return None
    in_touch = Kind.REPLIED in latest or Kind.INTERESTED in latest
    due = business_days_after(wrote.date(), DUE_AFTER, country, subdivision)
    cold = wrote + timedelta(days=COLD_AFTER)
    if Kind.INTERESTED in latest and cold <= now:
        return ContactState(State.COLD, Reason.INTEREST_AND_SILENCE, cold, cold.date())
    if in_touch and due <= now.date():
        return ContactState(State.DUE, Reason.NO_ANSWER, wrote, due)
    return ContactState(State.AWAITING, Reason.WROTE_LAST, wrote, due if in_touch else None)
