"""Admin page of connections with feed, budget and actions at Instantly.

The page is in the app that owns the table, which knows no provider; here it gets actions.
"""

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.connections import ConnectionAdmin
from accounts.models import ProviderConnection
from instantly.admin.action_mixin import ActionAdminMixin
from instantly.admin.finding_targets import FindingFilter, FindingsMixin
from instantly.connections.rate_limiter import budget_of
from instantly.monitoring.feed_health import feed_of, with_feed

BUDGETS = {"general": _("all calls"), "emails": _("lists of emails")}

admin.site.unregister(ProviderConnection)


@admin.register(ProviderConnection)
class ConnectionActionsAdmin(ActionAdminMixin, FindingsMixin, ConnectionAdmin):
    list_display = [*ConnectionAdmin.list_display[:4], "findings", *ConnectionAdmin.list_display[4:]]
    list_filter = [FindingFilter, *ConnectionAdmin.list_filter]
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
        """Return since when the connection's events are complete, and which gaps could not be filled."""
        (told,) = with_feed(ProviderConnection.objects.filter(pk=connection.pk).defer("api_key", "raw"))
        return str(feed_of(told))

    @admin.display(description=_("requests to Instantly"))
    def budget(self, connection: ProviderConnection) -> str:
        """Return in words how many requests all processes together have used and have left in the current window."""
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
