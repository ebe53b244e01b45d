"""Two organizations with a row in every table, each row full of its organization's marker.

Filled from the models, so that a table that is added later gets its rows without anybody thinking of it. Exists inside a
transaction that is rolled back.
"""

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Value
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.choices import StaffRole
from accounts.models import Organization, User
from salesbrain import rls
from salesbrain.models import StaffModel, TenantModel

ALSO = {
    "messaging.MessageSearch": {
        "id": "messaging.Message",
        "contact_id": "messaging.Contact",
        "campaign_id": "campaigns.Campaign",
    },
    "messaging.ContactSearch": {"id": "messaging.Contact"},
    "messaging.SearchPending": {"message_id": "messaging.Message"},
    "instantly.Pending": {"delivery_id": "instantly.Delivery"},
    "instantly.Held": {"delivery_id": "instantly.Delivery"},
    "instantly.Delivery": {"connection_id": "accounts.ProviderConnection"},
    "messaging.Event": {"connection_id": "accounts.ProviderConnection"},
    "accounts.AuditEntry": {"organization_id": "accounts.Organization"},
}
"""Columns that name a row of another table without a ForeignKey."""


@dataclass
class Side:
    """One organization: its marker, its user, and its row in every table."""

    letter: str
    marker: str
    customer: User
    rows: dict[str, models.Model] = field(default_factory=dict)

    @property
    def organization_id(self) -> UUID:
        return self.rows["accounts.Organization"].pk

    def pk(self, label: str) -> Any:
        return self.rows[label].pk

    @property
    def tells(self) -> list[str]:
        """Texts that give this organization away: its marker, and the keys of its rows."""
        keys = {str(row.pk) for label, row in self.rows.items() if isinstance(row.pk, UUID)}
        return [self.marker, *sorted(keys)]


@dataclass(frozen=True)
class World:
    a: Side
    b: Side
    staff: dict[str, User]


def protected() -> list[type[models.Model]]:
    """Return every table under row-level security, those pointed at before those pointing."""
    found = [model for model in apps.get_models() if issubclass(model, TenantModel | StaffModel)]
    ordered: list[type[models.Model]] = []

    def put(model: type[models.Model]) -> None:
        needed = [f.related_model for f in model._meta.fields if isinstance(f, models.ForeignKey)]
        needed += [apps.get_model(label) for label in ALSO.get(model._meta.label, {}).values()]
        for other in needed:
            if other in found and other is not model and other not in ordered:
                put(other)
        if model not in ordered:
            ordered.append(model)

    for model in found:
        put(model)
    return ordered


def build() -> World:
    """Create both organizations and three members of staff. Call it in a transaction that will be rolled back."""
    staff = {}
    for role in StaffRole:
        word = role.value.removeprefix("sb_")
        user = User.objects.create(email=f"{word}-{secrets.token_hex(6)}@proof.invalid", role=role)
        TOTPDevice.objects.create(user=user, confirmed=True)
        staff[word] = user
    sides = []
    for letter in "ab":
        marker = f"marker{letter}{secrets.token_hex(8)}"
        side = Side(letter.upper(), marker, User.objects.create(email=f"{marker}@proof.invalid"))
        with rls.scope(rls.SYSTEM):
            for model in protected():
                side.rows[model._meta.label] = _row(model, side)
        sides.append(side)
    return World(sides[0], sides[1], staff)


def _row(model: type[models.Model], side: Side) -> models.Model:
    values = {f.attname: value for f in model._meta.fields if (value := _value(model, f, side)) is not _DEFAULT}
    if model is Organization:
        values["is_house"] = False
    return model._base_manager.create(**values)


_DEFAULT: Any = object()


def _value(model: type[models.Model], column: models.Field, side: Side) -> Any:
    """Return what goes into a column: the marker wherever text fits, else something that is valid."""
    named = ALSO.get(model._meta.label, {}).get(column.attname)
    if named:
        return side.pk(named)
    if isinstance(column, models.ForeignKey):
        if column.related_model is User:
            return side.customer.pk
        return side.pk(column.related_model._meta.label)
    if column.choices:
        return next(value for value, _ in column.flatchoices if value)
    if column.max_length and isinstance(column, models.CharField):
        return side.marker[: column.max_length]
    for kind, make in FILL:
        if isinstance(column, kind):
            return make(side)
    return _DEFAULT


FILL: tuple[tuple[type[models.Field], Any], ...] = (
    (models.AutoField, lambda side: _DEFAULT),
    (models.BigAutoField, lambda side: _DEFAULT),
    (SearchVectorField, lambda side: SearchVector(Value(side.marker), config="simple")),
    (ArrayField, lambda side: [timezone.now()]),
    (models.UUIDField, lambda side: uuid4()),
    (models.BooleanField, lambda side: True),
    (models.DateTimeField, lambda side: timezone.now()),
    (models.DateField, lambda side: timezone.now().date()),
    (models.GenericIPAddressField, lambda side: "192.0.2.1"),
    (models.BinaryField, lambda side: secrets.token_bytes(32)),
    (models.JSONField, lambda side: {"text": side.marker}),
    (models.BigIntegerField, lambda side: 2**62 + secrets.randbelow(2**60)),
    (models.SmallIntegerField, lambda side: 1),
    (models.IntegerField, lambda side: 1),
    (models.FloatField, lambda side: 1.0),
    (models.TextField, lambda side: side.marker),
)
