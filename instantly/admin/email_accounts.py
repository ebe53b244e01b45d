"""Admin page of email accounts with health, usage, warm-up and actions at Instantly.

Extends the page of the app that owns the table, which knows no provider, by actions.
"""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge, link, read_only_fields
from accounts.admin.email_accounts import EmailAccountAdmin
from accounts.choices import EmailAccountStatus
from accounts.models import EmailAccount, Organization
from accounts.templatetags.number_format import percent
from campaigns.models import Campaign
from instantly.admin import object_pages
from instantly.admin.action_mixin import ActionAdminMixin
from instantly.admin.domain_words import domain_checks
from instantly.admin.finding_targets import FindingFilter, FindingsMixin
from messaging.choices import MeasurementKind, Severity
from messaging.email_account_health import MAX_BOUNCE_RATE, EmailAccountHealth, health_by_account
from messaging.findings import object_figures
from messaging.findings.judges import account_broken
from messaging.models import DailyStats, Measurement
from salesbrain.web.charts import sparkline

admin.site.unregister(EmailAccount)


@admin.register(EmailAccount)
class EmailAccountActionsAdmin(ActionAdminMixin, FindingsMixin, EmailAccountAdmin):
    """Admin of email accounts with sends of the day against the limit, bounce and reply rates, findings and actions."""

    list_display = [
        "address", "organization", "connection", "state", "findings", "sent_today", "bounce_rate", "reply_rate", "warmup",
        "status_at", "synced_at",
    ]  # fmt: skip
    fieldsets = [
        (None, {"fields": ["address", "organization", "connection", "verdict", "findings_listed", "state", "errors"]}),
        (_("Sending"), {"fields": ["sent_today", "figures", "bounce_rate", "complaint_rate", "reply_rate", "campaigns", "staff_actions"]}),
        (_("Warm-up"), {"fields": ["warmup", "warmup_trend", "warmup_limit"]}),
        (_("Domain"), {"fields": ["domain"]}),
        (_("Mailbox"), {
            "classes": ["collapse"],
            "fields": ["first_name", "last_name", "mail_provider", "smtp_host", "imap_host", "daily_limit", "sending_gap"],
        }),
        (_("Details"), {
            "classes": ["collapse"],
            "fields": ["provider", "provider_id", "status_code", "status_at", "warmup_status_code", "provider_created_at",
                       "provider_updated_at", "synced_at", "missing_since", "raw_json", "id", "created_at", "updated_at"],
        }),
    ]  # fmt: skip
    readonly_fields = [
        *read_only_fields(EmailAccount, without=["raw", "digest"]), "sent_today", "bounce_rate", "complaint_rate", "reply_rate", "verdict",
        "findings_listed", "state", "errors", "figures", "campaigns", "staff_actions", "warmup", "warmup_trend", "domain", "raw_json",
    ]  # fmt: skip

    list_filter = [FindingFilter, *EmailAccountAdmin.list_filter, "status_at"]

    def decorate(self, rows: list[Any]) -> None:
        super().decorate(rows)
        known = [each for each in getattr(rows, "filters", ()) if getattr(each, "field_path", "") == "organization"]
        organizations = [pk for pk, _name in known[0].lookup_choices] if known else None
        found = health_by_account(rows, today=timezone.now().date(), organizations=organizations)
        for row in rows:
            row.health = found.get((row.connection_id, row.address), EmailAccountHealth())

    def _health(self, account: Any) -> EmailAccountHealth:
        if not hasattr(account, "health"):
            self.decorate([account])
        return account.health

    @admin.display(description=_("health"))
    def verdict(self, account: Any) -> SafeString:
        """Return a badge: burning, watch or green, by the most severe open finding of the account. One that cannot send is burning at once,
        also before the rules have run.
        """
        if not hasattr(account, "open_findings"):
            self.decorate([account])
        severities = {row.severity for row in account.open_findings}
        is_broken = account_broken(status=account.status, is_gone=account.missing_since is not None) is not None
        if is_broken or Severity.CRITICAL in severities:
            return badge(_("Burning"), "bad")
        return badge(_("Watch"), "warn") if severities - {Severity.NOTICE} else badge(_("Green"), "good")

    @admin.display(description=_("errors"))
    def errors(self, account: EmailAccount) -> str:
        """Return the provider's error of the account and since when; empty while it works."""
        if account.status in (EmailAccountStatus.ACTIVE, EmailAccountStatus.UNKNOWN) or account.status_at is None:
            return ""
        words = {"status": account.get_status_display(), "time": f"{account.status_at:%Y-%m-%d %H:%M}"}
        return f"{gettext('%(status)s since %(time)s UTC') % words} {account.status_reason}".strip()

    @admin.display(description=_("figures"))
    def figures(self, account: EmailAccount) -> SafeString:
        rows = DailyStats.objects.filter(
            organization__in=list(Organization.objects.values_list("pk", flat=True)),
            email_account=account.address,
            campaign__connection=account.connection_id,
        )
        query = f"?{urlencode({'email_account__exact': account.address})}"
        return format_html(
            "{}{}",
            object_pages.figures_table(object_figures.figures_of(rows, today=timezone.now().date())),
            object_pages.links(query, [("messaging_dailystats", _("Stats by day"))]),
        )

    @admin.display(description=_("campaigns"))
    def campaigns(self, account: EmailAccount) -> SafeString | str:
        rows = Campaign.objects.sending_from(account.address).filter(connection=account.connection_id).only("name")[:20]
        return format_html_join(", ", "{}", ((link(row),) for row in rows))

    @admin.display(description=_("SPF, DKIM, DMARC"))
    def domain(self, account: EmailAccount) -> SafeString:
        """Return the latest check of the domain, which staff request by an action; opening the page sends no DNS query."""
        return domain_checks(account)

    @admin.display(description=_("what staff did"))
    def staff_actions(self, account: EmailAccount) -> SafeString | str:
        return object_pages.actions_table(account)

    @admin.display(description=_("score by day"))
    def warmup_trend(self, account: EmailAccount) -> SafeString | str:
        """Return the chart of daily warm-up scores, which we record because the provider reports only the current one."""
        rows = Measurement.objects.filter(kind=MeasurementKind.WARMUP_SCORE, target_id=account.pk).order_by("day")
        scores = [round(value) for value in rows.values_list("value", flat=True)]
        return format_html("{} {}", sparkline(scores), " ".join(map(str, scores[-7:]))) if scores else ""

    @admin.display(description=_("sent today"))
    def sent_today(self, account: EmailAccount) -> str:
        sent = f"{self._health(account).sent_today:,}"
        if account.daily_limit is None:
            return sent
        return gettext("%(count)s of %(limit)s") % {"count": sent, "limit": f"{account.daily_limit:,}"}

    @admin.display(description=_("bounces, 7 d"))
    def bounce_rate(self, account: EmailAccount) -> SafeString | str:
        rate = self._health(account).rate("bounces")
        return badge(percent(rate), "bad") if rate is not None and rate > MAX_BOUNCE_RATE else percent(rate)

    @admin.display(description=_("complaints, 7 d"))
    def complaint_rate(self, account: EmailAccount) -> SafeString | str:
        rate = self._health(account).rate("complaints")
        return badge(percent(rate), "bad") if rate else percent(rate)

    @admin.display(description=_("replies, 7 d"))
    def reply_rate(self, account: EmailAccount) -> str:
        return percent(self._health(account).rate("replies"))
