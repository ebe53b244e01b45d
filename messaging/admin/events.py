"""The event log, newest arrival first. Nothing here can be changed by anybody."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, link, read_only_fields
from messaging.models import Event


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
    list_select_related = ["organization", "campaign"]
    search_fields = ["=lead_email", "=type"]
    search_help_text = "A lead's whole address, or an event type such as reply_received."
    ordering = ["-id"]  # the order of arrival, by the key: no other index spans organizations
    paginator = BoundedPaginator
    readonly_fields = ["contact_link", "message_link"]
    fields = [*read_only_fields(Event, without=["contact", "message"]), "contact_link", "message_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("campaign__raw", "campaign__sequences")

    @admin.display(description="event", ordering="type")
    def kind(self, event: Event) -> SafeString | str:
        words = event.type.replace("_", " ").capitalize()
        if event.type == "custom":
            return format_html("{}: {}", words, event.detail[:80])
        return words

    @admin.display(description="contact")
    def contact_link(self, event: Event) -> SafeString | str:
        return link(event.contact)

    @admin.display(description="message")
    def message_link(self, event: Event) -> SafeString | str:
        return link(event.message)
