"""Jobs that send invitations and password resets. Arguments are ids only, because they are logged."""

from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts import mails
from accounts.models import Invitation, PasswordReset
from salesbrain import rls
from salesbrain.kernel.jobs import close_connection_after

LATER = RetryStrategy(max_attempts=6, exponential_wait=5, retry_exceptions=[mails.MailNotSent])
"""Retries of mail jobs: each wait is five times the one before, from seconds to hours."""


@app.task(retry=LATER)
@close_connection_after
def send_invitation(invitation_id: str) -> None:
    """Send an invitation unless it was accepted, revoked or has expired since."""
    with rls.scope(rls.SYSTEM):
        invitation = Invitation.objects.select_related("organization").filter(pk=UUID(invitation_id)).first()
    if invitation is not None and invitation.can_be_accepted(timezone.now()):
        mails.send_invitation(invitation)


@app.task(retry=LATER)
@close_connection_after
def send_password_reset(reset_id: str) -> None:
    """Send a password reset, unless it was used, has expired, or no user has the address it was requested for."""
    with rls.scope(rls.SYSTEM):
        reset = PasswordReset.objects.select_related("user").filter(pk=UUID(reset_id)).first()
    if reset is not None and reset.can_be_used(timezone.now()):
        mails.send_password_reset(reset)
