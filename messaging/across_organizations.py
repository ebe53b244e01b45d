"""Page through the rows of several organizations: first rows of each by its index, merged.

For staff lists: no index spans all organizations.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet


def page_of_keys(
    rows: "QuerySet[Any]", organizations: Sequence[UUID], *, order: Sequence[str], offset: int, limit: int
) -> list[Any]:
    """Return the primary keys of a page, in order, in one statement. `order`: columns, "-" for descending, the last one unique."""
    if not organizations:
        return []
    columns = [name.lstrip("-") for name in order]
    wanted = ["pk", *(column for column in columns if column not in ("pk", "id"))]
    parts = [
        rows.filter(organization_id=organization).order_by(*order).values_list(*wanted)[: offset + limit]
        for organization in organizations
    ]
    if len(parts) == 1:
        return [row[0] for row in parts[0][offset:]]
    merged = (
        parts[0]
        .union(*parts[1:], all=True)
        .order_by(*("-id" if name == "-pk" else "id" if name == "pk" else name for name in order))
    )
    return [row[0] for row in merged[offset : offset + limit]]


def in_order(rows: "QuerySet[Any]", keys: Sequence[Any]) -> list[Any]:
    """Return the rows with these keys, in the order of the keys, in one statement."""
    found = rows.in_bulk(list(keys)) if keys else {}
    return [found[key] for key in keys if key in found]
