"""Base class and strict fields of API request bodies: unknown fields and loose types are refused."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from salesbrain.api.parameters import as_key


class Body(serializers.Serializer):
    """A JSON object with these fields only: an unknown one is a typing mistake, or a field the caller may not set."""

    # Requirements of `validate` beyond single fields, as JSON Schema. Not in the docstring, which is part of the OpenAPI document.
    openapi: ClassVar[Mapping[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        unknown = [name for name in data if name not in self.fields] if isinstance(data, dict) else []
        if unknown:
            known = ", ".join(self.fields)
            sentence = _("This field is unknown here. Known are: %(known)s.") % {"known": known}
            raise ValidationError({name: [sentence] for name in unknown})
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    """Field for JSON's true and false; DRF's own accepts "yes" and 1 as well."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictInteger(serializers.IntegerField):
    """Field for a JSON number without a fraction; DRF's own accepts "1" as well."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, float) and data.is_integer():
            data = int(data)  # 3.0 is an integer to JSON Schema
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictNumber(serializers.FloatField):
    """Field for a finite JSON number; DRF's own accepts "1" and "nan" as well."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float) or data != data or abs(data) == float("inf"):
            self.fail("invalid")
        return super().to_internal_value(data)


class Key(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> UUID:
        key = as_key(data) if isinstance(data, str) else None
        if key is None:
            self.fail("invalid", value=data)
        return key


class Text(serializers.CharField):
    """Field for a JSON string; DRF's own accepts numbers as well."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
