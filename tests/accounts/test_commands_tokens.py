"""Commands create_token, revoke_tokens, webhook_secret: bare secret on stdout, errors, audit entries."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import get_token_model

from accounts.models import AuditEntry, WebhookSecret
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def audit() -> list[AuditEntry]:
    with rls.scope(rls.SYSTEM):
        return list(AuditEntry.objects.order_by("id"))


def test_create_token_prints_the_token_alone(customer):
    printed = run("create_token", "Customer@Acme.example", "--name", "reporting", "--days", "3")
    token = printed.removesuffix("\n")
    assert token.startswith("sb_") and "\n" not in token and " " not in token
    row = get_token_model().objects.get(user=customer)
    assert timedelta(days=2) < row.expiry - timezone.now() <= timedelta(days=3)
    assert token not in str(row.__dict__), "stored hashed"


def test_create_token_makes_one_that_only_reads(customer):
    run("create_token", customer.email, "--read-only")
    run("create_token", customer.email)
    marks = {getattr(getattr(row, "access", None), "read_only", False) for row in get_token_model().objects.all()}
    assert marks == {True, False}


def test_the_audit_log_has_the_token_named_and_not_itself(customer):
    token = run("create_token", customer.email, "--name", "reporting").strip()
    entry = audit()[-1]
    assert (entry.action, entry.target_id, entry.detail["name"]) == ("token.create", str(customer.pk), "reporting")
    assert token not in str(entry.detail)


def test_an_unknown_user_is_named_with_those_there_are(customer, stranger):
    with pytest.raises(
        CommandError, match=r"no user 'nobody@acme\.example'.*customer@acme\.example, customer@globex\.example"
    ):
        run("create_token", "nobody@acme.example")


def test_a_deactivated_user_gets_no_token(customer):
    customer.is_active = False
    customer.save()
    with pytest.raises(CommandError, match="deactivated"):
        run("create_token", customer.email)
    assert not get_token_model().objects.exists()


@pytest.mark.parametrize("days", ["0", "-1", "366"])
def test_a_senseless_lifetime_is_refused(customer, days):
    with pytest.raises(CommandError, match="from 1 to 365 "):
        run("create_token", customer.email, f"--days={days}")


def test_revoke_tokens_ends_all_of_one_user_and_none_of_another(customer, stranger):
    for user in (customer, customer, stranger):
        factories.token(user)
    assert run("revoke_tokens", customer.email) == "2 tokens of customer@acme.example revoked.\n"
    assert [row.user for row in get_token_model().objects.all()] == [stranger]
    assert audit()[-1].action == "token.revoke"


def test_webhook_secret_issues_one_and_then_prints_the_same(acme_connection):
    first = run("webhook_secret", "acme")
    assert run("webhook_secret", "acme") == first
    assert len(first.strip()) >= 32
    with rls.scope(rls.SYSTEM):
        assert WebhookSecret.objects.get().secret == first.strip()
    assert first.strip() not in str([entry.detail for entry in audit()])


def test_rotating_keeps_the_old_secret_valid_for_a_while(acme_connection):
    old = run("webhook_secret", "acme").strip()
    new = run("webhook_secret", "acme", "--rotate", "--keep", "2").strip()
    assert run("webhook_secret", "acme").strip() == new != old
    with rls.scope(rls.SYSTEM):
        now = timezone.now()
        assert {row.secret for row in WebhookSecret.objects.valid(now)} == {old, new}
        assert [row.secret for row in WebhookSecret.objects.valid(now + timedelta(days=3))] == [new]


def test_rotating_never_lengthens_the_life_of_an_old_one(acme_connection):
    run("webhook_secret", "acme")
    run("webhook_secret", "acme", "--rotate", "--keep", "1")
    run("webhook_secret", "acme", "--rotate", "--keep", "30")
    with rls.scope(rls.SYSTEM):
        assert WebhookSecret.objects.valid(timezone.now() + timedelta(days=2)).count() == 2


def test_with_keep_0_the_old_secrets_end_at_once(acme_connection):
    run("webhook_secret", "acme")
    new = run("webhook_secret", "acme", "--rotate", "--keep", "0").strip()
    with rls.scope(rls.SYSTEM):
        assert [row.secret for row in WebhookSecret.objects.valid(timezone.now())] == [new]


def test_an_unknown_connection_is_named_with_those_there_are(acme_connection, globex_connection):
    with pytest.raises(CommandError, match=r"no connection 'acmee'\. Connections: acme, globex"):
        run("webhook_secret", "acmee")


def test_the_provider_key_is_not_read_to_issue_a_secret(acme_connection, settings):
    """A wrong encryption key for the API keys must not prevent issuing a webhook secret."""
    from cryptography.fernet import Fernet

    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert run("webhook_secret", "acme").strip()
