"""Admin page of email accounts, mirrored from the provider."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ConnectionFilter, ReadOnlyAdmin, as_json, badge, read_only_fields
from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount

TONES = {
    EmailAccountStatus.ACTIVE: "good",
    EmailAccountStatus.PAUSED: "quiet",
    EmailAccountStatus.MAINTENANCE: "quiet",
    EmailAccountStatus.UNKNOWN: "quiet",
}


class HealthFilter(admin.SimpleListFilter):
    title = _("health")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("healthy", str(_("Able to send"))), ("unhealthy", str(_("Not able to send")))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[EmailAccount] | None:
        narrow = {"healthy": queryset.healthy, "unhealthy": queryset.unhealthy}.get(self.value() or "")
        return narrow() if narrow else None


@admin.register(EmailAccount)
class EmailAccountAdmin(ReadOnlyAdmin):
    list_display = [
        "address",
        "organization",
        "connection",
        "state",
        "warmup",
        "limit",
        "status_at",
        "synced_at",
    ]
    list_filter = [HealthFilter, "organization", ConnectionFilter, "status", "warmup_status"]
    list_select_related = ["organization", "connection"]
    search_fields = ["address", "first_name", "last_name"]
    fieldsets = [(None, {"fields": [*read_only_fields(EmailAccount, without=["raw", "digest"]), "raw_json"]})]

    @admin.display(description=_("status"), ordering="status")
    def state(self, account: EmailAccount) -> SafeString:
        if account.missing_since:
            return badge(_("Gone at the provider"), "bad")
        return badge(account.get_status_display(), TONES.get(EmailAccountStatus(account.status), "bad"))

    @admin.display(description=_("warmup"), ordering="warmup_score")
    def warmup(self, account: EmailAccount) -> str:
        score = "" if account.warmup_score is None else f", {account.warmup_score:g}"
        return f"{account.get_warmup_status_display()}{score}"

    @admin.display(description=_("daily limit"), ordering="daily_limit")
    def limit(self, account: EmailAccount) -> int | None:
        return account.daily_limit

    @admin.display(description=_("the provider's last answer"))
    def raw_json(self, account: EmailAccount) -> SafeString:
        return as_json(account.raw)
