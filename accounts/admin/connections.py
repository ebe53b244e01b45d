"""Admin page of connections to providers; of a stored API key it shows the last four characters only."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import StaffAdmin, as_json, badge
from accounts.admin.facets import RelatedOnlyFilter
from accounts.choices import ConnectionStatus
from accounts.models import ProviderConnection, WebhookSecret
from salesbrain.kernel.messages import shown

TONES = {ConnectionStatus.WORKING: "good", ConnectionStatus.NEW: "quiet"}


class ConnectionForm(forms.ModelForm):
    new_api_key = forms.CharField(
        required=False,
        strip=True,
        label=_("API key"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text=_("Stored encrypted and never shown. Leave empty to keep the current key."),
    )

    class Meta:
        model = ProviderConnection
        fields = ["organization", "provider", "name", "acts_as_workspace", "is_active"]

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data["new_api_key"]:
            self.instance.set_api_key(self.cleaned_data["new_api_key"])
        return super().save(commit)


@admin.register(ProviderConnection)
class ConnectionAdmin(StaffAdmin):
    form = ConnectionForm
    list_display = ["name", "organization_or_shared", "workspace_name", "state", "key", "is_active", "last_synced_at"]
    list_filter = ["status", "is_active", ("organization", RelatedOnlyFilter)]
    list_select_related = ["organization"]
    search_fields = ["name", "workspace_name", "workspace_id", "organization__name"]
    autocomplete_fields = ["organization"]
    readonly_fields = [
        "key", "secrets", "workspace_id", "workspace_name", "state", "status_said", "last_synced_at", "raw_json", "id",
        "created_at", "updated_at",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["name", "organization", "provider", "is_active"]}),
        (_("Key"), {"fields": ["key", "new_api_key", "acts_as_workspace", "secrets"]}),
        (_("Workspace"), {"fields": ["workspace_name", "workspace_id", "state", "status_said", "last_synced_at"]}),
        (_("Details"), {"classes": ["collapse"], "fields": ["raw_json", "id", "created_at", "updated_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProviderConnection]:
        """Leave out the API key: this page never shows it, so a wrong encryption key must not break the page."""
        return super().get_queryset(request).defer("api_key")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Make the organization read-only once the connection exists: its rows belong to that organization."""
        return [*self.readonly_fields, "organization", "provider"] if obj else list(self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out the field for a new API key where the user may only view."""
        fieldsets = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name != "new_api_key"]})
            for title, options in fieldsets
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse deletion: campaigns, mailboxes and deliveries refer to the connection. It can be switched off."""
        return False

    @admin.display(description=_("organization"), ordering="organization__name")
    def organization_or_shared(self, connection: ProviderConnection) -> str | SafeString:
        return badge(_("shared"), "quiet") if connection.is_shared else str(connection.organization)

    @admin.display(description=_("status"), ordering="status")
    def state(self, connection: ProviderConnection) -> SafeString:
        return badge(connection.get_status_display(), TONES.get(ConnectionStatus(connection.status), "bad"))

    @admin.display(description=_("status detail"))
    def status_said(self, connection: ProviderConnection) -> str:
        return shown(connection.status_detail)

    @admin.display(description=_("API key"))
    def key(self, connection: ProviderConnection) -> str:
        if not connection.api_key_last4:
            return gettext("none, or too short to show its end")
        return f"•••• {connection.api_key_last4}"

    @admin.display(description=_("webhook secrets"))
    def secrets(self, connection: ProviderConnection) -> SafeString | str:
        dates = WebhookSecret.objects.filter(connection=connection).values_list("created_at", "expires_at")
        shown = "; ".join(_validity(created, expires) for created, expires in dates)
        return format_html(
            "{}<br><span class='help'>{}</span>",
            shown or gettext("none"),
            gettext("Shown by the command webhook_secret only."),
        )

    @admin.display(description=_("the provider's last answer"))
    def raw_json(self, connection: ProviderConnection) -> SafeString:
        return as_json(connection.raw)


def _validity(created: datetime, expires: datetime | None) -> str:
    if expires is None:
        return gettext("since %(day)s") % {"day": f"{created:%Y-%m-%d}"}
    return gettext("since %(day)s, until %(end)s UTC") % {
        "day": f"{created:%Y-%m-%d}",
        "end": f"{expires:%Y-%m-%d %H:%M}",
    }
