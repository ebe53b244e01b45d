"""Re-encrypt every stored secret with the first key of SALESBRAIN_ENCRYPTION_KEYS.

Each row has its own transaction, and rows already under the first key are skipped: a killed run is simply started again. One secret at a
time is in memory, and none is written anywhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models import TextField, Value
from django.db.models.functions import Cast

from salesbrain import rls
from salesbrain.kernel.encryption import EncryptedTextField, WrongEncryptionKey, decrypt, encrypt


@dataclass(slots=True)
class Rotation:
    """Result of a rotation. `unreadable` names rows that no configured key decrypts; they are left unchanged."""

    rotated: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every encrypted column of our models, in any app."""
    for model in apps.get_models():
        for column in model._meta.fields:
            if isinstance(column, EncryptedTextField):
                yield model, column.name


def rotate(*, dry_run: bool = False) -> Rotation:
    """Re-encrypt every secret that is not under the first key; with `dry_run` only count them."""
    done = Rotation()
    for model, column in encrypted_columns():
        with rls.scope(rls.SYSTEM):
            keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        for pk in keys:
            with rls.scope(rls.SYSTEM):
                _rotate_row(model, column, pk, done, dry_run=dry_run)
    return done


def _rotate_row(model: type[models.Model], column: str, pk: Any, done: Rotation, *, dry_run: bool) -> None:
    rows = model._base_manager.filter(pk=pk)
    with transaction.atomic():
        stored = (
            rows.select_for_update().annotate(stored=Cast(column, TextField())).values_list("stored", flat=True).first()
        )
        if not stored:
            return
        if is_current(stored):
            done.current += 1
            return
        try:
            fresh = encrypt(decrypt(stored))
        except WrongEncryptionKey:
            done.unreadable.append(f"{model._meta.label} {pk} ({column})")
            return
        if not dry_run:
            rows.update(**{column: Value(fresh, output_field=TextField())})
        done.rotated += 1


def is_current(stored: str) -> bool:
    """Return whether this ciphertext is under the first key."""
    try:
        Fernet(settings.SALESBRAIN_ENCRYPTION_KEYS[0]).decrypt(stored.encode())
    except InvalidToken:
        return False
    return True
