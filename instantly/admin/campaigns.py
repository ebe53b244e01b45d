"""Admin page of campaigns with figures, findings and actions at Instantly.

Extends the page of the app that owns the table, which knows no provider, by actions.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge
from accounts.templatetags.number_format import percent
from campaigns.admin import CampaignAdmin
from campaigns.models import Campaign
from campaigns.sequence import steps
from instantly.actions.forms import CreateForm
from instantly.actions.registry import action_of
from instantly.actions.runner import request_action
from instantly.admin import object_pages
from instantly.admin.action_mixin import ActionAdminMixin
from instantly.admin.assignment_history import assignments_of
from instantly.admin.finding_targets import FindingFilter, FindingsMixin
from instantly.admin.staff_actions import DRIFT_STATS
from instantly.choices import ActionState
from instantly.models import StaffAction
from messaging import stats
from messaging.campaign_figures import figures_of
from messaging.comparison import Verdict
from messaging.findings import object_figures
from messaging.step_comparison import compared_steps
from salesbrain.web.figures import number

admin.site.unregister(Campaign)


@admin.register(Campaign)
class CampaignActionsAdmin(ActionAdminMixin, FindingsMixin, CampaignAdmin):
    creates = action_of("campaign_create")
    list_display = [*CampaignAdmin.list_display[:4], "findings", *CampaignAdmin.list_display[4:]]
    list_filter = [FindingFilter, *CampaignAdmin.list_filter, "provider_created_at"]
    fieldsets = [
        (None, {"fields": ["name", "organization", "connection", "state", "not_sending_said", "findings_listed", "figures", "look"]}),
        (_("Sending"), {"fields": ["schedule_said", "senders_list", "daily_limit", "open_tracking", "link_tracking", "steps"]}),
        (_("History"), {"fields": ["drift", "assignments", "staff_actions", "status_at", "assigned_at"]}),
        (_("At the provider"), {
            "classes": ["collapse"],
            "fields": ["provider", "provider_id", "provider_created_at", "provider_updated_at", "synced_at", "missing_since"],
        }),
        (_("Details"), {
            "classes": ["collapse"],
            "fields": ["schedule_json", "sequences_json", "raw_json", "id", "created_at", "updated_at"],
        }),
    ]  # fmt: skip
    readonly_fields = [
        *CampaignAdmin.readonly_fields, "not_sending_said", "findings_listed", "figures", "schedule_said", "steps", "drift", "assignments",
        "staff_actions",
    ]  # fmt: skip

    @admin.display(description=_("why it does not send"))
    def not_sending_said(self, campaign: Campaign) -> str:
        return campaign.get_not_sending_display() if campaign.not_sending else ""

    @admin.display(description=_("figures"))
    def figures(self, campaign: Campaign) -> SafeString:
        rows = figures_of(campaign.pk, campaign.organization_id)
        return object_pages.figures_table(object_figures.figures_of(rows, today=timezone.now().date()))

    @admin.display(description=_("sends on"))
    def schedule_said(self, campaign: Campaign) -> str:
        return object_pages.schedule_words(campaign.schedule)

    @admin.display(description=_("steps and variants"))
    def steps(self, campaign: Campaign) -> SafeString:
        """Return a table of the variants with sent mails and reply rate over all time, marking one that is clearly better."""
        found = compared_steps(
            stats.grouped(figures_of(campaign.pk, campaign.organization_id), "step"), steps(campaign.sequences)
        )
        rows = (
            (
                f"{step.number}{variant.letter}",
                variant.text.subject if variant.text else "",
                number(variant.figures["sent"]),
                percent(variant.figures["reply_rate"]),
                badge(_("clearly better"), "good")
                if step.comparison.verdict == Verdict.DECIDED and step.comparison.leader == variant.sample
                else "",
            )
            for step in found
            for variant in step.variants
        )
        return object_pages.table([_("step"), _("subject"), _("sent"), _("reply rate"), ""], rows)

    @admin.display(description=_("difference to Instantly"))
    def drift(self, campaign: Campaign) -> SafeString | str:
        """Return this campaign's differences in the latest comparison of our stats with Instantly's."""
        done = StaffAction.objects.filter(connection_id=campaign.connection_id, kind="drift", state=ActionState.DONE)
        latest = done.order_by("-finished_at").first()
        if latest is None or latest.finished_at is None:
            return gettext("Not compared yet. On the connection's page, “Compare stats with Instantly” does it.")
        said = {"time": f"{latest.finished_at:%Y-%m-%d %H:%M}"}
        for row in latest.result.get("differ", []):
            if row.get("campaign") == campaign.provider_id:
                rows = (
                    (DRIFT_STATS.get(name, name), figure["local"], figure["instantly"], figure["delta"])
                    for name, figure in row["figures"].items()
                    if figure["delta"]
                )
                heads = [_("stat"), _("ours"), _("Instantly's"), _("difference")]
                words = gettext(
                    "Compared on %(time)s UTC. What Instantly counted while the webhook was off or before this connection is in "
                    "its totals and not in ours, until gap repair has filled it."
                )
                return format_html("{}<p>{}</p>", object_pages.table(heads, rows), words % said)
        return gettext("None, compared on %(time)s UTC.") % said

    @admin.display(description=_("assignments"))
    def assignments(self, campaign: Campaign) -> SafeString | str:
        return assignments_of(campaign)

    @admin.display(description=_("what staff did"))
    def staff_actions(self, campaign: Campaign) -> SafeString | str:
        return object_pages.actions_table(campaign)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(self.creates.permission))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form of a new campaign, or request its creation at Instantly, from where its row is mirrored."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = CreateForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self.confirmation_page(request, self.creates, form, ())
        user: Any = request.user
        made = request_action(
            self.creates.kind,
            actor=user,
            target=form.cleaned_data["connection"],
            arguments=form.arguments(),
            name=form.cleaned_data["name"],
        )
        return self.redirect_to_actions(request, [made])
