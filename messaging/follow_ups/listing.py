"""List of follow-ups: contact, reason and day; also dismissed suggestions, and contacts without one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from messaging.follow_ups.follow_up import FollowUp, follow_ups
from messaging.follow_ups.preferences import SQL, Preferences, preferences
from messaging.intelligence.next_steps.suggestions import URGENCY, Decision
from salesbrain.kernel import db

MOST = 5_000
"""Conversations that are read for the list, the latest ones."""

PERIOD = timedelta(days=200)
"""Period in which facts are read: no promise reaches further than 180 days."""


class Show(TextChoices):
    OPEN = "open", _("To do")
    OLD = "old", _("Older than 30 days")
    DECIDED = "decided", _("Dismissed or put off")
    ALL = "all", _("Everybody")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact whose conversation is neither closed nor snoozed. `category`: of the latest reply, None before triage."""

    contact_id: UUID
    organization_id: UUID
    email: str
    first_name: str
    last_name: str
    company: str
    category: str | None
    last_mail_at: datetime

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


@dataclass(frozen=True, slots=True)
class Row:
    contact: Candidate
    follow_up: FollowUp

    @property
    def on(self) -> date | None:
        """Return the day of the follow-up: chosen by a person, else the suggestion's."""
        decision = self.follow_up.decision
        if decision and decision.on:
            return decision.on
        return self.follow_up.suggestion.on if self.follow_up.suggestion else None


@dataclass(frozen=True, slots=True)
class Listed:
    """Result of `listed`; `is_cut`: there are more conversations than were read. `older`: number of open suggestions that are too old to be
    listed as to do."""

    rows: Sequence[Row]
    is_cut: bool
    preferences: dict[UUID, Preferences] = field(default_factory=dict)
    older: int = 0


def listed(
    organizations: Sequence[UUID], *, now: datetime, show: Show = Show.OPEN, state: str = "", kind: str = ""
) -> Listed:
    """Return the follow-ups of these organizations in order of their day, in four statements. Due ones come first: calls and promises, then
    answers, then the rest, each with the latest first.

    In the caller's scope. `now` in the reader's time zone, whose days count.
    """
    values = {
        "organizations": list(organizations), "since": now - PERIOD, "now": now, "limit": MOST + 1,
    }  # fmt: skip
    candidates = [Candidate(*row) for row in db.prepared(SQL["candidates"], values)]
    chosen, looked_at = preferences(organizations), candidates[:MOST]
    ups = follow_ups({row.contact_id: chosen[row.organization_id] for row in looked_at}, now=now)
    found = [Row(candidate, up) for candidate, up in zip(looked_at, ups, strict=True)]
    today = now.date()
    matching = [row for row in found if _matches(row, state, kind)]
    rows = sorted((row for row in matching if _fits(row, show, today)), key=lambda row: _place(row, today))
    older = sum(_fits(row, Show.OLD, today) for row in matching)
    return Listed(rows, len(candidates) > MOST, chosen, older)


def _fits(row: Row, show: Show, today: date) -> bool:
    if show is Show.ALL:
        return True
    if row.follow_up.suggestion is None:
        return False
    if not _is_open(row.follow_up, today):
        return show is Show.DECIDED
    return show is (Show.OLD if row.follow_up.is_old else Show.OPEN)


def _is_open(up: FollowUp, today: date) -> bool:
    """Return whether a follow-up belongs in the list: undecided, accepted, or postponed to a day that has come."""
    if up.decision is None or up.decision.decision == Decision.ACCEPTED:
        return True
    return up.decision.decision == Decision.CHANGED and up.decision.on is not None and up.decision.on <= today


def _matches(row: Row, state: str, kind: str) -> bool:
    suggestion = row.follow_up.suggestion
    return (not state or row.follow_up.state.state == state) and (
        not kind or (suggestion is not None and suggestion.kind == kind)
    )


def _place(row: Row, today: date) -> tuple[date, int, float, UUID]:
    """Return the sort key of a row: its day, or today if overdue; then its urgency, then the latest first."""
    suggestion, since = row.follow_up.suggestion, row.follow_up.state.since
    return (
        max(row.on or date.max, today),
        URGENCY[suggestion.kind] if suggestion else len(URGENCY),
        -since.timestamp() if since else 0.0,
        row.contact.contact_id,
    )
