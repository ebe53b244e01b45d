"""Admin page of the event log, newest first, read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from accounts.admin.base import BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, link, read_only_fields
from messaging.events import REPLY_CATEGORY, STAFF_VERDICT
from messaging.models import Event


def words(event: Event) -> str:
    """What happened; where the type alone does not say it, with its text."""
    if event.type == STAFF_VERDICT:
        return f"our staff: {event.detail.removeprefix('lead_').replace('_', ' ')[:80] or 'cleared'}"
    kind = event.type.replace("_", " ")
    return f"{kind}: {event.detail[:80]}" if event.type in ("custom", REPLY_CATEGORY) else kind


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
    linked_by = ("campaign",)
    windowed = ("origin", "happened_at")
    list_select_related = ["organization", "campaign"]
    search_fields = ["=lead_email", "=type"]
    search_help_text = "A lead's whole address, or an event type such as reply_received."
    ordering = ["-id"]  # the order of arrival, by the key: no other index spans organizations
    paginator = BoundedPaginator
    sortable_by = ()
    readonly_fields = ["contact_link", "message_link"]
    fields = [*read_only_fields(Event, without=["contact", "message"]), "contact_link", "message_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("campaign__raw", "campaign__sequences")

    @admin.display(description="event", ordering="type")
    def kind(self, event: Event) -> str:
        return capfirst(words(event)) + (f" (a copy of #{event.copy_of})" if event.copy_of else "")

    @admin.display(description="contact")
    def contact_link(self, event: Event) -> SafeString | str:
        return link(event.contact)

    @admin.display(description="message")
    def message_link(self, event: Event) -> SafeString | str:
        return link(event.message)
