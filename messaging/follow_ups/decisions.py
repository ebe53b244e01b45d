"""Decisions of people on suggestions: accept, change, dismiss, take back, switch a kind on again.

Nothing is ever sent. A decision for a later day puts the conversation away until then, in the person's time zone.
"""

from datetime import date, datetime, time
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import Refusal
from accounts.services import record_audit
from messaging.choices import ConversationState
from messaging.events import CONVERSATION_SNOOZED
from messaging.follow_ups.follow_up import FollowUp, follow_ups
from messaging.follow_ups.preferences import preferences
from messaging.inbox.changes import Change, changing
from messaging.inbox.services import choose
from messaging.intelligence.next_steps.suggestions import Decision, SuggestionKind
from messaging.models import FollowUpSettings, SuggestionDecision
from salesbrain import rls

MORNING = time(8)


class Why(TextChoices):
    """Reason for dismissing a suggestion."""

    NOT_NEEDED = "not_needed", _("Not needed")
    DONE_ELSEWHERE = "done_elsewhere", _("Done elsewhere, such as by telephone")
    MISREAD = "misread", _("The reply was misread")
    TOO_EARLY = "too_early", _("Too early")
    OTHER = "other", _("Another reason")


class OldSuggestion(Refusal):
    sentence = _("This suggestion does not hold any more: something happened meanwhile. Load the page again.")


class InvalidDecision(Refusal):
    sentence = _("Accept the suggestion, choose a later day, or dismiss it with one of the reasons.")


class UnknownKind(Refusal):
    sentence = _("There is no such kind of suggestion.")


@customer_service(Permission.FOLLOW_UP)
def decide(
    scope: rls.Scope,
    *,
    by: User,
    contact_id: UUID,
    key: str,
    decision: str,
    now: datetime,
    on: date | None = None,
    why: str = "",
) -> bool:
    """Decide on a contact's current suggestion (`key`); return whether that is new. A day after today snoozes the conversation.

    `on`: for the decision `changed`, the chosen day. `why`: for `dismissed`, one of Why. Raises UnknownConversation, OldSuggestion,
    InvalidDecision, RoleTooLow.
    """
    now = now.astimezone(by.zone())
    _check(decision, on, why, now.date())
    with changing(scope, contact_id, by=by, now=now) as change:
        up = _current(change, now)
        if up.suggestion is None or up.key != key:
            raise OldSuggestion
        day = on if decision == Decision.CHANGED else up.suggestion.on
        later = None if decision == Decision.DISMISSED else day
        values = {
            "kind": up.suggestion.kind.value, "decision": decision, "why": why if decision == Decision.DISMISSED else "",
            "on": later, "user_id": by.pk, "user_name": by.name or by.email,
        }  # fmt: skip
        known = up.decision
        if known and all(getattr(known, name) == value for name, value in values.items()):
            return False
        row, _new = SuggestionDecision.objects.update_or_create(
            organization_id=scope.organization, contact=change.contact, key=key, defaults={**values, "decided_at": now}
        )
        if later and later > now.date():
            _snooze_until_morning(change, later, by)
        record_audit(
            action="suggestion.decide",
            actor=by,
            target=row,
            detail={"kind": row.kind, "decision": row.decision, "why": row.why},
        )
        return True


@customer_service(Permission.FOLLOW_UP)
def take_back(scope: rls.Scope, *, by: User, contact_id: UUID, key: str, now: datetime) -> bool:
    """Delete the decision on a suggestion, so that it is open again; return whether there was one. Raises UnknownConversation."""
    with changing(scope, contact_id, by=by, now=now) as change:
        own = SuggestionDecision.objects.filter(organization=scope.organization, contact=change.contact, key=key)
        row = own.first()
        if row is None:
            return False
        record_audit(
            action="suggestion.take_back", actor=by, target=row, detail={"kind": row.kind, "decision": row.decision}
        )
        own.delete()
        return True


@customer_service(Permission.MANAGE_SUGGESTIONS)
def switch_on(scope: rls.Scope, *, by: User, kind: str, now: datetime) -> bool:
    """Switch a dismissed kind of suggestion on again; earlier dismissals no longer count. Returns whether it was off.

    Raises UnknownKind, RoleTooLow.
    """
    if kind not in SuggestionKind.values:
        raise UnknownKind
    with rls.scope(scope):
        if kind not in preferences([scope.organization])[scope.organization].switched_off:
            return False
        row, _new = FollowUpSettings.objects.get_or_create(organization_id=scope.organization)
        row.restarted = {**row.restarted, kind: now.isoformat()}
        row.save(update_fields=["restarted"])
        return True


def _check(decision: str, on: date | None, why: str, today: date) -> None:
    fits = {
        Decision.ACCEPTED.value: on is None,
        Decision.CHANGED.value: on is not None and on > today,
        Decision.DISMISSED.value: on is None and why in Why.values,
    }
    if not fits.get(decision, False):
        raise InvalidDecision


def _current(change: Change, now: datetime) -> FollowUp:
    organization = change.contact.organization_id
    (up,) = follow_ups({change.contact.pk: preferences([organization])[organization]}, now=now)
    return up


def _snooze_until_morning(change: Change, day: date, by: User) -> None:
    """Snooze the conversation until the morning of a day."""
    until = datetime.combine(day, MORNING, tzinfo=by.zone())
    choose(change, CONVERSATION_SNOOZED, ConversationState.SNOOZED, None, until=until)
