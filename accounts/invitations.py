"""Invitations into an organization: create, send again, revoke, open by link, accept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import get_language

from accounts import links, mails, tasks
from accounts.choices import Language, MembershipRole
from accounts.customer_services import customer_service
from accounts.mail_limits import count_mail
from accounts.memberships import lock_organization
from accounts.models import Invitation, Membership, User
from accounts.permissions import Permission
from accounts.refusals import (
    AlreadyInvited,
    AlreadyMember,
    InvalidLink,
    LoginNeeded,
    StaffNeedNoInvitation,
    UnknownInvitation,
    WrongUser,
)
from accounts.services import record_audit
from salesbrain import rls


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation. `link` is set only where the installation sends no mail: shown once to the inviting user, never logged."""

    invitation: Invitation
    link: str | None


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """Content of the page behind an invitation's link. `has_user`: the address belongs to a user, who logs in instead of choosing a
    password.
    """

    organization: str
    email: str
    role: str
    inviter: str
    has_user: bool


def page_language() -> str:
    """Return the language of the current request if we have translations for it, else English."""
    language = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return language if language in Language.values else Language.ENGLISH.value


@customer_service(Permission.MANAGE_TEAM)
def invite(scope: rls.Scope, *, by: User, email: str, role: str, now: datetime) -> Invited:
    """Invite an email address, whether or not a user has it yet; a job sends the mail.

    Raises RoleTooLow, ValidationError (no address), ValueError (no role), AlreadyMember, AlreadyInvited, TooManyMails.
    """
    email, role = email.strip().lower(), MembershipRole(role).value
    validate_email(email)
    with rls.scope(scope):
        if Membership.objects.filter(user__email=email).exists():
            raise AlreadyMember
        if Invitation.objects.open().filter(email=email).exists():
            raise AlreadyInvited
    count_mail(email)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        lock_organization(scope, by)
        try:
            with transaction.atomic():
                invitation = Invitation.objects.create(
                    organization_id=scope.organization, email=email, role=role, language=by.language or page_language(),
                    invited_by=by, invited_by_name=by.name or by.email, expires_at=now + links.LIFETIME,
                )  # fmt: skip
        except IntegrityError:
            raise AlreadyInvited from None  # by a colleague, a moment ago
        _audit("invitation.create", invitation, by)
        return _dispatch(invitation)


@customer_service(Permission.MANAGE_TEAM)
def resend_invitation(scope: rls.Scope, *, by: User, invitation_id: UUID, now: datetime) -> Invited:
    """Send an open invitation again, valid for 72 hours from now; earlier links of it stop working.

    Raises RoleTooLow, UnknownInvitation, TooManyMails.
    """
    count_mail(_open_invitation(scope, invitation_id).email)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        lock_organization(scope, by)
        invitation = _locked(scope, invitation_id)
        invitation.digest, invitation.expires_at, invitation.sent_at = None, now + links.LIFETIME, None
        invitation.save(update_fields=["digest", "expires_at", "sent_at", "updated_at"])
        _audit("invitation.resend", invitation, by)
        return _dispatch(invitation)


@customer_service(Permission.MANAGE_TEAM)
def revoke_invitation(scope: rls.Scope, *, by: User, invitation_id: UUID, now: datetime) -> None:
    """Take an open invitation back: its link stops working. Raises RoleTooLow, UnknownInvitation."""
    _open_invitation(scope, invitation_id)
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        lock_organization(scope, by)
        invitation = _locked(scope, invitation_id)
        invitation.revoked_at = now
        invitation.save(update_fields=["revoked_at", "updated_at"])
        _audit("invitation.revoke", invitation, by)


def read_invitation(token: str, *, now: datetime) -> InvitationPage:
    """Return the content of the page behind an invitation's link. Raises InvalidLink."""
    with rls.scope(rls.SYSTEM):
        invitation = _of_link(token, now)
        return InvitationPage(
            organization=invitation.organization.name,
            email=invitation.email,
            role=invitation.role,
            inviter=invitation.invited_by_name,
            has_user=User.objects.filter(email=invitation.email).exists(),
        )


def accept_invitation(
    token: str, *, now: datetime, user: User | None = None, password: str = "", name: str = ""
) -> Membership:
    """Make the holder of the link a member and return the membership; the caller logs `membership.user` in.

    With `user`, who is logged in: it must be the one with the address invited. Without: a user is made with `password`, in the
    invitation's language. Where the address has a user already, that user logs in first: the link alone is no password.
    Raises InvalidLink, LoginNeeded, WrongUser, StaffNeedNoInvitation, and ValidationError for a weak password.
    """
    with transaction.atomic(), rls.scope(rls.SYSTEM):
        invitation = _of_link(token, now, lock=True)
        member = _accepting_user(invitation, user, password, name)
        membership, _ = Membership.objects.get_or_create(
            user=member, organization_id=invitation.organization_id, defaults={"role": invitation.role}
        )
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at", "updated_at"])
        record_audit(
            action="invitation.accept",
            actor=member,
            target=invitation,
            detail={"email": invitation.email, "role": membership.role},
        )
        return membership


def _accepting_user(invitation: Invitation, user: User | None, password: str, name: str) -> User:
    known = User.objects.filter(email=invitation.email).first()
    if user is not None and (known is None or known.pk != user.pk):
        raise WrongUser
    if known is None:
        return _new_user(invitation, password, name)
    if not known.is_active:
        raise InvalidLink
    if known.is_staff:
        raise StaffNeedNoInvitation
    if user is None:
        raise LoginNeeded
    return known


def _new_user(invitation: Invitation, password: str, name: str) -> User:
    """Create the user an invitation is for. Raises ValidationError, and LoginNeeded where another link made them just now."""
    made = User(email=invitation.email, name=name.strip(), language=invitation.language)
    validate_password(password, made)
    try:
        with transaction.atomic():
            made.set_password(password)
            made.save()
    except IntegrityError:
        raise LoginNeeded from None
    record_audit(action="user.create", actor=made, target=made, detail={"name": made.email, "by": "invitation"})
    return made


def _of_link(token: str, now: datetime, *, lock: bool = False) -> Invitation:
    """Return the invitation a link is for, in SYSTEM scope. Raises InvalidLink for every fault of the link."""
    rows = Invitation.objects.select_related("organization")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=links.key_of(token)).first()
    if found is None or not links.matches(token, found.digest):
        raise InvalidLink
    if not found.can_be_accepted(now) or not found.organization.is_active:
        raise InvalidLink
    return found


def _open_invitation(scope: rls.Scope, invitation_id: UUID) -> Invitation:
    """Return an open invitation that the customer's own scope shows. Raises UnknownInvitation."""
    with rls.scope(scope):
        found = Invitation.objects.open().filter(pk=invitation_id).first()
    if found is None:
        raise UnknownInvitation
    return found


def _locked(scope: rls.Scope, invitation_id: UUID) -> Invitation:
    """Lock an open invitation and return its current row. Raises UnknownInvitation where it was accepted or revoked meanwhile."""
    rows = Invitation.objects.open().filter(pk=invitation_id, organization_id=scope.organization)
    found = rows.select_for_update().first()
    if found is None:
        raise UnknownInvitation
    return found


def _dispatch(invitation: Invitation) -> Invited:
    """Queue the job that sends the mail, in the transaction of the change; without mails create the link now, for the inviting user."""
    if not mails.are_sent():
        return Invited(invitation, mails.issue_invitation_link(invitation))
    tasks.send_invitation.defer(invitation_id=str(invitation.pk))
    return Invited(invitation, None)


def _audit(action: str, invitation: Invitation, by: User) -> None:
    detail = {"email": invitation.email, "role": invitation.role}
    record_audit(action=action, actor=by, target=invitation, detail=detail)
