"""Command rotate_encryption_key: idempotent, complete, with a clear error for a wrong key."""

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from accounts import key_rotation
from accounts.models import AuditEntry, ProviderConnection, WebhookSecret
from salesbrain import rls
from salesbrain.kernel.encryption import WrongEncryptionKey
from tests import factories

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command("rotate_encryption_key", *args, stdout=out)
    return out.getvalue()


def fresh() -> str:
    return run("--new-key").strip()


@pytest.fixture
def secrets_(acme_connection, globex_connection):
    """Return the stored secrets in plain: two provider keys and a webhook secret."""
    return acme_connection.api_key, globex_connection.api_key, factories.webhook_secret(acme_connection)


def read() -> tuple[str, ...]:
    with rls.scope(rls.SYSTEM):
        keys = tuple(ProviderConnection.objects.order_by("name").values_list("api_key", flat=True))
        return (*keys, WebhookSecret.objects.get().secret)


def test_after_a_rotation_the_old_key_is_not_needed(secrets_, settings):
    old, new = settings.SALESBRAIN_ENCRYPTION_KEYS, fresh()
    settings.SALESBRAIN_ENCRYPTION_KEYS = [new, *old]
    assert run() == "3 written under the first key, 0 were under it already.\n"
    settings.SALESBRAIN_ENCRYPTION_KEYS = [new]
    assert read() == secrets_


def test_a_second_run_changes_nothing(secrets_, settings):
    settings.SALESBRAIN_ENCRYPTION_KEYS = [fresh(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    run()
    assert run() == "0 written under the first key, 3 were under it already.\n"


def test_a_killed_run_is_resumed(secrets_, settings, monkeypatch):
    settings.SALESBRAIN_ENCRYPTION_KEYS = [fresh(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    whole = key_rotation._rotate_row
    done: list[object] = []

    def killed_after_one(*args, **kwargs):
        if done:
            raise KeyboardInterrupt
        done.append(whole(*args, **kwargs))

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(key_rotation, "_rotate_row", killed_after_one)
        run()
    assert read() == secrets_, "both keys are configured, so everything works in between"
    assert run() == "2 written under the first key, 1 were under it already.\n"


def test_a_dry_run_writes_nothing(secrets_, settings):
    settings.SALESBRAIN_ENCRYPTION_KEYS = [fresh(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    assert run("--dry-run").startswith("3 would be written")
    assert run("--dry-run").startswith("3 would be written")


def test_a_wrong_key_is_reported_with_its_rows_and_changes_none(secrets_, settings):
    old = settings.SALESBRAIN_ENCRYPTION_KEYS
    settings.SALESBRAIN_ENCRYPTION_KEYS = [fresh()]
    with pytest.raises(CommandError, match=r"3 cannot be read with any of SALESBRAIN_ENCRYPTION_KEYS") as error:
        run()
    assert "accounts.ProviderConnection" in str(error.value) and not [
        secret for secret in secrets_ if secret in str(error.value)
    ]
    with pytest.raises(WrongEncryptionKey):
        read()
    settings.SALESBRAIN_ENCRYPTION_KEYS = old
    assert read() == secrets_


def test_a_rotation_is_audited_without_a_secret(secrets_, settings):
    settings.SALESBRAIN_ENCRYPTION_KEYS = [fresh(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    run()
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail["rotated"]) == ("encryption_key.rotate", 3)


def test_a_new_key_is_printed_alone():
    printed = run("--new-key")
    assert Fernet(printed.strip())
    assert printed.count("\n") == 1


def test_every_encrypted_column_is_known():
    found = {f"{model._meta.label}.{column}" for model, column in key_rotation.encrypted_columns()}
    assert found == {
        "accounts.Authenticator.key",
        "accounts.InstallationSecret.value",
        "accounts.ProviderConnection.api_key",
        "accounts.WebhookSecret.secret",
    }
