"""Daily digest of follow-ups by mail, in the reader's language and time zone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from accounts import mails
from accounts.models import User
from accounts.models.user import NoOrganization, UnknownOrganization
from accounts.permissions import Permission, member_may
from messaging.follow_ups.listing import Row, Show, listed
from messaging.follow_ups.subscriptions import off_link
from messaging.models import DigestSubscription
from salesbrain import rls

HOUR = 7
"""Hour of the reader's day from which on a digest is sent."""

SHOWN = 15
SATURDAY = 5


def due(*, now: datetime) -> list[UUID]:
    """Claim the subscriptions whose digest is due: on a working day of the reader from HOUR on, once a day.

    Each is returned to one caller only. Returns nothing where this installation sends no mails.
    """
    if not mails.are_sent():
        return []
    with rls.scope(rls.SYSTEM):
        rows = list(DigestSubscription.objects.all())
        users = User.objects.in_bulk({row.user_id for row in rows})
        claimed = []
        for row in rows:
            user = users.get(row.user_id)
            local = now.astimezone(user.zone() if user else UTC)
            if user is None or local.hour < HOUR or local.weekday() >= SATURDAY:
                continue
            today = local.date()
            own = DigestSubscription.objects.filter(Q(looked_on=None) | Q(looked_on__lt=today), pk=row.pk)
            if own.update(looked_on=today):
                claimed.append(row.pk)
    return claimed


def send(subscription_id: UUID, *, now: datetime) -> bool:
    """Send one digest, unless there is nothing to follow up or its reader lost access; return whether it was sent. Raises MailNotSent."""
    with rls.scope(rls.SYSTEM):
        row = DigestSubscription.objects.select_related("organization").filter(pk=subscription_id).first()
        user = User.objects.filter(pk=row.user_id, is_active=True).first() if row else None
    if row is None or user is None:
        return False
    try:
        scope = user.scope_in(row.organization_id)
    except (NoOrganization, UnknownOrganization):
        return False
    if not member_may(scope.member_role, Permission.FOLLOW_UP):
        return False
    local = now.astimezone(user.zone())
    with rls.scope(scope):
        rows = [
            each for each in listed([scope.organization], now=local, show=Show.OPEN).rows if _is_due(each, local.date())
        ]
    if not rows:
        return False
    _mail(row, user, rows)
    return True


def _is_due(row: Row, today: date) -> bool:
    return row.on is not None and row.on <= today


def _mail(subscription: DigestSubscription, user: User, rows: Sequence[Row]) -> None:
    off = off_link(subscription)
    with translation.override(user.language or translation.get_language()):
        subject = ngettext(
            "%(count)s follow-up for %(organization)s", "%(count)s follow-ups for %(organization)s", len(rows)
        ) % {"count": len(rows), "organization": subscription.organization.name}
        context = {
            "name": user.name or user.email,
            "organization": subscription.organization.name,
            "rows": [_row_for_mail(row) for row in rows[:SHOWN]],
            "more": max(len(rows) - SHOWN, 0),
            "link": f"{settings.PUBLIC_URL}{reverse('follow_ups')}",
            "off": off,
        }
        mails.send(user.email, subject, "messaging/mail/digest", context, headers={"List-Unsubscribe": f"<{off}>"})


def _row_for_mail(row: Row) -> dict[str, str]:
    """Return a contact's row in the mail: names, suggestion and reason, but none of the contact's words."""
    assert row.follow_up.suggestion is not None
    return {
        "who": row.contact.name or row.contact.email,
        "company": row.contact.company,
        "what": str(row.follow_up.suggestion.kind.label),
        "why": str(row.follow_up.state.reason.label),
        "link": f"{settings.PUBLIC_URL}{reverse('conversation', args=[row.contact.contact_id])}",
    }
