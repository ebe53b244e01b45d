"""Encrypted text field for models: ciphertext in the column, under SALESBRAIN_ENCRYPTION_KEYS.

Our own, because django-fernet-encrypted-fields returns the ciphertext as the value when the key is wrong: it would then be sent to
the provider as an API key. A wrong key here is a clear error.
"""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models.lookups import Exact, IsNull


class WrongEncryptionKey(ImproperlyConfigured):
    """Error: a stored secret cannot be decrypted with any of the configured keys."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "SALESBRAIN_ENCRYPTION_KEYS holds a text that is no Fernet key (32 bytes, url-safe base64). See .env.example."
        ) from error


def encrypt(text: str) -> str:
    """Return `text` encrypted under the first configured key; "" stays "", so that an absent secret is visible as absent."""
    return _cipher(tuple(settings.SALESBRAIN_ENCRYPTION_KEYS)).encrypt(text.encode()).decode() if text else ""


def decrypt(stored: str) -> str:
    """Return the decrypted secret. Raises WrongEncryptionKey if no configured key fits."""
    if not stored:
        return ""
    try:
        return _cipher(tuple(settings.SALESBRAIN_ENCRYPTION_KEYS)).decrypt(stored.encode()).decode()
    except InvalidToken:
        raise WrongEncryptionKey(
            "A stored secret cannot be read: none of SALESBRAIN_ENCRYPTION_KEYS wrote it. Put the key it was written with "
            "back into the list (the first one writes, all of them read)."
        ) from None


class EncryptedTextField(models.TextField):
    """Model field of a secret: plain in Python, ciphertext in the column. Not searchable, never part of a `repr`."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None else encrypt(value)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value is None else decrypt(value)

    def value_to_string(self, obj: models.Model) -> str:
        """Return nothing, so that `dumpdata` never writes a secret; backups contain the ciphertext."""
        return ""

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow only the comparison with "": two encryptions of one text differ, so a secret cannot be searched."""
        return {"isnull": IsNull, "exact": Empty}.get(lookup_name)


class Empty(Exact):
    """Lookup `field=""`: no secret is stored."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs != "":
            raise FieldError(
                "An encrypted field can be compared with the empty text only: two encryptions of one text differ."
            )
        super().__init__(lhs, rhs)
