"""Password reset: same answer for unknown users, a single-use link, no bypass of a second factor."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import password_reset, second_factor
from accounts.models import Authenticator, PasswordReset, User
from accounts.refusals import InvalidLink, TooManyMails
from salesbrain import rls
from tests import factories
from tests.accounts.roles.conftest import NOW
from tests.accounts.roles.test_invitations import PASSWORD, mail_server  # noqa: F401  a fixture

LATER = NOW + timedelta(hours=1)


def link_for(user: User) -> str:
    return password_reset.create_password_reset_link(user, now=NOW, actor_name="test").rpartition("/")[2]


def resets() -> list[PasswordReset]:
    with rls.scope(rls.SYSTEM):
        return list(PasswordReset.objects.order_by("created_at"))


def test_the_link_sets_the_password_once(customer, audited):
    token = link_for(customer)
    assert password_reset.read_password_reset(token, now=LATER) == customer
    assert password_reset.confirm_password_reset(token, password=PASSWORD, now=LATER) == customer
    customer.refresh_from_db()
    assert customer.check_password(PASSWORD)
    for again in (
        password_reset.read_password_reset,
        lambda token, now: password_reset.confirm_password_reset(token, password="x", now=now),
    ):
        with pytest.raises(InvalidLink):
            again(token, now=LATER)
    assert [entry[0] for entry in audited()][:2] == ["password_reset.link", "password_reset.confirm"]
    assert token not in str(audited()) and PASSWORD not in str(audited())


def test_every_session_token_and_other_link_ends(customer, client, api):
    client.force_login(customer)
    session_hash = client.session["_auth_user_hash"]
    caller = api(customer)
    first, second = link_for(customer), link_for(customer)
    password_reset.confirm_password_reset(first, password=PASSWORD, now=LATER)
    customer.refresh_from_db()
    assert customer.get_session_auth_hash() != session_hash
    assert caller.get("/api/instantly/me").status_code == 401
    with pytest.raises(InvalidLink):
        password_reset.confirm_password_reset(second, password="another long phrase", now=LATER)


def test_a_second_factor_is_still_needed(admin, settings, client):
    """A reset link proves access to the mailbox, not to the phone with the second factor."""
    Authenticator.objects.create(user=admin, confirmed=True)
    password_reset.confirm_password_reset(link_for(admin), password=PASSWORD, now=LATER)
    assert second_factor.is_on(admin)
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(User.objects.get(pk=admin.pk))
    assert client.get("/admin/accounts/user/").status_code != 200


def test_a_reset_link_works_for_72_hours_and_not_for_deactivated_users(customer):
    token = link_for(customer)
    with pytest.raises(InvalidLink):
        password_reset.confirm_password_reset(token, password=PASSWORD, now=NOW + timedelta(hours=72))
    User.objects.filter(pk=customer.pk).update(is_active=False)
    with pytest.raises(InvalidLink):
        password_reset.confirm_password_reset(token, password=PASSWORD, now=LATER)


def test_wrong_links_change_nothing(customer, stranger):
    token, other = link_for(customer), link_for(stranger)
    for wrong in ("", "x", token[:-1], token[:32] + other[32:], "0" * 75, "\0", token.upper()):
        with pytest.raises(InvalidLink):
            password_reset.confirm_password_reset(wrong, password=PASSWORD, now=LATER)
    assert password_reset.read_password_reset(token, now=LATER) == customer


def test_a_weak_password_is_refused_and_the_link_still_works(customer):
    token = link_for(customer)
    with pytest.raises(ValidationError):
        password_reset.confirm_password_reset(token, password="password", now=LATER)
    assert password_reset.confirm_password_reset(token, password=PASSWORD, now=LATER)


@pytest.mark.parametrize(
    "email", ["customer@acme.example", " CUSTOMER@acme.example", "nobody@acme.example", "", "x" * 900]
)
def test_known_and_unknown_addresses_are_answered_alike(customer, email, mail_server):  # noqa: F811
    assert password_reset.request_password_reset(email, now=LATER) is None
    (reset,) = resets()
    assert mail_server == [{"reset_id": str(reset.pk)}], "a row and a job either way"
    assert len(mail.outbox) == (reset.user_id == customer.pk) == ("customer" in email.lower())


def test_the_mail_is_in_the_users_language(customer, mail_server):  # noqa: F811
    User.objects.filter(pk=customer.pk).update(language="de", name="Carla")
    password_reset.request_password_reset(customer.email, now=NOW)
    (sent,) = mail.outbox
    assert sent.to == [customer.email] and sent.subject == "Neues Passwort für Salesbrain festlegen"
    assert "Guten Tag Carla" in sent.body
    token = sent.body.partition("/password-reset/")[2].split()[0]
    assert password_reset.confirm_password_reset(token, password=PASSWORD, now=LATER)


@pytest.mark.parametrize("email", ["customer@acme.example", "nobody@acme.example"])
def test_reset_mails_per_address_are_limited_whether_or_not_it_has_a_user(customer, email):
    with pytest.raises(TooManyMails):
        for _ in range(6):
            password_reset.request_password_reset(email, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_without_a_mail_server_nothing_is_queued(customer):
    password_reset.request_password_reset(customer.email, now=NOW)
    (reset,) = resets()
    assert reset.digest is None
    assert not ProcrastinateJob.objects.filter(args={"reset_id": str(reset.pk)}).exists()


def test_old_requests_are_deleted(customer):
    password_reset.request_password_reset(customer.email, now=NOW)
    password_reset.request_password_reset("else@acme.example", now=NOW + timedelta(days=11))
    assert [reset.user_id for reset in resets()] == [None]


def test_the_command_prints_a_link_that_works(customer, capsys, audited):
    call_command("password_reset_link", customer.email)
    token = capsys.readouterr().out.strip().rpartition("/")[2]
    (reset,) = resets()
    assert password_reset.confirm_password_reset(token, password=PASSWORD, now=reset.created_at) == customer
    assert audited()[0][:2] == ("password_reset.link", "manage.py password_reset_link")
    with pytest.raises(CommandError, match="no user"):
        call_command("password_reset_link", "nobody@acme.example")


def test_the_command_refuses_a_deactivated_user(db):
    gone = factories.customer("gone@acme.example")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(CommandError, match="deactivated"):
        call_command("password_reset_link", gone.email)
