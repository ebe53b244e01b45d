"""Admin page of background jobs: procrastinate's page in this product's wording, limited by role."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.admin.base import as_json, badge
from instantly.actions import queue

TONES = {"succeeded": "good", "failed": "bad", "aborted": "warn", "cancelled": "warn"}

if admin.site.is_registered(ProcrastinateJob):
    admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ProcrastinateJobAdmin):
    inlines = []
    list_display = ["number", "short_task_name", "pretty_args", "pretty_status", "summary"]
    fields = [
        "number", "short_task_name", "pretty_args", "pretty_status", "queue_name", "lock", "queueing_lock", "priority", "scheduled_at",
        "attempts", "history",
    ]  # fmt: skip

    @admin.display(description=_("number"), ordering="id")
    def number(self, instance: ProcrastinateJob) -> int:
        return instance.pk

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer retry, cancel and abort to operators and admins only."""
        if not request.user.has_perm("procrastinate.change_procrastinatejob"):
            return {}
        offered: dict[str, Any] = super().get_actions(request)
        return {name: (act, name, LABELS.get(name, label)) for name, (act, __, label) in offered.items()}

    @admin.action(description=_("Cancel the selected jobs (waiting)"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        """Cancel waiting jobs, and end the staff actions that they were to do."""
        for job in queryset:
            queue.cancel(job.pk)

    @admin.action(description=_("Abort the selected jobs (waiting or running)"))
    def abort(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        """Cancel those that wait, and ask those that run to end."""
        self.cancel(request, queryset)
        super().abort(request, queryset)

    actions: Any = ("retry", "cancel", "abort")

    @admin.display(description=_("status"), ordering="status")
    def pretty_status(self, instance: ProcrastinateJob) -> SafeString:
        return badge(instance.get_status_display(), TONES.get(instance.status, "quiet"))

    @admin.display(description=_("task"), ordering="task_name")
    def short_task_name(self, instance: ProcrastinateJob) -> SafeString:
        return format_html('<span title="{}">{}</span>', instance.task_name, instance.task_name.rpartition(".")[2])

    @admin.display(description=_("arguments"))
    def pretty_args(self, instance: ProcrastinateJob) -> SafeString:
        return as_json(instance.args)

    @admin.display(description=_("latest"))
    def summary(self, instance: Any) -> SafeString | str:
        """Return the job's last event with its time, and the condition of its next run (a time or a lock)."""
        events: list[Any] = list(instance.procrastinateevent_set.all())  # read with the page's rows, the latest first
        parts = [f"{events[0].get_type_display()}, {events[0].at:%Y-%m-%d %H:%M} UTC"] if events else []
        if instance.scheduled_at:
            parts.append(gettext("scheduled for %(time)s UTC") % {"time": f"{instance.scheduled_at:%Y-%m-%d %H:%M}"})
        parts += [
            f"{label}: {value}"
            for label, value in (
                (gettext("Queue"), instance.queue_name),
                (gettext("Lock"), instance.lock),
                (gettext("Tries"), instance.attempts if instance.attempts > 1 else None),
            )
            if value
        ]
        return format_html_join("", "<div>{}</div>", ((part,) for part in parts))

    @admin.display(description=_("history"))
    def history(self, instance: Any) -> SafeString:
        """Return what happened to the job, the latest first."""
        events: list[Any] = list(instance.procrastinateevent_set.all())
        return format_html_join(
            "", "<div>{} UTC: {}</div>", ((f"{e.at:%Y-%m-%d %H:%M:%S}", e.get_type_display()) for e in events)
        )


LABELS = {
    "retry": _("Retry the selected jobs (failed or running)"),
    "cancel": _("Cancel the selected jobs (waiting)"),
    "abort": _("Abort the selected jobs (waiting or running)"),
}
