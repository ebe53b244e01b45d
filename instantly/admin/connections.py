"""Admin page of connections with feed, budget and actions at Instantly.

Extends the page of the app that owns the table, which knows no provider, by actions.
"""

from typing import Any

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.connections import ConnectionAdmin
from accounts.models import ProviderConnection
from instantly.admin import object_pages
from instantly.admin.action_mixin import ActionAdminMixin
from instantly.admin.finding_targets import FindingFilter, FindingsMixin
from instantly.client import BudgetKind
from instantly.connections.rate_limiter import budget_of
from instantly.monitoring.feed_health import feed_of, with_feed

BUDGETS: dict[BudgetKind, Promise | str] = {"general": _("all calls"), "emails": _("lists of emails")}

ADDED = {"name": ("findings_listed",), "workspace_id": ("feed", "budget", "look", "staff_actions")}
"""Fields that are added to the part of the page with the named one."""

admin.site.unregister(ProviderConnection)


def _with_ours(options: Any) -> Any:
    added = [name for place, names in ADDED.items() if place in options["fields"] for name in names]
    return {**options, "fields": [*options["fields"], *added]}


@admin.register(ProviderConnection)
class ConnectionActionsAdmin(ActionAdminMixin, FindingsMixin, ConnectionAdmin):
    list_display = [*ConnectionAdmin.list_display[:4], "findings", *ConnectionAdmin.list_display[4:]]
    list_filter = [FindingFilter, *ConnectionAdmin.list_filter, "last_synced_at"]
    readonly_fields = [*ConnectionAdmin.readonly_fields, "feed", "budget", "staff_actions", "look", "findings_listed"]
    fieldsets = [(title, _with_ours(options)) for title, options in ConnectionAdmin.fieldsets]

    @admin.display(description=_("look at"))
    def look(self, connection: ProviderConnection) -> SafeString:
        """Return links to the lists of the connection's campaigns, email accounts, deliveries and runs."""
        pages = [
            ("instantly_syncrun", _("Sync runs")),
            ("instantly_held", _("Held deliveries")),
            ("instantly_delivery", _("Deliveries")),
            ("campaigns_campaign", _("Campaigns")),
            ("accounts_emailaccount", _("Email accounts")),
        ]
        return object_pages.links(f"?connection={connection.pk}", pages)

    @admin.display(description=_("what staff did"))
    def staff_actions(self, connection: ProviderConnection) -> SafeString | str:
        return object_pages.actions_table(connection)

    @admin.display(description=_("feed"))
    def feed(self, connection: ProviderConnection) -> str:
        """Return since when the connection's events are complete, and which gaps could not be filled."""
        (told,) = with_feed(ProviderConnection.objects.filter(pk=connection.pk).defer("api_key", "raw"))
        return str(feed_of(told))

    @admin.display(description=_("requests to Instantly"))
    def budget(self, connection: ProviderConnection) -> str:
        """Return in words how many requests all processes together have used and have left in the current window."""
        budget = budget_of(connection)
        uses = zip(BUDGETS.values(), budget.usages(list(BUDGETS)), strict=True)
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
