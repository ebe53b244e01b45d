"""Admin page of the event log, newest first, read-only."""

import re
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, link, read_only_fields
from accounts.models import Organization
from messaging import identity
from messaging.event_words import event_in_words
from messaging.models import Event
from salesbrain.kernel.addresses import MAX_ADDRESS, searched

NUMBER = re.compile(r"-?[0-9]{1,18}")
"""An event's number; negative for an event without a delivery."""


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = [
        "happened_at",
        "kind",
        "lead_email",
        "campaign",
        "organization",
        "email_account",
        "origin",
        "recorded_at",
    ]
    list_filter = ["organization", ConnectionFilter, "origin", "happened_at"]
    linked_by = ("campaign", "contact")
    windowed = ("origin", "happened_at")
    list_select_related = ["organization", "campaign"]
    search_fields = ["=lead_email", "=type"]
    search_help_text = _(
        "A lead's whole address, an event's number, or a type such as reply_received (of the newest 20,000)."
    )
    ordering = ["-id"]  # the order of arrival, by the key: no other index spans organizations
    paginator = BoundedPaginator
    sortable_by = ()
    readonly_fields = ["contact_link", "message_link"]
    fields = [*read_only_fields(Event, without=["contact", "message"]), "contact_link", "message_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("campaign__raw", "campaign__sequences")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Event], bool]:
        """Search only by indexed columns, or among the newest rows, because the table has millions."""
        term = search_term.strip()[:MAX_ADDRESS]
        if not term:
            return queryset, False
        if "@" in term:  # contact ids are computed, so the address is looked up by key in every organization
            places = Organization.objects.values_list("pk", flat=True)
            pairs = [Q(organization=pk, contact=identity.contact_id(pk, searched(term))) for pk in places]
            return queryset.filter(reduce(or_, pairs)) if pairs else queryset.none(), False
        if NUMBER.fullmatch(term):
            return queryset.filter(pk=int(term)), False
        return queryset.filter(self.newest({}), type=term.lower()), False

    @admin.display(description=_("event"), ordering="type")
    def kind(self, event: Event) -> str:
        words = event_in_words(event.type, event.detail)
        if event.copy_of is None:
            return words
        return gettext("%(event)s (a copy of #%(number)s)") % {"event": words, "number": event.copy_of}

    @admin.display(description=_("contact"))
    def contact_link(self, event: Event) -> SafeString | str:
        return link(event.contact)

    @admin.display(description=_("message"))
    def message_link(self, event: Event) -> SafeString | str:
        return link(event.message)
