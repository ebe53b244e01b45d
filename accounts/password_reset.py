"""Password reset by a mailed link: request it, check the link, set the new password."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from accounts import links, mails, tasks
from accounts.invitations import page_language
from accounts.mail_limits import count_mail
from accounts.models import PasswordReset, User
from accounts.refusals import InvalidLink
from accounts.services import record_audit
from salesbrain import rls

KEPT = timedelta(days=7)
"""Time after their expiry at which requests are deleted."""


def request_password_reset(email: str, *, now: datetime) -> None:
    """Send a password reset link to the user with this email address, if there is one; take the same time if there is none.

    Without EMAIL_URL nothing is sent: `create_password_reset_link` is for staff. Raises TooManyMails, whether or not the address belongs to
    a user.
    """
    email = email.strip().lower()[:254]
    count_mail(email)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        PasswordReset.objects.filter(expires_at__lt=now - KEPT).delete()
        user = User.objects.filter(email=email, is_active=True).first()
        reset = _create(user, now)
        record_audit(action="password_reset.request", target=user, actor_name="somebody", detail={"name": email})
        if mails.are_sent():
            tasks.send_password_reset.defer(reset_id=str(reset.pk))


def create_password_reset_link(user: User, *, now: datetime, actor_name: str) -> str:
    """Return a link that sets a new password, which staff hand over where no mails are sent. It cannot be shown again."""
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        record_audit(action="password_reset.link", target=user, actor_name=actor_name, detail={"name": user.email})
        return mails.issue_password_reset_link(_create(user, now))


def read_password_reset(token: str, *, now: datetime) -> User:
    """Return the user whose password a link sets. Raises InvalidLink."""
    with rls.scope(rls.SYSTEM):
        return _user_of(_of_link(token, now))


def confirm_password_reset(token: str, *, password: str, now: datetime) -> User:
    """Set the new password and return its user. All sessions, API tokens and other links of the user end.

    Nobody is logged in, and the second factor stays as it is. Raises InvalidLink, and ValidationError for a weak password.
    """
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        reset = _of_link(token, now, lock=True)
        user = _user_of(reset)
        validate_password(password, user)
        user.set_password(password)
        user.save(update_fields=["password"])  # which ends the tokens: accounts.token_revocation
        PasswordReset.objects.filter(user=user, used_at__isnull=True).update(used_at=now)
        record_audit(action="password_reset.confirm", actor=user, target=user, detail={"name": user.email})
        return user


def _create(user: User | None, now: datetime) -> PasswordReset:
    return PasswordReset.objects.create(user=user, language=page_language(), expires_at=now + links.LIFETIME)


def _of_link(token: str, now: datetime, *, lock: bool = False) -> PasswordReset:
    """Return the reset a link is for, in SYSTEM scope. Raises InvalidLink for every fault of the link."""
    rows = PasswordReset.objects.select_related("user")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=links.key_of(token)).first()
    if found is None or not links.matches(token, found.digest) or not found.can_be_used(now):
        raise InvalidLink
    return found


def _user_of(reset: PasswordReset) -> User:
    user = reset.user
    if user is None or not user.is_active:
        raise InvalidLink
    return user
