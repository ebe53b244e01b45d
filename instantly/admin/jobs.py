"""Jobs: procrastinate's own page, whose actions it offers to whoever may look."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from procrastinate.contrib.django.admin import ProcrastinateJobAdmin
from procrastinate.contrib.django.models import ProcrastinateJob

if admin.site.is_registered(ProcrastinateJob):
    admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ProcrastinateJobAdmin):
    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Retry, cancel and abort are for those who may work."""
        return super().get_actions(request) if request.user.has_perm("procrastinate.change_procrastinatejob") else {}
