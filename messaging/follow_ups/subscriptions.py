"""Subscriptions to the daily digest, switched by the reader or ended by the link in the mail."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.customer_services import customer_service
from accounts.models import User
from accounts.permissions import Permission
from accounts.refusals import InvalidLink
from accounts.services import record_audit
from messaging.models import DigestSubscription
from salesbrain import rls

SIGNER = signing.Signer(salt="messaging.follow_ups.digest")


@customer_service(Permission.FOLLOW_UP)
def subscribe(scope: rls.Scope, *, by: User, now: datetime) -> bool:
    """Subscribe the user `by` to the digest of the scope's organization; return whether the subscription is new."""
    with rls.scope(rls.SYSTEM):
        row, is_new = DigestSubscription.objects.get_or_create(organization_id=scope.organization, user_id=by.pk)
        if is_new:
            record_audit(action="digest.subscribe", actor=by, target=row)
        return is_new


@customer_service(Permission.LEAVE)
def unsubscribe(scope: rls.Scope, *, by: User, now: datetime) -> bool:
    """Unsubscribe the user `by` from the digest of the scope's organization; return whether there was a subscription."""
    with rls.scope(rls.SYSTEM):
        row = DigestSubscription.objects.filter(organization_id=scope.organization, user_id=by.pk).first()
        if row is None:
            return False
        record_audit(action="digest.unsubscribe", actor=by, target=row)
        row.delete()
        return True


def is_subscribed(scope: rls.Scope, user: User) -> bool:
    """Return whether the user gets the digest of the scope's organization. In the caller's scope."""
    return DigestSubscription.objects.filter(organization_id=scope.organization, user_id=user.pk).exists()


def off_link(subscription: DigestSubscription) -> str:
    """Return the address that ends a subscription without a login."""
    token = SIGNER.sign(subscription.pk.hex)
    return f"{settings.PUBLIC_URL}{reverse('digest_off', kwargs={'token': token})}"


def read_off_link(token: str) -> DigestSubscription:
    """Return the subscription a link is about. Raises InvalidLink for a forged link and for one whose subscription has ended."""
    try:
        key = UUID(hex=SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        raise InvalidLink from None
    with rls.scope(rls.SYSTEM):
        row = DigestSubscription.objects.select_related("organization").filter(pk=key).first()
    if row is None:
        raise InvalidLink
    return row


def end_by_link(token: str) -> None:
    """End the subscription a link is about. Raises InvalidLink."""
    row = read_off_link(token)
    with rls.scope(rls.SYSTEM):
        DigestSubscription.objects.filter(pk=row.pk).delete()
