"""Admin pages of campaigns, with their stats of seven days, and of rules that assign campaigns."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import (
    INDEXED_TEXT,
    ConnectionFilter,
    ReadOnlyAdmin,
    StaffAdmin,
    as_json,
    badge,
    read_only_fields,
)
from campaigns.choices import CampaignStatus
from campaigns.models import AssignmentRule, Campaign
from salesbrain.web.figures import number

TONES = {
    CampaignStatus.ACTIVE: "good",
    CampaignStatus.RUNNING_SUBSEQUENCES: "good",
    CampaignStatus.DRAFT: "quiet",
    CampaignStatus.PAUSED: "quiet",
    CampaignStatus.COMPLETED: "quiet",
    CampaignStatus.UNKNOWN: "quiet",
}
FIGURES = ("sent", "replies", "interested", "bounces")


class AssignedFilter(admin.SimpleListFilter):
    """Filter for campaigns of a shared workspace that are not assigned to a customer yet."""

    title = _("assignment")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("0", str(_("Assigned to nobody")))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Campaign] | None:
        return queryset.unassigned() if self.value() == "0" else None


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = [
        "name",
        "organization",
        "connection",
        "state",
        "sent",
        "replies",
        "positive",
        "bounces",
        "synced_at",
    ]
    list_filter = [AssignedFilter, "organization", ConnectionFilter, "status", "not_sending"]
    list_select_related = ["organization", "connection"]
    search_fields = ["name", "=provider_id"]
    fieldsets = [
        (None, {"fields": ["name", "organization", "connection", "state", "status_at", "assigned_at", "look"]}),
        (_("Sending"), {"fields": ["daily_limit", "open_tracking", "link_tracking", "senders_list", "schedule_json"]}),
        (_("Leads"), {"fields": ["leads_count", "contacted_count", "completed_count"]}),
        (_("At the provider"), {
            "fields": ["provider", "provider_id", "provider_created_at", "provider_updated_at", "synced_at", "missing_since", "removed_at"],
        }),
        (_("Details"), {"classes": ["collapse"], "fields": ["sequences_json", "raw_json", "id", "created_at", "updated_at"]}),
    ]  # fmt: skip
    readonly_fields = [
        *read_only_fields(Campaign, without=["digest"]), "state", "look", "senders_list", "schedule_json", "sequences_json", "raw_json",
    ]  # fmt: skip

    def decorate(self, rows: list[Campaign]) -> None:
        """Load the stats of seven days for all campaigns of the page in one statement. Uses the reverse relation, because the rollup
        belongs to an app above this one.
        """
        figures = (
            Campaign.objects.filter(pk__in=[row.pk for row in rows], daily_stats__day__gte=_week_start())
            .order_by()
            .values("pk")
            .annotate(**{f"week_{name}": Sum(f"daily_stats__{name}") for name in FIGURES})
        )
        by_id: dict[Any, Any] = {row["pk"]: row for row in figures}
        for row in rows:
            row.week = {name: by_id.get(row.pk, {}).get(f"week_{name}", 0) for name in FIGURES}

    def _of_week(self, campaign: Campaign, name: str, page: str, query: str) -> SafeString | int:
        """Return the count of seven days as a link to the rows counted; a count of 0 is no link."""
        count: int = campaign.week[name]
        own = f"?organization__id__exact={campaign.organization_id}&campaign__id__exact={campaign.pk}&{query}"
        url = reverse(f"admin:messaging_{page}_changelist") + own
        return format_html('<a href="{}">{}</a>', url, number(count)) if count else 0

    @admin.display(description=_("sent (7 days)"))
    def sent(self, campaign: Campaign) -> SafeString | int:
        return self._of_week(campaign, "sent", "dailystats", f"day__gte={_week_start()}")

    @admin.display(description=_("replies"))
    def replies(self, campaign: Campaign) -> SafeString | int:
        return self._of_week(campaign, "replies", "message", f"status=received&happened_at__gte={_week_start()}")

    @admin.display(description=_("positive"))
    def positive(self, campaign: Campaign) -> SafeString | int:
        return self._of_week(campaign, "interested", "dailystats", f"day__gte={_week_start()}")

    @admin.display(description=_("bounces"))
    def bounces(self, campaign: Campaign) -> SafeString | int:
        return self._of_week(campaign, "bounces", "message", f"status=bounced&happened_at__gte={_week_start()}")

    @admin.display(description=_("status"), ordering="status")
    def state(self, campaign: Campaign) -> SafeString:
        if campaign.removed_at:
            return badge(_("Its organization was removed"), "quiet")
        if campaign.missing_since:
            return badge(_("Gone at the provider"), "bad")
        if campaign.status == CampaignStatus.ACTIVE and campaign.not_sending:
            why = {"reason": campaign.get_not_sending_display()}
            return badge(gettext("Active, not sending: %(reason)s") % why, "warn")
        return badge(campaign.get_status_display(), TONES.get(CampaignStatus(campaign.status), "bad"))

    @admin.display(description=_("look at"))
    def look(self, campaign: Campaign) -> SafeString:
        query = f"?organization__id__exact={campaign.organization_id}&campaign__id__exact={campaign.pk}"
        lists = {"message": _("Messages"), "event": _("Events"), "dailystats": _("Stats by day")}
        return format_html_join(
            mark_safe(" &nbsp; "),
            '<a href="{}{}">{}</a>',
            ((reverse(f"admin:messaging_{name}_changelist"), query, label) for name, label in lists.items()),
        )

    @admin.display(description=_("sends from"))
    def senders_list(self, campaign: Campaign) -> str:
        return ", ".join(str(sender) for sender in campaign.senders) or "–"

    @admin.display(description=_("schedule"))
    def schedule_json(self, campaign: Campaign) -> SafeString:
        return as_json(campaign.schedule)

    @admin.display(description=_("sequences"))
    def sequences_json(self, campaign: Campaign) -> SafeString:
        return as_json(campaign.sequences)

    @admin.display(description=_("the rest of the provider's last answer"))
    def raw_json(self, campaign: Campaign) -> SafeString:
        return as_json(campaign.raw)


def _week_start() -> date:
    """Return the first of seven UTC days that end today."""
    return timezone.now().date() - timedelta(days=6)


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(StaffAdmin):
    list_display = ["connection", "kind", "value", "organization", "priority", "is_active"]
    list_filter = [ConnectionFilter, "organization", "is_active"]
    list_select_related = ["organization", "connection"]
    search_fields = ["value"]
    formfield_overrides = INDEXED_TEXT
    autocomplete_fields = ["organization", "connection"]
