"""Encrypted model fields: ciphertext in the column, plain in Python, an error with the wrong key."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from accounts.models import ProviderConnection
from salesbrain import rls
from salesbrain.kernel import encryption


def stored(connection_id) -> str:
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        cursor.execute("SELECT api_key FROM accounts_providerconnection WHERE id = %s", [connection_id])
        return cursor.fetchone()[0]


def test_the_column_holds_ciphertext_and_python_the_key(acme_connection):
    with rls.scope(rls.SYSTEM):
        key = ProviderConnection.objects.get(pk=acme_connection.pk).api_key
    assert key.startswith("key-")
    assert key not in stored(acme_connection.pk)
    assert acme_connection.api_key_last4 == key[-4:]


def test_another_key_is_a_clear_error_and_never_the_ciphertext(acme_connection, settings):
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(encryption.WrongEncryptionKey, match="SALESBRAIN_ENCRYPTION_KEYS"), rls.scope(rls.SYSTEM):
        ProviderConnection.objects.get(pk=acme_connection.pk)


def test_every_listed_key_reads_and_the_first_one_writes(acme_connection, settings):
    before = stored(acme_connection.pk)
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.SALESBRAIN_ENCRYPTION_KEYS]
    with rls.scope(rls.SYSTEM):
        found = ProviderConnection.objects.get(pk=acme_connection.pk)
        found.save()
    assert stored(acme_connection.pk) != before
    settings.SALESBRAIN_ENCRYPTION_KEYS = settings.SALESBRAIN_ENCRYPTION_KEYS[:1]
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.get(pk=acme_connection.pk).api_key == found.api_key


def test_an_invalid_key_is_reported_in_one_line(settings):
    settings.SALESBRAIN_ENCRYPTION_KEYS = ["not a key"]
    with pytest.raises(ImproperlyConfigured, match="no Fernet key"):
        encryption.encrypt("secret")


def test_a_secret_cannot_be_looked_for_but_its_absence_can(acme_connection):
    with rls.scope(rls.SYSTEM):
        assert ProviderConnection.objects.exclude(api_key="").count() == 1
        with pytest.raises(FieldError, match="empty text only"):
            ProviderConnection.objects.filter(api_key=acme_connection.api_key).exists()
        with pytest.raises(FieldError):
            ProviderConnection.objects.filter(api_key__contains="key").exists()


def test_a_dump_holds_no_secret(acme_connection):
    from django.core import serializers

    with rls.scope(rls.SYSTEM):
        written = serializers.serialize("json", ProviderConnection.objects.all())
    assert acme_connection.workspace_id in written
    assert acme_connection.api_key not in written
