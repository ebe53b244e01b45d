"""Base classes of the admin pages: read-only rows, bounded row counts, audited changes.

User.has_perm maps roles to permissions; the database policies enforce the same, so a mistake here discloses nothing.
"""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_FACETS_VAR
from django.contrib.admin.views.main import ALL_VAR, ChangeList
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import connections, models
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from accounts.admin.exports import export_list
from accounts.admin.facets import ConnectionFilter, RelatedFilter
from accounts.models import ProviderConnection, User
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.kernel.addresses import searched
from salesbrain.kernel.trusted_proxies import client_address
from salesbrain.web.figures import number

__all__ = [
    "COUNTED_TO", "INDEXED_TEXT", "JSON_SHOWN", "LOOKED_AT", "BoundedPaginator", "ConnectionFilter", "DecoratedChangeList",
    "MergedPaginator", "ReadOnlyAdmin", "RelatedFilter", "StaffAdmin", "as_json", "badge", "changed_fields", "link", "read_only_fields",
]  # fmt: skip

COUNTED_TO = 10_000
"""Rows that a list counts at most; beyond, it says "more than", because counting a table of millions is slow."""

JSON_SHOWN = 20_000
"""Characters of a JSON document that are shown."""


INDEXED_TEXT: Any = {models.TextField: {"widget": AdminTextInputWidget, "max_length": 500}}
"""Form fields for texts that are in an index, whose rows hold some 2,700 bytes."""


class BoundedPaginator(Paginator):
    """Paginator that counts at most COUNTED_TO rows. Older rows are reached by a filter, a date or a search."""

    @cached_property
    def _counted(self) -> int:
        assert isinstance(self.object_list, models.QuerySet)
        return self.object_list.order_by().values("pk")[: COUNTED_TO + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED_TO)

    @property
    def is_bounded(self) -> bool:
        """Return whether there are more rows than were counted."""
        return self._counted > COUNTED_TO


class MergedPaginator(BoundedPaginator):
    """Paginator of the unfiltered list over all organizations: merges the first rows of each, because no index spans them all.

    `order`: columns, "-" for descending; with the organization before them they must be an index.
    """

    order: ClassVar[tuple[str, ...]] = ()

    def page(self, number: int | str) -> Page[Any]:
        queryset = self.object_list
        assert isinstance(queryset, models.QuerySet)
        if queryset.query.where or not self._is_in_order(queryset):
            return super().page(number)
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        with connections[queryset.db].cursor() as cursor:
            cursor.execute(self._statement(queryset.model), [bottom + self.per_page, self.per_page, bottom])
            ids = [pk for (pk,) in cursor.fetchall()]
        return self._get_page(queryset.filter(pk__in=ids), number, self)  # type: ignore[attr-defined]  # Django's own seam

    def _is_in_order(self, queryset: models.QuerySet[Any]) -> bool:
        given = tuple(queryset.query.order_by or queryset.model._meta.ordering)
        return given[: len(self.order)] == self.order

    def _statement(self, model: type[models.Model]) -> str:
        columns = ", ".join(name.lstrip("-") for name in self.order)
        order = ", ".join(f"{name.lstrip('-')}{' DESC' if name.startswith('-') else ''}" for name in self.order)
        merged = ", ".join(f"m.{part}" for part in order.split(", "))
        return f"""SELECT m.{model._meta.pk.attname} FROM accounts_organization o CROSS JOIN LATERAL (
            SELECT {", ".join(dict.fromkeys([str(model._meta.pk.attname), *columns.split(", ")]))} FROM {model._meta.db_table}
            WHERE organization_id = o.id ORDER BY {order} LIMIT %s
        ) m ORDER BY {merged} LIMIT %s OFFSET %s"""  # noqa: S608  names of our own models and columns


LOOKED_AT = 20_000
"""Number of newest rows that a filter without an index searches: otherwise PostgreSQL would search a rare value in the whole table."""


class PageRows(list[Any]):
    """Rows of one page of a list, with the filters of that list, whose query results need not be read again."""

    filters: Sequence[Any] = ()


class DecoratedChangeList(ChangeList):
    """Changelist whose title names the rows and, for a limited search, how many of the newest were searched.

    After the rows of a page were read, the ModelAdmin may add attributes to them, read by one statement for the whole page.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = capfirst(str(self.opts.verbose_name_plural))
        if self._is_windowed():
            self.title = gettext("%(title)s (of the newest %(number)s)") % {
                "title": self.title,
                "number": f"{LOOKED_AT:,}",
            }
        elif self.add_facets and self._is_large:
            self.title = gettext("%(title)s (counts of %(number)s rows at most)") % {
                "title": self.title,
                "number": f"{LOOKED_AT:,}",
            }

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> models.QuerySet[Any]:
        """Limit the list to the newest rows if one of its filters has no suitable index.

        `exclude_parameters`: the parameters of one filter, left out by Django when it counts the rows of that filter's choices.
        """
        queryset = super().get_queryset(request, exclude_parameters)
        assert isinstance(self.model_admin, StaffAdmin)
        if exclude_parameters is not None:
            return self._countable(queryset, exclude_parameters)
        if not self._is_windowed():
            return queryset
        return queryset.filter(self.model_admin.newest(self.params))

    def _countable(self, queryset: models.QuerySet[Any], left_out: Sequence[str]) -> models.QuerySet[Any]:
        """Return the rows that a filter counts: all or, of a large table, LOOKED_AT of them, the newest where there is an order."""
        assert isinstance(self.model_admin, StaffAdmin)
        if not self._is_large:
            return queryset
        if self.model_admin.windowed and not self.query:
            params = {name: value for name, value in self.params.items() if name not in left_out}
            return queryset.filter(self.model_admin.newest(params))
        return self.root_queryset.filter(pk__in=queryset.order_by().values("pk")[:LOOKED_AT])

    def _is_windowed(self) -> bool:
        """Return whether a filter is in use that searches the newest rows only. False with a search or a past period."""
        assert isinstance(self.model_admin, StaffAdmin)
        windowed = {name for name in self.params if name.split("__")[0] in self.model_admin.windowed}
        return bool(windowed) and not self.query and not any(map(self._is_over, windowed)) and self._is_large

    @cached_property
    def _is_large(self) -> bool:
        return self.model._base_manager.order_by().values("pk")[: LOOKED_AT + 1].count() > LOOKED_AT

    def _is_over(self, name: str) -> bool:
        if not name.endswith("__lt"):
            return False
        with suppress(ValueError):
            until = parse_datetime(str(self.params[name]))
            return until is not None and until.replace(tzinfo=until.tzinfo or UTC) < timezone.now()
        return False

    @property
    def export_url(self) -> str:
        """Return the address of the same list as a CSV file. The number of the page is not among its parameters."""
        query = self.get_query_string(remove=[ALL_VAR, IS_FACETS_VAR])
        return f"{reverse(f'admin:{self.opts.app_label}_{self.opts.model_name}_export')}{query}"

    @property
    def exports_all(self) -> bool:
        return self.result_count <= COUNTED_TO and not getattr(self.paginator, "is_bounded", False)

    @property
    def export_limit(self) -> str:
        return number(COUNTED_TO)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = PageRows(self.result_list)
        self.result_list.filters = self.filter_specs
        assert isinstance(self.model_admin, StaffAdmin)
        self.model_admin.decorate(self.result_list)


class StaffAdmin(admin.ModelAdmin):
    """Base ModelAdmin of our own models. Changes are written to the audit log in addition to Django's own log."""

    list_per_page = 100
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.ALLOW  # on demand, and of LOOKED_AT rows at most: see DecoratedChangeList
    windowed: Sequence[str] = ()
    """Filters without an index, which search the newest LOOKED_AT rows only (`newest` selects them)."""

    linked_by: Sequence[str] = ()
    """Columns by which other pages link to parts of this list, beside those of its filters."""

    names_people = False
    """Whether a row's name is a person's address. If so, the audit log, from which nothing can be erased, gets the row's key instead."""

    audited_values: Sequence[str] = ()
    """Fields that are neither secret nor personal, whose old and new values are written to the audit log."""

    formfield_overrides = {models.TextField: {"widget": AdminTextInputWidget}}

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Use the list's joins on the page of a single row too, and never load a provider's API key."""
        queryset = super().get_queryset(request)
        if not isinstance(self.list_select_related, bool):
            queryset = queryset.select_related(*self.list_select_related)
            if "connection" in self.list_select_related:
                queryset = queryset.defer("connection__api_key", "connection__raw")
        return queryset

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is ProviderConnection:
            kwargs.setdefault("queryset", ProviderConnection.objects.defer("api_key", "raw"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave fields that nobody enters (keys, dates, mirrored values) out of the form for a new row."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        computed = set(self.get_readonly_fields(request, obj))
        entered = [
            (title, {**options, "fields": [name for name in options["fields"] if name not in computed]})
            for title, options in fieldsets
        ]
        return [(title, options) for title, options in entered if options["fields"]]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Convert a typed email address to its stored form before searching."""
        return super().get_search_results(
            request, queryset, searched(search_term) if "@" in search_term else search_term
        )

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Return the list as CSV: the columns it shows, and as many rows as it counts."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return export_list(self, request, most=COUNTED_TO)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DecoratedChangeList

    def decorate(self, rows: list[Any]) -> None:
        """Hook: set further attributes on the rows of one page of the list (PageRows there). Does nothing by default."""

    def newest(self, params: dict[str, Any]) -> models.Q:
        """Return a condition that holds for the newest LOOKED_AT rows of a table with a growing key. `params`: the filters in use."""
        oldest = self.model._base_manager.order_by("-pk").values("pk")[LOOKED_AT : LOOKED_AT + 1]
        return models.Q(pk__gte=Coalesce(models.Subquery(oldest), -(2**63)))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Allow only filters that the page offers or links to. Django would take any column: `?body_text__contains=` would disclose a
        message's text without the audit entry for reading it.
        """
        filters = [part[0] if isinstance(part, list | tuple) else part for part in self.list_filter]
        offered = {str(getattr(part, "parameter_name", part)).split("__")[0] for part in filters}
        if lookup.split("__")[0] not in offered | set(self.linked_by):
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]  # Django hands it over since 5.0

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> Any:
        """Refuse malformed keys in an action's form; Django would answer 500 to a form that was tampered with."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError as error:
            raise BadRequest(gettext("What was chosen is no row of this list.")) from error
        return super().response_action(request, queryset)

    # --- audit --------------------------------------------------------------------------------------------------

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self.audit(request, "add", obj, fields=changed_fields(message))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        fields = changed_fields(message)
        if fields:
            self.audit(request, "change", obj, fields=fields, **getattr(request, "audited_values", {}))
        return super().log_change(request, obj, message)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Remember the old and new values of `audited_values` for the audit entry that is written next."""
        changed = [name for name in self.audited_values if name in form.changed_data and not add]
        values = {name: {"from": form.initial.get(name), "to": form.cleaned_data[name]} for name in changed}
        request.audited_values = values  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self.audit(request, "delete", obj)
        return super().log_deletions(request, queryset)

    def audit(self, request: HttpRequest, verb: str, obj: Any, **detail: Any) -> None:
        """Write an audit entry `admin.<verb>` for `obj`, with names of fields only: values may be secrets or personal.

        In SYSTEM scope, because a viewer may write nothing, yet an entry is written for some of the rows a viewer reads.
        """
        assert isinstance(request.user, User)
        with rls.scope(rls.SYSTEM), translation.override("en"):  # a log is not written in its writer's language
            record_audit(
                action=f"admin.{verb}",
                actor=request.user,
                target=obj,
                detail={**({} if self.names_people else {"name": str(obj)}), **detail},
                address=client_address(request),
            )


class ReadOnlyAdmin(StaffAdmin):
    """Base ModelAdmin of rows written by a sync, an event or a command: viewed, never edited here, with any role."""

    actions: Sequence[Any] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def changed_fields(message: Any) -> list[str]:
    """Return the names of the changed fields from Django's change message, inlines included."""
    if not isinstance(message, list):
        return [str(message)] if message else []
    names: list[str] = []
    for part in message:
        for verb, change in part.items():
            names += change.get("fields") or [f"{verb} {change.get('name', '')}".strip()]
    return names


def as_json(document: Any) -> SafeString:
    """Return a document as indented JSON; after JSON_SHOWN characters it ends with a note that it was cut."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    left = gettext("… cut: %(count)s more characters") % {"count": f"{len(text) - JSON_SHOWN:,}"}
    cut = "" if len(text) <= JSON_SHOWN else f"\n{left}"
    return format_html('<pre class="sb-json">{}{}</pre>', text[:JSON_SHOWN], cut)


def link(obj: Any, text: str | None = None) -> SafeString | str:
    """Return an HTML link to the admin page of `obj`; an empty text for None."""
    if obj is None:
        return ""
    url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    return format_html('<a href="{}">{}</a>', url, text or str(obj))


def badge(text: str | Promise, tone: str) -> SafeString:
    """Return a word in a coloured pill. Tones: good, warn, bad, quiet."""
    return format_html('<span class="sb-badge sb-{}">{}</span>', tone, text)


def read_only_fields(model: type[models.Model], without: Iterable[str] = ()) -> list[str]:
    """Return the names of all columns of a model except `without`, in order."""
    return [field.name for field in model._meta.fields if field.name not in set(without)]
