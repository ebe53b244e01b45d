"""Secrets that an installation generates once, encrypted, for keyed hashes that must never change."""

import secrets

from django.db import models
from django.db.models.functions import Now

from salesbrain.kernel.encryption import EncryptedTextField
from salesbrain.rls.models import StaffModel


class InstallationSecretQuerySet(models.QuerySet["InstallationSecret"]):
    def value_of(self, name: str) -> str:
        """Return the secret of this name, created at first use. Concurrent callers get the same one."""
        self.bulk_create([self.model(name=name, value=secrets.token_urlsafe(32))], ignore_conflicts=True)
        return self.get(pk=name).value


class InstallationSecret(StaffModel):
    """Key of a keyed hash that must stay comparable for ever, for which neither SECRET_KEY nor an encryption key is suitable."""

    name = models.TextField(primary_key=True)
    value = EncryptedTextField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = InstallationSecretQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
