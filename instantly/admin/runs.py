"""Admin page of runs of the sync and of gap repair (fetching missed events): trigger, counts, errors."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, as_json, badge
from instantly.admin.reloading import ReloadingMixin
from instantly.choices import SyncStatus
from instantly.models import SyncRun
from salesbrain.kernel.messages import translated

TONES = {
    SyncStatus.SUCCEEDED: "good",
    SyncStatus.RUNNING: "quiet",
    SyncStatus.INCOMPLETE: "warn",
    SyncStatus.FAILED: "bad",
}


@admin.register(SyncRun)
class SyncRunAdmin(ReloadingMixin, ReadOnlyAdmin):
    list_display = [
        "started_at",
        "connection",
        "state",
        "trigger",
        "actor_name",
        "error_count",
        "requests",
        "finished_at",
    ]
    list_filter = ["status", ConnectionFilter, "trigger", "started_at"]
    list_select_related = ["connection"]
    paginator = BoundedPaginator
    fields = [
        "connection", "state", "trigger", "actor_name", "started_at", "finished_at", "requests", "counts_json", "errors_json",
    ]  # fmt: skip

    def is_running(self, row: SyncRun) -> bool:
        return row.status == SyncStatus.RUNNING

    @admin.display(description=_("status"), ordering="status")
    def state(self, run: SyncRun) -> SafeString:
        return badge(run.get_status_display(), TONES[SyncStatus(run.status)])

    @admin.display(description=_("errors"))
    def error_count(self, run: SyncRun) -> int:
        return len(run.errors)

    @admin.display(description=_("counted"))
    def counts_json(self, run: SyncRun) -> SafeString:
        return as_json(run.counts)

    @admin.display(description=_("errors"))
    def errors_json(self, run: SyncRun) -> SafeString:
        return as_json(translated(run.errors))
