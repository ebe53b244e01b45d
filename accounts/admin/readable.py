"""Admin mixin for pages to read: a sentence on top, links to related lists, empty columns folded away."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

EMPTY: tuple[object, ...] = (None, "", [], {})


class ReadableMixin(admin.ModelAdmin):
    """Mix in before a page's own class. The page of a row begins with `sentence(row)`; empty read-only columns move to a last, collapsed
    part, so that nothing is lost and nothing is in the way.
    """

    change_form_template = "admin/readable_change_form.html"

    def sentence(self, row: Any) -> SafeString | str:
        """Return one or two sentences about the row and its present state. Subclasses must override it."""
        raise NotImplementedError

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            return fieldsets
        columns = {field.name: field.attname for field in obj._meta.concrete_fields}
        empty = {
            name
            for name in self.get_readonly_fields(request, obj)
            if isinstance(name, str) and name in columns and getattr(obj, columns[name]) in EMPTY
        }
        shown, folded = [], []
        for title, options in fieldsets:
            folded += [name for name in options["fields"] if name in empty]
            kept = [name for name in options["fields"] if name not in empty]
            if kept:
                shown.append((title, {**options, "fields": kept}))
        if folded:
            shown.append((_("Empty"), {"classes": ["collapse"], "fields": folded}))
        return shown

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        context["sentence"] = self.sentence(row) if row is not None else ""
        return super().render_change_form(request, context, *args, **kwargs)


def joined(*sentences: object) -> SafeString:
    """Return the sentences joined by spaces, without the empty ones; each is escaped unless it is a SafeString."""
    return format_html_join(" ", "{}", ((each,) for each in sentences if each))


def list_links(pages: Iterable[tuple[str, str, Promise | str]]) -> SafeString:
    """Return links to filtered lists. `pages`: (app_model, query, link text); a page without a link text is left out."""
    return format_html_join(
        " · ",
        '<a href="{}?{}">{}</a>',
        ((reverse(f"admin:{page}_changelist"), query, words) for page, query, words in pages if words),
    )


def plain_link(url: str, words: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, words)
