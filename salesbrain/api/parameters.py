"""Base class of query parameters: defines how each is parsed, filtered and documented.

A parameter that the class does not define is refused by name.

DRF's serializer fields do the parsing: they are strict where form fields are lenient (an unknown boolean, an empty text and a
mistyped name would otherwise silently mean "everything").
"""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty
from rest_framework.utils.formatting import lazy_format
from rest_framework.utils.serializer_helpers import BindingDict

from salesbrain.api.cursors import FORM, is_cursor
from salesbrain.kernel.addresses import searched
from salesbrain.kernel.fast_reads import Source, Where

DIGITS = re.compile(r"-?[0-9]{1,19}")
ISO_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)


AN_ID = _("An id is expected, such as 5f0d7a52-9c1e-4f1b-8a55-0e6c0f3a1b2c.")


class Parameter:
    """Mixin for a serializer field: `lookup` is the Django lookup to filter by, `openapi` describes the values."""

    lookup: str | None

    def __init__(self, *args: Any, lookup: str | None = None, **kwargs: Any) -> None:
        self.lookup = lookup
        kwargs.setdefault("required", False)
        super().__init__(*args, **kwargs)

    @property
    def openapi(self) -> dict[str, Any]:
        raise NotImplementedError


class Text(Parameter, serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, "trim_whitespace": False, **kwargs})

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.max_length, "pattern": r"^[^\x00]*$"}


class Cursor(Text):
    """Parameter for the cursor of a page. `may_be_empty`: an empty one starts at the beginning."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("This is no cursor: take it from `next` of an answer.")
    }

    def __init__(self, *, may_be_empty: bool = False, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 1000, "allow_blank": may_be_empty, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text and not is_cursor(text):
            self.fail("invalid")
        return text

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^({FORM})?$" if self.allow_blank else f"^{FORM}$"}


class Address(Text):
    """Parameter for an email address or a part of one, converted to its stored form."""

    def to_internal_value(self, data: Any) -> str:
        return searched(super().to_internal_value(data))


class Integer(Parameter, serializers.IntegerField):
    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("A whole number is expected.")}

    def to_internal_value(self, data: Any) -> int:
        if not DIGITS.fullmatch(str(data)):
            self.fail("invalid")
        return super().to_internal_value(data)

    @property
    def openapi(self) -> dict[str, Any]:
        bounds = {"minimum": self.min_value, "maximum": self.max_value}
        return {"type": "integer", **{name: value for name, value in bounds.items() if value is not None}}


class Boolean(Parameter, serializers.ChoiceField):
    """Parameter for a boolean, written true or false."""

    WORDS: ClassVar[dict[str, bool]] = {"true": True, "false": False}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(self.WORDS), **kwargs)

    def to_internal_value(self, data: Any) -> bool:
        return self.WORDS[super().to_internal_value(data)]

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Choice(Parameter, serializers.ChoiceField):
    """Parameter for one of a fixed set of words."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid_choice": _("“{input}” is not one of: {known}.")}

    def to_internal_value(self, data: Any) -> str:
        if data not in self.choices:
            self.fail("invalid_choice", input=data, known=", ".join(map(str, self.choices)))
        return str(data)

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "enum": [str(word) for word in self.choices]}


class Choices(Choice):
    """Parameter for several of a fixed set of words, separated by commas or repeated."""

    def to_internal_value(self, data: Any) -> list[str]:
        return [super(Choices, self).to_internal_value(word) for word in str(data).split(",")]

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "items": super().openapi}


class Key(Parameter, serializers.UUIDField):
    """Parameter for the UUID of a row."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": AN_ID}

    def to_internal_value(self, data: Any) -> UUID:
        key = as_key(data)
        if key is None:
            self.fail("invalid")
        return key

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}


class Day(Parameter, serializers.DateField):
    def to_internal_value(self, data: Any) -> date:
        if not ISO_MOMENT.fullmatch(str(data)):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(data)

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class Moment(Parameter, serializers.DateTimeField):
    """Parameter for a point in time, ISO 8601; without an offset it is UTC. A `+` must be written %2B in an address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"default_timezone": UTC, **kwargs})

    def to_internal_value(self, data: Any) -> datetime:
        text = str(data)
        if ISO_MOMENT.fullmatch(text) and len(text) == 10:
            text += "T00:00:00Z"
        if not ISO_MOMENT.fullmatch(text):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        value = super().to_internal_value(text.upper())
        try:
            return value.astimezone(UTC)
        except OverflowError:
            self.fail("overflow")

    @property
    def openapi(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time"}


def as_key(text: Any) -> UUID | None:
    """Return an id from a URL as UUID, None if it is malformed. Only the usual form with hyphens."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", str(text)):
        return None
    return UUID(str(text))


class Parameters(serializers.Serializer):
    """Query string of an operation. Subclass it and declare fields; `filter_<name>` where a lookup is not enough."""

    organization_id = Key(
        help_text="Whose data. Needed only by users of several organizations; staff may leave it out and see all."
    )

    given: Mapping[str, Any]
    """Values of the parameters by name, defaults included."""

    @classmethod
    def read(cls, query: QueryDict) -> "Parameters":
        """Return the parameters, validated; raises ValidationError naming what is unknown, repeated or wrong."""
        parameters = copy(_blank(cls))  # making a serializer costs more than reading into one
        known = parameters.fields
        values: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, texts in query.lists():
            if name not in known:
                errors[name] = [_unknown(known)]
            elif len(texts) > 1 and not isinstance(known[name], Choices):
                errors[name] = [_("This parameter was given more than once.")]
        for name, field in known.items():
            if name not in query:
                if field.required:
                    errors[name] = [str(field.error_messages["required"])]
                elif field.default is not empty:
                    values[name] = field.default
                continue
            try:
                values[name] = field.run_validation(_values_of(query, name, field))
            except ValidationError as error:
                errors.setdefault(name, error.detail)
        if errors:
            raise ValidationError(errors)
        parameters.given = values
        return parameters

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the fields, shared by all requests, because parsing changes nothing in them; DRF would copy each one deeply."""
        return _fields(type(self))

    def __getitem__(self, name: str) -> Any:
        """Return the value of a parameter, None if it was omitted."""
        return self.given.get(name)

    def filter(self, queryset: Source) -> Source:
        """Narrow the queryset by every parameter that was given."""
        if not self.narrows:
            return queryset
        if isinstance(queryset, Where):
            queryset = queryset.queryset()
        for name, value in self.given.items():
            method = getattr(self, f"filter_{name}", None)
            lookup = getattr(self.fields[name], "lookup", None)
            if method is not None:
                queryset = method(queryset, value)
            elif lookup is not None:
                queryset = queryset.filter(**{lookup: value})
        return queryset

    @property
    def narrows(self) -> bool:
        """Return whether any filter is in use; then the totals of the daily stats do not apply."""
        return any(hasattr(self, f"filter_{name}") or getattr(self.fields[name], "lookup", None) for name in self.given)

    @classmethod
    def documented(cls) -> Mapping[str, Any]:
        return _fields(cls)


def _unknown(known: Iterable[str]) -> str:
    if names := ", ".join(known):
        return str(_("This parameter is unknown here. Known are: %(known)s.") % {"known": names})
    return str(_("This parameter is unknown here; none is known."))


@cache
def _blank(parameters: type[Parameters]) -> Parameters:
    return parameters()


@cache
def _fields(parameters: type[Parameters]) -> Mapping[str, Any]:
    unread = parameters()
    bound = BindingDict(unread)
    for name, field in unread.get_fields().items():
        bound[name] = _in_every_language(field)
    return bound


def _in_every_language(field: Any) -> Any:
    """Make a field's error messages lazy: DRF formats them once, but these fields serve requests of every language."""
    for validator in field.validators:
        if isinstance(kept := getattr(validator, "message", None), lazy_format):
            validator.message = format_lazy(kept.format_string or "", *kept.args, **kept.kwargs)
    return field


def _values_of(query: QueryDict, name: str, field: Any) -> Any:
    """Return a parameter's values; a repeated parameter is a list, as many generated clients send it."""
    return ",".join(query.getlist(name)) if isinstance(field, Choices) and name in query else query.get(name, empty)


class NoParameters(Parameters):
    organization_id = None  # type: ignore[assignment]
