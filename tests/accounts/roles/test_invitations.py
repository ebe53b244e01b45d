"""Invitations: a single-use link for one mail address, valid for 72 hours."""

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import invitations, links, mails, tasks
from accounts.choices import MembershipRole
from accounts.models import Invitation, Membership, Organization, User
from accounts.permissions import RoleTooLow
from accounts.refusals import (
    AlreadyInvited,
    AlreadyMember,
    InvalidLink,
    LoginNeeded,
    StaffNeedNoInvitation,
    TooManyMails,
    UnknownInvitation,
    WrongUser,
)
from salesbrain import rls
from salesbrain.kernel import request_origin
from salesbrain.kernel.logging import formatter
from tests import factories
from tests.accounts.roles.conftest import NOW

PASSWORD = "a long enough phrase"
LATER = NOW + timedelta(hours=1)


def token_of(invited: invitations.Invited) -> str:
    assert invited.link
    return invited.link.rpartition("/")[2]


@pytest.fixture
def invited(customer):
    """Return a function that invites as Acme's owner and returns the shown link, without a mail server."""

    def invite(email="new@acme.example", role="member"):
        return invitations.invite(customer.scope_in(), by=customer, email=email, role=role, now=NOW)

    return invite


@pytest.fixture
def mail_server(settings, monkeypatch):
    """Enable mails; each job runs as soon as it is queued, an hour after NOW."""
    monkeypatch.setattr(tasks, "timezone", SimpleNamespace(now=lambda: LATER))
    settings.EMAIL_URL = "smtp://mail.example"
    settings.DEFAULT_FROM_EMAIL = "Salesbrain <salesbrain@example.com>"
    settings.PUBLIC_URL = "https://salesbrain.example"
    queued: list[dict] = []

    def run(task):
        def defer(**arguments):
            queued.append(arguments)
            task.func(**arguments)

        return defer

    for task in (tasks.send_invitation, tasks.send_password_reset):
        monkeypatch.setattr(task, "defer", run(task))
    return queued


# --- without a mail server: the link is shown to whoever invited ------------------------------------------------------


def test_somebody_new_chooses_a_password_and_is_in_the_team(invited, acme, customer, audited):
    token = token_of(invited("New@Acme.example "))
    page = invitations.read_invitation(token, now=LATER)
    assert (page.organization, page.email, page.role, page.has_user) == ("Acme", "new@acme.example", "member", False)
    membership = invitations.accept_invitation(token, password=PASSWORD, name="Nina", now=LATER)
    user = User.objects.get(email="new@acme.example")
    assert membership.user == user and user.check_password(PASSWORD) and user.name == "Nina"
    assert user.scope_for() == rls.customer(acme.pk) and user.scope_for().member_role == MembershipRole.MEMBER
    assert [entry[:2] for entry in audited()] == [
        ("invitation.create", customer.email),
        ("user.create", user.email),
        ("invitation.accept", user.email),
    ]
    assert token not in str(audited()) and PASSWORD not in str(audited())


def test_a_link_works_once(invited):
    token = token_of(invited())
    user = invitations.accept_invitation(token, password=PASSWORD, now=LATER).user
    for attempt in ({"password": PASSWORD}, {"user": user}):
        with pytest.raises(InvalidLink):
            invitations.accept_invitation(token, now=LATER, **attempt)
    with pytest.raises(InvalidLink):
        invitations.read_invitation(token, now=LATER)


def test_a_link_works_for_72_hours(invited):
    token = token_of(invited())
    assert invitations.read_invitation(token, now=NOW + timedelta(hours=71, minutes=59))
    with pytest.raises(InvalidLink):
        invitations.accept_invitation(token, password=PASSWORD, now=NOW + timedelta(hours=72))
    assert not User.objects.filter(email="new@acme.example").exists()


def test_wrong_unknown_and_expired_links_are_answered_alike(invited):
    shown = invited()
    token = token_of(shown)
    other = token_of(invited("else@acme.example"))
    wrong = [
        "",
        "x",
        token[:-1],
        token + "x",
        token[:32] + other[32:],
        shown.invitation.pk.hex,
        "0" * 75,
        "\0" * 75,
        "é" * 75,
    ]
    sentences = set()
    for guess in wrong:
        for attempt in (invitations.read_invitation, invitations.accept_invitation):
            with pytest.raises(InvalidLink) as refused:
                attempt(guess, now=LATER)
            sentences.add(str(refused.value))
    assert len(sentences) == 1
    assert invitations.read_invitation(token, now=LATER), "and the right one still works"


def test_only_a_digest_of_the_link_is_stored(invited):
    shown = invited()
    token = token_of(shown)
    with rls.scope(rls.SYSTEM):
        row = Invitation.objects.filter(pk=shown.invitation.pk).values().get()
    stored = bytes(row["digest"] or b"")
    assert len(stored) == 32
    for part in (token, token[32:]):
        assert part not in str({**row, "digest": stored})


def test_a_link_that_comes_into_a_log_line_is_redacted(invited):
    token = token_of(invited())
    record = logging.LogRecord("x", logging.INFO, __file__, 1, f"GET {links.INVITATION_PATH}{token} failed", None, None)
    assert token[32:] not in formatter(json=True).format(record)


@pytest.mark.parametrize("password", ["", "short", "password123", "new@acme.example"])
def test_a_weak_password_is_refused_and_the_link_still_works(invited, password):
    token = token_of(invited())
    with pytest.raises(ValidationError):
        invitations.accept_invitation(token, password=password, now=LATER)
    assert invitations.accept_invitation(token, password=PASSWORD, now=LATER)


def test_an_address_that_has_a_user_logs_in_first(invited, stranger, acme, globex):
    """The invitation's link alone must neither open the existing user's other organizations nor set a new password."""
    token = token_of(invited(stranger.email, "observer"))
    with pytest.raises(LoginNeeded):
        invitations.accept_invitation(token, password=PASSWORD, now=LATER)
    assert invitations.read_invitation(token, now=LATER).has_user
    invitations.accept_invitation(token, user=stranger, now=LATER)
    assert stranger.check_password("customer-password")
    assert {row.name: row.role for row in stranger.organizations()} == {"Acme": "observer", "Globex": "owner"}


def test_another_users_login_does_not_accept_an_invitation(invited, stranger, acme):
    token = token_of(invited())
    with pytest.raises(WrongUser):
        invitations.accept_invitation(token, user=stranger, now=LATER)
    with rls.scope(rls.SYSTEM):
        assert not Membership.objects.filter(user=stranger, organization=acme).exists()


def test_staff_do_not_become_members(invited, viewer):
    token = token_of(invited(viewer.email))
    with pytest.raises(StaffNeedNoInvitation):
        invitations.accept_invitation(token, user=viewer, now=LATER)


def test_a_deactivated_user_or_organization_is_not_entered(invited, stranger, acme):
    first, second = token_of(invited(stranger.email)), token_of(invited())
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    with pytest.raises(InvalidLink):
        invitations.accept_invitation(first, user=stranger, now=LATER)
    with rls.scope(rls.SYSTEM):
        Organization.objects.filter(pk=acme.pk).update(is_active=False)
    with pytest.raises(InvalidLink):
        invitations.accept_invitation(second, password=PASSWORD, now=LATER)


def test_an_invited_user_who_became_a_member_meanwhile_keeps_their_role(invited, stranger, acme):
    token = token_of(invited(stranger.email, "owner"))
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=stranger, organization=acme, role=MembershipRole.OBSERVER)
    assert invitations.accept_invitation(token, user=stranger, now=LATER).role == MembershipRole.OBSERVER


# --- what owners do with invitations ----------------------------------------------------------------------------------


def test_a_member_and_an_open_invitation_are_named(invited, member, customer):
    with pytest.raises(AlreadyMember):
        invited(member.email.upper())
    invited()
    with pytest.raises(AlreadyInvited):
        invited()
    with pytest.raises(ValidationError):
        invited("no address")


def test_sending_an_invitation_again_invalidates_the_earlier_link(invited, customer):
    first = invited()
    again = invitations.resend_invitation(
        customer.scope_in(), by=customer, invitation_id=first.invitation.pk, now=NOW + timedelta(hours=80)
    )
    late = NOW + timedelta(hours=81)
    with pytest.raises(InvalidLink):
        invitations.read_invitation(token_of(first), now=late)
    assert invitations.accept_invitation(token_of(again), password=PASSWORD, now=late)


def test_a_revoked_link_stops_working_and_its_address_can_be_invited_again(invited, customer, audited):
    first = invited()
    invitations.revoke_invitation(customer.scope_in(), by=customer, invitation_id=first.invitation.pk, now=NOW)
    with pytest.raises(InvalidLink):
        invitations.accept_invitation(token_of(first), password=PASSWORD, now=LATER)
    with pytest.raises(UnknownInvitation):
        invitations.resend_invitation(customer.scope_in(), by=customer, invitation_id=first.invitation.pk, now=NOW)
    assert [entry[0] for entry in audited()] == ["invitation.create", "invitation.revoke"]
    assert invitations.accept_invitation(token_of(invited()), password=PASSWORD, now=LATER)


def test_another_organizations_invitations_are_answered_like_nobodys(invited, stranger):
    theirs = invited()
    scope = stranger.scope_in()
    for key in (theirs.invitation.pk, stranger.pk):
        for service in (invitations.resend_invitation, invitations.revoke_invitation):
            with pytest.raises(UnknownInvitation):
                service(scope, by=stranger, invitation_id=key, now=LATER)
    assert invitations.read_invitation(token_of(theirs), now=LATER)


@pytest.mark.parametrize("who", ["member", "observer"])
def test_only_owners_can_invite(request, who, invited):
    user = request.getfixturevalue(who)
    key = invited().invitation.pk
    with pytest.raises(RoleTooLow):
        invitations.invite(user.scope_in(), by=user, email="friend@else.example", role="owner", now=NOW)
    for service in (invitations.resend_invitation, invitations.revoke_invitation):
        with pytest.raises(RoleTooLow):
            service(user.scope_in(), by=user, invitation_id=key, now=NOW)


def test_one_address_gets_so_many_mails_and_not_more(invited, customer):
    shown = invited()
    with pytest.raises(TooManyMails):
        for _ in range(6):
            invitations.resend_invitation(customer.scope_in(), by=customer, invitation_id=shown.invitation.pk, now=NOW)
    assert invited("else@acme.example"), "others are not affected"


def test_one_network_address_asks_for_so_many_mails_and_not_more(invited, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "mail_origin": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    with request_origin.override_address("192.0.2.7"):
        invited("a@acme.example"), invited("b@acme.example")
        with pytest.raises(TooManyMails):
            invited("c@acme.example")


# --- with a mail server -----------------------------------------------------------------------------------------------


def test_the_mail_is_in_the_inviters_language_and_its_link_works(invited, customer, mail_server):
    User.objects.filter(pk=customer.pk).update(language="de", name="Carla Chef")
    customer.refresh_from_db()
    shown = invited()
    assert shown.link is None, "whoever invites does not see a link that the mail holds"
    sent: Any = mail.outbox[0]
    assert sent.to == ["new@acme.example"] and sent.from_email == "Salesbrain <salesbrain@example.com>"
    assert sent.subject == "Carla Chef lädt Sie zu Acme bei Salesbrain ein"
    html = sent.alternatives[0].content
    for text in (sent.body, html):
        assert "72 Stunden" in text and "https://salesbrain.example/invitations/" in text
    assert "Mitglied" in sent.body and 'lang="de"' in html
    token = sent.body.partition("/invitations/")[2].split()[0]
    user = invitations.accept_invitation(token, password=PASSWORD, now=LATER).user
    assert user.language == "de"


def test_the_mail_is_english_for_an_english_inviter(invited, customer, mail_server):
    with translation.override("en"):
        invited()
    assert mail.outbox[0].subject == f"{customer.email} invites you to Acme on Salesbrain"
    assert "Hello" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("chosen", "subject"),
    [("de", "Carla lädt Sie zu Acme bei Salesbrain ein"), ("", "Carla invites you to Acme on Salesbrain")],
    ids=["German chosen", "none chosen"],
)
def test_an_invited_user_gets_the_mail_in_their_own_language(invited, customer, stranger, mail_server, chosen, subject):
    User.objects.filter(pk=customer.pk).update(language="en", name="Carla")
    User.objects.filter(pk=stranger.pk).update(language=chosen)
    customer.refresh_from_db()
    invited(stranger.email)
    sent: Any = mail.outbox[0]
    assert sent.subject == subject and ("Mitglied" in sent.body) is (chosen == "de")


def test_names_cannot_inject_markup_or_headers(invited, customer, acme, mail_server):
    User.objects.filter(pk=customer.pk).update(name="<b>Eve</b>\nBcc: all@acme.example")
    customer.refresh_from_db()
    invited()
    sent: Any = mail.outbox[0]
    assert "\n" not in sent.subject and sent.recipients() == ["new@acme.example"]
    assert "<b>Eve</b>" not in sent.alternatives[0].content and "<b>Eve</b>" in sent.body


@pytest.mark.django_db(transaction=True)
def test_the_job_holds_an_id_and_no_link(customer, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    made = invitations.invite(customer.scope_in(), by=customer, email="new@acme.example", role="member", now=NOW)
    job = ProcrastinateJob.objects.latest("id")
    assert job.task_name == "accounts.tasks.send_invitation" and job.args == {"invitation_id": str(made.invitation.pk)}
    with rls.scope(rls.SYSTEM):
        assert Invitation.objects.get(pk=made.invitation.pk).digest is None


def test_a_revoked_or_expired_invitation_is_not_sent(invited, customer, settings, mailoutbox):
    shown = invited()
    settings.EMAIL_URL = "smtp://mail.example"
    tasks.send_invitation.func(invitation_id=str(shown.invitation.pk))
    assert mailoutbox == [], "its 72 hours of July 2026 are over"


def test_a_mail_the_server_refuses_is_tried_again_and_its_address_is_not_in_the_error(invited, monkeypatch):
    import smtplib

    def refuse(*_):
        raise smtplib.SMTPRecipientsRefused({"new@acme.example": (550, b"no")})

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", refuse)
    shown = invited()
    with rls.scope(rls.SYSTEM), pytest.raises(mails.MailNotSent) as failed:
        mails.send_invitation(Invitation.objects.select_related("organization").get(pk=shown.invitation.pk))
    assert "acme" not in str(failed.value) and failed.value.__cause__ is None
    assert tasks.LATER.retry_exceptions == [mails.MailNotSent]


def test_tokens_are_long_and_never_the_same():
    made = {links.make(factories.uuid4())[0] for _ in range(50)}
    assert len(made) == 50 and all(len(token) == 75 for token in made)
    assert not links.matches(made.pop(), None)
