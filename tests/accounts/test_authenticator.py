"""Second factor secrets: encrypted at rest, re-encrypted by rotation, migrated from django_otp."""

from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from accounts import second_factor
from accounts.models import Authenticator
from salesbrain.kernel.encryption import WrongEncryptionKey

pytestmark = pytest.mark.django_db


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM accounts_authenticator t")
        return cursor.fetchone()[0]


def test_the_table_holds_no_secret_anybody_could_make_codes_with(admin):
    device = second_factor.begin(admin)
    assert len(device.bin_key) == 20
    assert device.key not in stored() and second_factor.secret(device).replace(" ", "") not in stored()
    assert Authenticator.objects.get().key == device.key


def test_an_authenticators_secret_is_rotated_with_the_others(admin, settings):
    device, before = second_factor.begin(admin), stored()
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    out = StringIO()
    call_command("rotate_encryption_key", stdout=out)
    assert out.getvalue().startswith("1 written under the first key") and stored() != before
    settings.SALESBRAIN_ENCRYPTION_KEYS = settings.SALESBRAIN_ENCRYPTION_KEYS[:1]
    assert Authenticator.objects.get().key == device.key


def test_a_wrong_key_is_reported_and_refuses_logins(admin, settings):
    device = second_factor.begin(admin)
    assert second_factor.confirm(device, f"{TOTP(device.bin_key).token():06d}")
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    settings.SECOND_FACTOR_REQUIRED = True
    client = Client()
    client.post(reverse("login"), {"username": admin.email, "password": "admin-password"})
    with pytest.raises(WrongEncryptionKey, match="none of SALESBRAIN_ENCRYPTION_KEYS wrote it. Put the key"):
        client.post(reverse("login_code"), {"code": "123456"})
    assert client.get("/admin/").status_code == 302


def test_an_authenticator_app_reads_the_address(admin):
    device = second_factor.begin(admin)
    secret = second_factor.secret(device).replace(" ", "")
    assert device.config_url == (
        f"otpauth://totp/Salesbrain%3A{admin.email.replace('@', '%40')}?secret={secret}&issuer=Salesbrain"
        "&algorithm=SHA1&digits=6&period=30"
    )


@pytest.mark.django_db(transaction=True)
def test_the_librarys_second_factors_are_taken_over_and_their_plain_secrets_dropped(admin, monkeypatch):
    """The migration starts from the previous release's table with one authenticator that staff keep using."""
    owner, key = connections["owner"], "ab" * 20
    with owner.cursor() as cursor:
        cursor.execute(
            """CREATE TABLE otp_totp_totpdevice (id serial PRIMARY KEY, name varchar(64) NOT NULL, confirmed boolean NOT NULL,
            key varchar(80) NOT NULL, step smallint NOT NULL, t0 bigint NOT NULL, digits smallint NOT NULL, tolerance smallint NOT NULL,
            drift smallint NOT NULL, last_t bigint NOT NULL, user_id uuid NOT NULL, throttling_failure_count integer NOT NULL,
            throttling_failure_timestamp timestamptz, created_at timestamptz, last_used_at timestamptz)"""
        )
        cursor.execute(
            "INSERT INTO otp_totp_totpdevice VALUES (7, 'authenticator', true, %s, 30, 0, 6, 1, 2, 1000, %s, 3, NULL, '2026-01-01Z', NULL)",
            [key, admin.pk],
        )
    migration = import_module("accounts.migrations.0008_encrypt_authenticators")
    migration.take_over(apps, SimpleNamespace(connection=owner))
    with owner.cursor() as cursor:
        cursor.execute("SELECT to_regclass('otp_totp_totpdevice')")
        assert cursor.fetchone() == (None,)
    device = Authenticator.objects.get()
    kept = device.user_id, device.key, device.confirmed, device.drift, device.last_t, device.throttling_failure_count
    assert kept == (admin.pk, key, True, 2, 1000, 3)
    assert device.created_at.year == 2026 and device.created_at.month == 1 and key not in stored()
    migration.take_over(apps, SimpleNamespace(connection=owner))
    assert Authenticator.objects.count() == 1, "nothing to take over any more"
