"""Admin page of an organization: figures, connections, campaigns, mailboxes, replies, goals."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge, link
from accounts.admin.organizations import OrganizationAdmin
from accounts.models import EmailAccount, Invitation, Organization, ProviderConnection
from campaigns.admin import CampaignAdmin
from campaigns.models import AssignmentRule, Campaign
from instantly.admin import object_pages
from instantly.admin.assignment_rules import state_badge
from instantly.admin.finding_targets import FindingsMixin, listed, worst_first
from instantly.monitoring.feed_health import feed_of, with_feed
from messaging.findings.object_figures import figures_of
from messaging.findings.snoozes import open_findings
from messaging.goals import METRICS, first_day
from messaging.models import DailyStats, Goal, Message
from messaging.replies import replies
from messaging.stats import Period
from salesbrain.web.figures import ago, number

MOST = 20
"""Rows of a table on this page; the list behind its link has all."""
MOST_FINDINGS, MOST_LISTED = 1000, 50
"""Findings that are read to list the worst of them."""
METRIC_WORDS = {
    "meetings": _("Meetings"),
    "positive_replies": _("Positive"),
    "replies": _("Replies"),
    "sent": _("Sent"),
}

admin.site.unregister(Organization)


@admin.register(Organization)
class OrganizationOverviewAdmin(FindingsMixin, OrganizationAdmin):
    list_display = ["badge", "findings", "sending", "mailboxes", "member_count", "is_active", "created_at"]
    list_display_links = ["badge"]
    shown = [
        "figures", "findings_of_all", "own_connections", "own_campaigns", "own_accounts", "latest_replies", "goals", "open_invitations",
        "rules", "trust",
    ]  # fmt: skip
    readonly_fields = [*OrganizationAdmin.readonly_fields, *shown]

    def get_fieldsets(self, request: HttpRequest, obj: Organization | None = None) -> Any:
        details = {"fields": self.fields}
        if obj is None:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": ["figures", "findings_of_all", "trust"]}),
            (_("What it runs"), {"fields": ["own_connections", "own_campaigns", "own_accounts"]}),
            (_("Replies and goals"), {"fields": ["latest_replies", "goals"]}),
            (_("People and rules"), {"fields": ["open_invitations", "rules"]}),
            (_("Details"), details),
        ]

    def decorate(self, rows: list[Any]) -> None:
        super().decorate(rows)
        keys = [row.pk for row in rows]
        sending = Campaign.objects.sending().filter(organization__in=keys)
        campaigns = dict(sending.order_by().values_list("organization").annotate(count=Count("pk")))
        accounts: Any = EmailAccount.objects.filter(organization__in=keys).order_by().values_list("organization")
        by_row = {
            pk: (count, bad)
            for pk, count, bad in accounts.annotate(
                count=Count("pk"), bad=Count("pk", filter=~Q(status="active") | Q(missing_since__isnull=False))
            )
        }
        for row in rows:
            row.sending_count = campaigns.get(row.pk, 0)
            row.accounts = by_row.get(row.pk, (0, 0))

    @admin.display(description=_("organization"), ordering="name")
    def badge(self, organization: Organization) -> SafeString | str:
        if organization.is_house:
            return format_html("{} {}", organization.name, badge(_("house"), "quiet"))
        return organization.name

    @admin.display(description=_("campaigns sending"))
    def sending(self, organization: Any) -> SafeString:
        query = f"?organization__id__exact={organization.pk}&status__exact=active"
        return object_pages.links(query, [("campaigns_campaign", number(organization.sending_count))])

    @admin.display(description=_("email accounts, not able to send"))
    def mailboxes(self, organization: Any) -> SafeString:
        count, bad = organization.accounts
        words = f"{number(count)}, {number(bad)}" if bad else number(count)
        return object_pages.links(f"?organization__id__exact={organization.pk}", [("accounts_emailaccount", words)])

    # --- one organization -------------------------------------------------------------------------------------------

    @admin.display(description=_("figures"))
    def figures(self, organization: Organization) -> SafeString:
        """Return figures of 30 days beside the 30 before, with links to lists of the rows counted."""
        rows = DailyStats.objects.filter(organization=organization)
        pages = [
            ("messaging_dailystats", _("Stats by day")),
            ("messaging_message", _("Messages")),
            ("messaging_contact", _("Contacts")),
            ("messaging_event", _("Events")),
        ]
        return format_html(
            "{}{}",
            object_pages.figures_table(figures_of(rows, today=timezone.now().date())),
            object_pages.links(f"?organization__id__exact={organization.pk}", pages),
        )

    @admin.display(description=_("findings"))
    def findings_of_all(self, organization: Organization) -> SafeString | str:
        """Return the worst open findings of the organization and of its campaigns, mailboxes and connections."""
        rows = open_findings(timezone.now()).filter(organization=organization)[:MOST_FINDINGS]
        return listed(worst_first(list(rows))[:MOST_LISTED], named=True) or badge(_("None"), "good")

    @admin.display(description=_("connections and feed"))
    def own_connections(self, organization: Organization) -> SafeString:
        shared = Campaign.objects.filter(organization=organization).order_by().values("connection_id")
        used = ProviderConnection.objects.filter(Q(organization=organization) | Q(pk__in=shared))
        now = timezone.now()
        rows = (
            (
                link(row),
                self._shared(organization, row) if row.is_shared else "",
                row.get_status_display(),
                ago(row.last_event_at, now),
                str(feed_of(row)),
            )
            for row in with_feed(used.defer("api_key", "raw"))[:MOST]
        )
        return object_pages.table([_("connection"), "", _("status"), _("last event"), _("feed")], rows)

    def _shared(self, organization: Organization, connection: ProviderConnection) -> SafeString:
        """Return that a workspace is shared, with the way out of it for a customer."""
        if organization.is_house:
            return badge(_("shared"), "quiet")
        url = reverse("admin:promotion_new", args=[organization.pk, connection.pk])
        return format_html('{} <a href="{}">{}</a>', badge(_("shared"), "quiet"), url, _("Own workspace"))

    @admin.display(description=_("campaigns"))
    def own_campaigns(self, organization: Organization) -> SafeString:
        period = Period(timezone.now().date().replace(day=1), None)
        found = Campaign.objects.filter(organization=organization, missing_since__isnull=True)
        rows = list(found.defer("raw", "sequences", "schedule", "senders")[:MOST])
        own: Any = period.filter(DailyStats.objects.filter(organization=organization, campaign__in=rows))
        sums = {
            pk: figures
            for pk, *figures in own.order_by()
            .values_list("campaign_id")
            .annotate(a=Sum("sent"), b=Sum("unique_replies"), c=Sum("interested"))
        }
        page = CampaignAdmin(Campaign, self.admin_site)
        said = ((link(row), page.state(row), *map(number, sums.get(row.pk, (0, 0, 0)))) for row in rows)
        heads = [_("campaign"), _("status"), _("sent this month"), _("replied"), _("positive")]
        query = f"?organization__id__exact={organization.pk}"
        return format_html(
            "{}{}",
            object_pages.table(heads, said),
            object_pages.links(query, [("campaigns_campaign", _("All campaigns"))]),
        )

    @admin.display(description=_("email accounts"))
    def own_accounts(self, organization: Organization) -> SafeString:
        rows = EmailAccount.objects.filter(organization=organization).defer("raw")[:MOST]
        said = ((link(row), row.get_status_display(), row.warmup_score, row.daily_limit) for row in rows)
        heads = [_("email account"), _("status"), _("warm-up score"), _("daily limit")]
        query = f"?organization__id__exact={organization.pk}"
        return format_html(
            "{}{}",
            object_pages.table(heads, said),
            object_pages.links(query, [("accounts_emailaccount", _("All email accounts"))]),
        )

    @admin.display(description=_("latest replies"))
    def latest_replies(self, organization: Organization) -> SafeString:
        """Return sender and subject of the latest replies, without text: reading one is audited, on the message's own page."""
        rows = replies(Message.objects.filter(organization=organization))[:5]
        said = (
            (f"{row.happened_at:%Y-%m-%d %H:%M}", link(row, row.subject or "–"), row.contact, row.campaign or "")
            for row in rows
        )
        return object_pages.table([_("when"), _("subject"), _("contact"), _("campaign")], said)

    @admin.display(description=_("goals of the month"))
    def goals(self, organization: Organization) -> SafeString:
        month = first_day(timezone.now().date())
        targets = dict(Goal.objects.filter(organization=organization, month=month).values_list("metric", "target"))
        said = ((METRIC_WORDS[name], number(targets[name])) for name in METRICS if name in targets)
        return object_pages.table([_("stat"), _("target")], said)

    @admin.display(description=_("open invitations"))
    def open_invitations(self, organization: Organization) -> SafeString:
        rows = Invitation.objects.open().filter(organization=organization)[:MOST]
        said = ((row.email, row.get_role_display(), f"{row.expires_at:%Y-%m-%d}") for row in rows)
        return object_pages.table([_("address"), _("role"), _("until")], said)

    @admin.display(description=_("assignment rules"))
    def rules(self, organization: Organization) -> SafeString:
        rows = AssignmentRule.objects.filter(organization=organization).select_related("connection")
        rows = rows.defer("connection__api_key", "connection__raw")[:MOST]
        said = (
            (
                link(row),
                format_html(
                    '<a href="{}">{}</a>', reverse("admin:assignment_rules", args=[row.connection_id]), row.connection
                ),
                state_badge(row),
            )
            for row in rows
        )
        return object_pages.table([_("rule"), _("connection"), ""], said)

    @admin.display(description=_("trust"))
    def trust(self, organization: Organization) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:trust", args=[organization.pk]),
            _("Stats beside Instantly's, isolation, who read what"),
        )
