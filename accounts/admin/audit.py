"""Admin page of the audit log, read-only."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import BoundedPaginator, ReadOnlyAdmin, as_json
from accounts.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor_name", "action", "target", "address"]
    list_filter = ["at", ("action", admin.AllValuesFieldListFilter)]
    windowed = ("at", "action")
    sortable_by = ()
    search_fields = ["actor_name", "action", "=target_id"]
    paginator = BoundedPaginator
    fields = ["at", "actor_name", "action", "target", "organization_id", "address", "detail_json"]

    @admin.display(description=_("what"))
    def target(self, entry: AuditEntry) -> str:
        return entry.detail.get("name") or f"{entry.target_type} {entry.target_id}".strip()

    @admin.display(description=_("detail"))
    def detail_json(self, entry: AuditEntry) -> SafeString:
        return as_json(entry.detail)
