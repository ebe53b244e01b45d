"""Build API rows as JSON inside PostgreSQL from a serializer's fields, at a tenth of the CPU.

A serializer defines the fields; a field is its column, unless the serializer's `expressions` define it otherwise. A field of a kind
that is not in KINDS fails when the routes are loaded, and a test compares both ways for every serializer.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS
from django.db.models import CharField, Expression, F, Func, JSONField, Model, OuterRef, Subquery, TextField
from django.db.models.functions import Cast
from rest_framework import serializers

from salesbrain.api.renderers import moment
from salesbrain.kernel import fast_reads
from salesbrain.kernel.fast_reads import Rows, Source

MOMENT_SQL = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class Moment(Func):
    """SQL expression of a time in the API's format (renderers.moment)."""

    template = f"to_char(%(expressions)s AT TIME ZONE 'UTC', '{MOMENT_SQL}')"
    output_field = CharField()


class Row(Func):
    """A JSON object of named expressions, in their order. row_to_json takes a third less than json_build_object, which looks at each
    key again for each row."""

    template = "(SELECT row_to_json(_one) FROM (SELECT %(expressions)s) AS _one)"
    output_field = JSONField()

    def __init__(self, columns: Mapping[str, Any]) -> None:
        super().__init__(*columns.values())
        self.names = tuple(columns)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        parts, params = [], []
        for name, expression in zip(self.names, self.get_source_expressions(), strict=True):
            sql, given = compiler.compile(expression)
            parts.append(f"{sql} AS {connection.ops.quote_name(name)}")
            params += given
        return self.template % {"expressions": ", ".join(parts)}, params


class MomentField(serializers.DateTimeField):
    """Serializer field of a time in the API's format, for rendering in Python."""

    def to_representation(self, value: Any) -> str | None:
        return moment(value) if value else None


class RawField(serializers.Field):
    """Serializer field that passes a value on unchanged; its type in the schema is given where it is used."""

    def to_representation(self, value: Any) -> Any:
        return value


PLAIN = (
    serializers.CharField, serializers.IntegerField, serializers.BooleanField, serializers.FloatField, serializers.UUIDField,
    serializers.ChoiceField, serializers.JSONField, serializers.DateField, serializers.ListField,
    serializers.DictField, RawField,
)  # fmt: skip
"""Kinds whose column is their JSON already."""


class NoColumn(TypeError):
    """Error: a serializer's field has no form in SQL: give it a column, or an entry in the serializer's `expressions`."""


@cache
def expression(serializer: type[serializers.Serializer]) -> Expression:
    """Return the SQL expression of a row as the JSON text that this serializer describes."""
    return expression_with(serializer, {})


def expression_with(serializer: type[serializers.Serializer], given: Mapping[str, Any]) -> Expression:
    """Return `expression` with other expressions for fields that depend on the request."""
    return Cast(_row(serializer, given), TextField())


@cache
def text(serializer: type[serializers.Serializer]) -> str:
    """Return `expression` as complete SQL text without parameters, for a query from the model's table without an alias."""
    return written(serializer, expression(serializer))


def written(serializer: type[serializers.Serializer], expression: Expression) -> str:
    rows = _model(serializer)._base_manager.order_by().annotate(_row=expression).values_list("_row")
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    sql, params = compiler.compile(rows.query.annotation_select["_row"])
    if sum(map(bool, rows.query.alias_refcount.values())) > 1:
        raise NoColumn(f"{serializer.__name__}: its `expressions` reach into other tables; a page reads one.")
    return compiler.connection.ops.compose_sql(sql, params)


def _row(serializer: type[serializers.Serializer], given: Mapping[str, Any] = {}) -> Row:
    own = {**getattr(serializer, "expressions", {}), **given}
    return Row(
        {
            name: own[name] if name in own else _column(serializer, name, field)
            for name, field in serializer().fields.items()
        }
    )


def _column(serializer: type[serializers.Serializer], name: str, field: serializers.Field) -> Any:
    source = (field.source or name).replace(".", "__")
    if isinstance(field, serializers.DateTimeField):
        return Moment(F(source))
    if isinstance(field, serializers.Serializer):
        # Not a join: the planner would make the page from the other side, as if a policy left one row of each table.
        key = _model(serializer)._meta.get_field(source).attname  # type: ignore[union-attr]
        other = _model(type(field))._base_manager.filter(pk=OuterRef(key)).order_by()
        return Subquery(other.annotate(_nested=_row(type(field))).values("_nested"))
    if isinstance(field, PLAIN):
        return F(source)
    raise NoColumn(f"{serializer.__name__}.{name} is a {type(field).__name__}: {NoColumn.__doc__}")


def _model(serializer: type[serializers.Serializer]) -> type[Model]:
    return serializer.Meta.model  # type: ignore[attr-defined]


PAGE = "SELECT {row}{columns} FROM (SELECT {table}.* FROM {source}{ordered}{window}) AS {table}{ordered}"
COUNTED_PAGE = PAGE.replace(
    "{columns}", "{columns}, (SELECT count(*) FROM (SELECT FROM {source} LIMIT {counted}) AS n)", 1
)


def page(
    queryset: Source, serializer: type[serializers.Serializer], *, order: Sequence[str], beside: Sequence[str] = (),
    skip: int = 0, limit: int, prepare: bool = False, counted: int = 0,
) -> Rows:  # fmt: skip
    """Return rows as (JSON, *columns `beside`). `order`: names of columns, with `-` for descending. `counted`: each row ends with the total
    number of rows, counted at most up to this limit.

    The page is cut before its JSON is built, so that a skipped row costs only an index entry.
    """
    model = queryset.model
    return fast_reads.run(
        queryset,
        COUNTED_PAGE if counted else PAGE,
        prepare and not skip,
        row=text(serializer),
        counted=f"{counted:d}",
        columns="".join(f", {fast_reads.column(model, name)}" for name in beside),
        table=fast_reads.table(model),
        ordered=fast_reads.ordered(model, order),
        window=f" LIMIT {limit:d}" + (f" OFFSET {skip:d}" if skip else ""),
    )


def fragment(row: str) -> orjson.Fragment:
    """Wrap JSON that PostgreSQL wrote, so that the renderer passes it on unchanged."""
    return orjson.Fragment(row)
