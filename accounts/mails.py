"""Compose and send mails to users: invitation and password reset, in their language, as text and HTML.

Sent by a job (accounts.tasks). The link is created here, just before sending, so that its secret is in no queue and no log.
"""

from collections.abc import Mapping
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import links
from accounts.models import Invitation, PasswordReset, User
from salesbrain import rls

AUTOMATIC = {"Auto-Submitted": "auto-generated"}
"""Header of RFC 3834, so that no absence notice is sent in answer."""


class MailNotSent(Exception):
    """Error: the mail server refused a mail. The text names neither recipient nor content, because both would be logged."""


def are_sent() -> bool:
    """Return whether this installation sends mails. If not, links are shown to the user who requested them."""
    return bool(settings.EMAIL_URL)


def send_invitation(invitation: Invitation) -> None:
    """Mail a new link for an invitation; an earlier link stops working. Raises MailNotSent."""
    context = {
        "organization": invitation.organization.name,
        "inviter": invitation.invited_by_name,
        "link": issue_invitation_link(invitation),
    }
    with translation.override(reader_language(invitation)):
        context["role"] = invitation.get_role_display()
        subject = _("%(inviter)s invites you to %(organization)s on Salesbrain") % context
        _send(invitation.email, subject, "invitation", context)
    with rls.scope(rls.SYSTEM):
        Invitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now())


def reader_language(invitation: Invitation) -> str:
    """Return the language that the invited user chose; the inviter's where they have no user, or chose none."""
    with rls.scope(rls.SYSTEM):
        chosen = User.objects.filter(email=invitation.email).values_list("language", flat=True).first()
    return chosen or invitation.language


def send_password_reset(reset: PasswordReset) -> None:
    """Mail a new link that sets a new password; an earlier link stops working. Raises MailNotSent."""
    user = reset.user
    assert user is not None
    context = {"name": user.name or user.email, "link": issue_password_reset_link(reset)}
    with translation.override(user.language or reset.language):
        _send(user.email, _("Set a new password for Salesbrain"), "password_reset", context)


def issue_invitation_link(invitation: Invitation) -> str:
    """Return a new link for an invitation; its secret can not be read again."""
    token, digest = links.make(invitation.pk)
    with rls.scope(rls.SYSTEM):
        Invitation.objects.filter(pk=invitation.pk).update(digest=digest)
    return links.invitation_link(token)


def issue_password_reset_link(reset: PasswordReset) -> str:
    """Return a new link for a password reset; its secret can not be read again."""
    token, digest = links.make(reset.pk)
    with rls.scope(rls.SYSTEM):
        PasswordReset.objects.filter(pk=reset.pk).update(digest=digest)
    return links.password_reset_link(token)


def _send(address: str, subject: str, template: str, context: dict[str, Any]) -> None:
    """Send `templates/accounts/mail/<template>.txt` with the HTML beside it."""
    hours = int(links.LIFETIME.total_seconds() // 3600)
    send(address, subject, f"accounts/mail/{template}", {**context, "hours": hours})


def send(
    address: str, subject: str, template: str, context: dict[str, Any], *, headers: Mapping[str, str] | None = None
) -> None:
    """Send the template with the endings .txt and .html, in the language that is active. Raises MailNotSent."""
    context = {**context, "installation": settings.PUBLIC_URL}
    text, html = (render_to_string(f"{template}.{kind}", context) for kind in ("txt", "html"))
    subject = " ".join(subject.split())
    mail = EmailMultiAlternatives(subject, text, to=[address], headers={**AUTOMATIC, **(headers or {})})
    mail.attach_alternative(html, "text/html")
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        raise MailNotSent(f"The mail server of EMAIL_URL did not take a mail: {type(error).__name__}.") from None
