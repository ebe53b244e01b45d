"""Admin page of the daily stats of campaigns, read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import BoundedPaginator, ReadOnlyAdmin, read_only_fields
from messaging.models import DailyStats


@admin.register(DailyStats)
class DailyStatsAdmin(ReadOnlyAdmin):
    list_display = [
        "day", "organization", "campaign", "email_account", "step", "variant", "sent", "unique_opens", "unique_clicks", "replies",
        "interested", "meetings", "bounces", "unsubscribes",
    ]  # fmt: skip
    list_filter = ["organization", "day"]
    linked_by = ("campaign", "email_account")
    list_select_related = ["organization", "campaign"]
    search_fields = ["email_account__startswith", "campaign__name__icontains"]
    paginator = BoundedPaginator
    ordering = ["-day", "-pk"]
    sortable_by = ()
    fields = [*read_only_fields(DailyStats)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DailyStats]:
        return super().get_queryset(request).defer("campaign__raw", "campaign__sequences")
