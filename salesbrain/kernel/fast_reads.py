"""Run hot API reads as fixed SQL text around a queryset's WHERE clause.

Django compiles a whole query again for each request, which takes several times as long as PostgreSQL needs to answer it. Here only
the request's filters are compiled, and the rest is fixed text. A statement whose text is the same for all requests can be prepared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

from salesbrain.kernel import db

Rows = list[tuple[Any, ...]]
OPERATORS = {"": "=", "gt": ">", "gte": ">=", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Where:
    """Rows selected by plain comparisons (`{"organization_id": …, "position__gt": …}`): fixed SQL text, so nothing is compiled. Further
    filters turn it into a queryset. The values have their columns' types already.
    """

    model: type[Model]
    compared: Mapping[str, Any]

    @property
    def db(self) -> str:
        return DEFAULT_DB_ALIAS

    def queryset(self) -> QuerySet[Any]:
        return self.model._default_manager.filter(**self.compared)

    def compare(self, **more: Any) -> "Where":
        """Narrow by further plain comparisons."""
        return Where(self.model, {**self.compared, **more}) if more else self

    def filter(self, *conditions: Any, **lookups: Any) -> QuerySet[Any]:
        return self.queryset().filter(*conditions, **lookups)


Source = QuerySet[Any] | Where


def values(queryset: Source, *names: str, limit: int = 1, prepare: bool = True) -> Rows:
    """Return these columns of the first rows, unordered."""
    columns = ", ".join(column(queryset.model, name) for name in names)
    return run(queryset, "SELECT {columns} FROM {source} LIMIT {limit}", prepare, columns=columns, limit=f"{limit:d}")


def count(queryset: Source, *, up_to: int, prepare: bool = False) -> int:
    """Return the number of rows, `up_to` if there are more."""
    rows = run(queryset, "SELECT count(*) FROM (SELECT FROM {source} LIMIT {limit}) AS n", prepare, limit=f"{up_to:d}")
    return rows[0][0] if rows else 0


def total(queryset: Source, name: str) -> int:
    """Return the sum of a column."""
    summed = column(queryset.model, name)
    rows = run(queryset, "SELECT coalesce(sum({summed}), 0)::bigint FROM {source}", True, summed=summed)
    return rows[0][0] if rows else 0


def run(queryset: Source, template: str, prepare: bool, **parts: str) -> Rows:
    """Run a SQL template with the queryset's WHERE clause filled in; return the rows, none for an empty queryset."""
    try:
        source, params = _source(queryset)
    except EmptyResultSet:
        return []
    params = (*params,) * template.count("{source}")
    if params:  # a % in what is compiled already is no place for a parameter
        parts = {name: text.replace("%", "%%") for name, text in parts.items()}
    sql = template.format(source=source, **parts)
    if prepare:
        return db.prepared(sql, params, using=queryset.db).fetchall()
    return db.bound(sql, params, using=queryset.db)


def _source(queryset: Source) -> tuple[str, Sequence[Any]]:
    """Return the SQL after FROM: the table with the queryset's WHERE, or a subquery if that needs other tables."""
    if isinstance(queryset, Where):
        return _written(queryset.model, tuple(queryset.compared)), tuple(queryset.compared.values())
    query = queryset.query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    name = table(queryset.model)
    joined = sum(map(bool, query.alias_refcount.values())) > 1
    if joined or query.distinct or query.is_sliced or query.combinator:
        sql, params = query.chain().get_compiler(DEFAULT_DB_ALIAS).as_sql()
        return f"({sql}) AS {name}", params
    try:
        where, params = compiler.compile(query.where)
    except FullResultSet:
        return name, ()
    return f"{name} WHERE {where}", tuple(params)


@cache
def _written(model: type[Model], compared: tuple[str, ...]) -> str:
    conditions = []
    for name in compared:
        field, _, operator = name.partition("__")
        conditions.append(f"{column(model, field)} {OPERATORS[operator]} %s")
    return f"{table(model)} WHERE {' AND '.join(conditions)}" if conditions else table(model)


def table(model: type[Model]) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.db_table)


def column(model: type[Model], name: str) -> str:
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return f"{table(model)}.{connections[DEFAULT_DB_ALIAS].ops.quote_name(field.column)}"


def ordered(model: type[Model], order: Sequence[str]) -> str:
    columns = [column(model, name.lstrip("-")) + (" DESC" if name.startswith("-") else "") for name in order]
    return " ORDER BY " + ", ".join(columns) if columns else ""
