"""Admin page of alerts for staff, unresolved ones first.

An alert that is raised again after it was resolved is reopened.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.base import ConnectionFilter, ReadOnlyAdmin, badge
from instantly.models import Alert
from salesbrain.kernel.messages import shown


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", str(_("Open"))), ("0", str(_("Resolved")))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert] | None:
        return queryset.filter(resolved_at__isnull=self.value() == "1") if self.value() in ("0", "1") else None


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["kind", "connection", "state", "said", "occurrences", "since", "last_at", "resolved_at"]
    list_filter = [OpenFilter, "kind", ConnectionFilter, "last_at"]
    list_select_related = ["connection"]
    fields = ["kind", "connection", "state", "said", "occurrences", "since", "last_at", "resolved_at"]
    actions = ["resolve"]

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("instantly.change_alert"))

    @admin.action(description=_("Mark as resolved"), permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        opened = list(queryset.filter(resolved_at__isnull=True).select_for_update(of=["self"]))
        Alert.objects.filter(pk__in=[alert.pk for alert in opened]).update(resolved_at=timezone.now())
        for alert in opened:
            self.audit(request, "resolve", alert)
        resolved = ngettext(
            "%(count)s resolved. What still holds opens a new alert.",
            "%(count)s resolved. What still holds opens new alerts.",
            len(opened),
        )
        self.message_user(request, resolved % {"count": len(opened)})

    @admin.display(description=_("detail"))
    def said(self, alert: Alert) -> str:
        return shown(alert.detail)

    @admin.display(description=_("state"))
    def state(self, alert: Alert) -> SafeString:
        return badge(_("Open"), "bad") if alert.resolved_at is None else badge(_("Resolved"), "quiet")
