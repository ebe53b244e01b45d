"""Add staff actions to the admin pages of campaigns, email accounts and connections.

The pages themselves are in the apps that own these models and know no provider; here they are registered again with actions.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge
from accounts.admin.connections import ConnectionAdmin
from accounts.admin.email_accounts import EmailAccountAdmin
from accounts.models import EmailAccount, ProviderConnection
from accounts.templatetags.number_format import percent
from campaigns.admin import CampaignAdmin
from campaigns.models import Campaign
from instantly.actions.forms import CreateForm
from instantly.actions.registry import action_of
from instantly.actions.runner import request_action
from instantly.admin.action_mixin import ActionAdminMixin
from instantly.connections.rate_limiter import budget_of
from instantly.monitoring.feed_health import feed_of, with_feed
from messaging.email_account_health import MAX_BOUNCE_RATE, EmailAccountHealth, health_by_account

BUDGETS = {"general": _("all calls"), "emails": _("lists of emails")}

for model in (Campaign, EmailAccount, ProviderConnection):
    admin.site.unregister(model)


@admin.register(Campaign)
class CampaignActionsAdmin(ActionAdminMixin, CampaignAdmin):
    creates = action_of("campaign_create")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(self.creates.permission))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Show the form that creates a campaign at Instantly; its row is mirrored from there."""
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


@admin.register(EmailAccount)
class EmailAccountActionsAdmin(ActionAdminMixin, EmailAccountAdmin):
    """Admin of email accounts with actions, sends against the daily limit, and the ratios providers judge by."""

    list_display = [
        "address", "organization", "connection", "state", "sent_today", "bounce_rate", "complaint_rate", "reply_rate", "warmup",
        "status_at", "synced_at",
    ]  # fmt: skip
    fields = ["sent_today", "bounce_rate", "complaint_rate", "reply_rate", *EmailAccountAdmin.fields]
    readonly_fields = ["sent_today", "bounce_rate", "complaint_rate", "reply_rate", *EmailAccountAdmin.readonly_fields]

    def decorate(self, rows: list[Any]) -> None:
        found = health_by_account(rows, today=timezone.now().date())
        for row in rows:
            row.health = found.get((row.connection_id, row.address), EmailAccountHealth())

    def _health(self, account: Any) -> EmailAccountHealth:
        if not hasattr(account, "health"):
            self.decorate([account])
        return account.health

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


@admin.register(ProviderConnection)
class ConnectionActionsAdmin(ActionAdminMixin, ConnectionAdmin):
    readonly_fields = [*ConnectionAdmin.readonly_fields, "feed", "budget"]
    fieldsets = [
        (
            title,
            {
                **options,
                "fields": [*options["fields"], *(["feed", "budget"] if "workspace_id" in options["fields"] else [])],
            },
        )
        for title, options in ConnectionAdmin.fieldsets
    ]

    @admin.display(description=_("feed"))
    def feed(self, connection: ProviderConnection) -> str:
        """Show since when the connection's events are complete, and which gaps could not be filled."""
        (told,) = with_feed(ProviderConnection.objects.filter(pk=connection.pk).defer("api_key", "raw"))
        return str(feed_of(told))

    @admin.display(description=_("requests to Instantly"))
    def budget(self, connection: ProviderConnection) -> str:
        """Show how much of the rate limit all processes together have used and have left."""
        budget = budget_of(connection)
        uses = [(name, budget.usage(kind)) for kind, name in BUDGETS.items()]  # type: ignore[arg-type]
        sentence = gettext("%(kind)s: %(used)s used, %(left)s left of %(limit)s in %(seconds)s s")
        return "; ".join(
            sentence
            % {
                "kind": name,
                "used": use.used,
                "left": use.limit - use.used,
                "limit": use.limit,
                "seconds": f"{use.seconds:.0f}",
            }
            for name, use in uses
        )
