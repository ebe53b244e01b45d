"""Rows as JSON, built inside PostgreSQL from the serializer's own list of fields: the same answer for a tenth of the CPU.

A serializer says which fields there are; a field is its column, unless the serializer's `expressions` say otherwise. A field
of a kind that is not in KINDS fails when the routes are loaded, and a test compares both ways of every serializer.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from django.db.models import Case, CharField, Expression, F, Func, JSONField, TextField, Value, When
from django.db.models.functions import Cast
from rest_framework import serializers

from salesbrain.api.renderers import moment

MOMENT_SQL = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class Moment(Func):
    """A time in the one form (renderers.MOMENT)."""

    template = f"to_char(%(expressions)s AT TIME ZONE 'UTC', '{MOMENT_SQL}')"
    output_field = CharField()


class JsonBuild(Func):
    """json_build_object: keeps the order of its keys and does not sort, unlike jsonb."""

    function = "json_build_object"
    output_field = JSONField()


class MomentField(serializers.DateTimeField):
    """A time, for the Python way of writing it."""

    def to_representation(self, value: Any) -> str | None:
        return moment(value) if value else None


class Given(serializers.Field):
    """A value as it is; its type for the schema is named where it is used."""

    def to_representation(self, value: Any) -> Any:
        return value


PLAIN = (
    serializers.CharField, serializers.IntegerField, serializers.BooleanField, serializers.FloatField, serializers.UUIDField,
    serializers.ChoiceField, serializers.JSONField, serializers.DateField, serializers.ListField,
    serializers.DictField, Given,
)  # fmt: skip
"""Kinds whose column is their JSON already."""


class NoColumn(TypeError):
    """A serializer's field has no form in SQL: give it a column, or an expression in the serializer's `expressions`."""


NAME = TextField()
"""Of the keys, told here: otherwise Django finds it out for every key of every query, a tenth of a request."""


@cache
def expression(serializer: type[serializers.Serializer]) -> Expression:
    """Return the expression that makes a row the JSON text this serializer describes."""
    return expression_with(serializer, {})


def expression_with(serializer: type[serializers.Serializer], given: Mapping[str, Any]) -> Expression:
    """The same with expressions for single fields that depend on the request."""
    return Cast(_object(serializer, "", given), TextField())


def _object(serializer: type[serializers.Serializer], prefix: str, given: Mapping[str, Any] | None = None) -> JsonBuild:
    own: Mapping[str, Any] = {**getattr(serializer, "expressions", {}), **(given or {})}
    pairs: list[Any] = []
    for name, field in serializer().fields.items():
        source = f"{prefix}{(field.source or name).replace('.', '__')}"
        pairs.append(Value(name, output_field=NAME))
        pairs.append(own[name] if name in own else _column(serializer, name, field, source))
    return JsonBuild(*pairs)


def _column(serializer: type[serializers.Serializer], name: str, field: serializers.Field, source: str) -> Any:
    if isinstance(field, serializers.DateTimeField):
        return Moment(F(source))
    if isinstance(field, serializers.Serializer):
        nested = _object(type(field), f"{source}__")
        if field.allow_null:
            return Case(When(**{f"{source}__isnull": False, "then": nested}), default=None, output_field=JSONField())
        return nested
    if isinstance(field, PLAIN):
        return F(source)
    raise NoColumn(f"{serializer.__name__}.{name} is a {type(field).__name__}: {NoColumn.__doc__}")


def fragment(row: str) -> orjson.Fragment:
    """Return a row as PostgreSQL wrote it, for the renderer to pass on."""
    return orjson.Fragment(row)
