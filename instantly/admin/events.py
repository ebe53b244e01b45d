"""Admin page of events, each with a link to the delivery that reported it.

Extends the page of the app that owns the table, which knows no provider, by the link.
"""

from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.readable import plain_link
from instantly.models import Delivery
from messaging.admin.events import EventAdmin
from messaging.models import Event

admin.site.unregister(Event)


@admin.register(Event)
class EventDeliveryAdmin(EventAdmin):
    readonly_fields = [*EventAdmin.readonly_fields, "delivery"]
    fields = [*EventAdmin.fields, "delivery"]

    @admin.display(description=_("delivery"))
    def delivery(self, event: Event) -> SafeString | str:
        """Return a link to the delivery; empty for events decided by staff or rules, which have none."""
        if not Delivery.objects.filter(pk=event.pk).exists():
            return ""
        return plain_link(reverse("admin:instantly_delivery_change", args=[event.pk]), f"#{event.pk}")
