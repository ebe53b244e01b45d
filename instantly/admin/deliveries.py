"""Admin pages of webhook deliveries: state, payload, processing outcome.

A payload contains mail text, so opening one is audited like reading a message.
"""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import JSON_SHOWN, BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, as_json, badge
from accounts.models import ProviderConnection, User
from instantly.choices import HeldReason
from instantly.models import Delivery, Held, Pending
from instantly.processing.holding import dismiss
from instantly.processing.replay import requeue
from messaging.models import Event
from salesbrain.kernel.messages import shown

MAX_TERM = 300
TONES = {
    HeldReason.DEAD: "bad",
    HeldReason.WORKSPACE_MISMATCH: "bad",
    HeldReason.FAILED: "warn",
    HeldReason.UNKNOWN_CAMPAIGN: "warn",
    HeldReason.OVER_BUDGET: "bad",
    HeldReason.OPERATOR: "warn",
    HeldReason.DISMISSED: "quiet",
}


def _held(reason: HeldReason) -> str:
    return gettext("Held: %(reason)s") % {"reason": reason.label}


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("pending", str(_("Pending"))),
            *((reason.value, _held(reason)) for reason in HeldReason),
            ("done", str(_("Done"))),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery] | None:
        pending, held = Pending.objects.values("delivery_id"), Held.objects.values("delivery_id")
        if self.value() == "pending":
            return queryset.filter(pk__in=pending)
        if self.value() == "done":
            return queryset.filter(~Exists(pending.filter(pk=OuterRef("pk"))), ~Exists(held.filter(pk=OuterRef("pk"))))
        return queryset.filter(pk__in=held.filter(reason=self.value())) if self.value() in HeldReason.values else None


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["id", "received_at", "event_type", "connection", "state", "campaign", "origin"]
    list_filter = [StateFilter, ConnectionFilter, "origin", "received_at"]
    windowed = ("origin", "received_at")
    search_fields = ["=id", "=campaign"]
    search_help_text = _("A delivery's number, or the provider's campaign id (of the newest 20,000).")
    sortable_by = ()
    paginator = BoundedPaginator
    fields = [
        "id",
        "received_at",
        "event_type",
        "connection",
        "campaign",
        "origin",
        "state",
        "why_held",
        "payload_json",
    ]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        """Search by key, or among the newest rows: no index leads from a campaign to its deliveries."""
        term = search_term.strip()[:MAX_TERM]
        if not term:
            return queryset, False
        if term.isascii() and term.isdigit() and len(term) < 19:
            return queryset.filter(pk=int(term)), False
        return queryset.filter(self.newest({}), campaign=term), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Add the processing state and the connection to the page's rows by key look-ups."""
        held = Held.objects.filter(pk=OuterRef("pk"))
        name = ProviderConnection.objects.filter(pk=OuterRef("connection_id")).values("name")
        return (
            super()
            .get_queryset(request)
            .defer("body", "cleaned")
            .annotate(
                connection_name=Subquery(name),
                is_pending=Exists(Pending.objects.filter(pk=OuterRef("pk"))),
                held_reason=Subquery(held.values("reason")),
                copy_of=Subquery(Event.objects.filter(pk=OuterRef("pk")).values("copy_of")),
            )
        )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().change_view(request, object_id, *args, **kwargs)
        if response.status_code == 200:
            self.audit(request, "read", Delivery(pk=int(object_id)), name=f"delivery #{object_id}")
        return response

    @admin.display(description=_("connection"))
    def connection(self, delivery: Any) -> str:
        return delivery.connection_name or gettext("deleted: %(connection)s") % {"connection": delivery.connection_id}

    @admin.display(description=_("state"))
    def state(self, delivery: Any) -> SafeString:
        if delivery.is_pending:
            return badge(_("Pending"), "quiet")
        if delivery.held_reason:
            reason = HeldReason(delivery.held_reason)
            return badge(_held(reason), TONES[reason])
        if delivery.copy_of is None:
            return badge(_("Done"), "good")
        return badge(gettext("A copy of #%(number)s") % {"number": delivery.copy_of}, "quiet")

    @admin.display(description=_("why"))
    def why_held(self, delivery: Delivery) -> SafeString | str:
        held = Held.objects.filter(pk=delivery.pk).first()
        if held is None:
            return ""
        tries = [ngettext("%(count)s try", "%(count)s tries", held.attempts) % {"count": held.attempts}]
        if held.next_try_at:
            tries.append(gettext("next at %(time)s UTC") % {"time": f"{held.next_try_at:%Y-%m-%d %H:%M:%S}"})
        return format_html("{}<br>{}", shown(held.detail) or held.get_reason_display(), ", ".join(tries))

    @admin.display(description=_("payload"))
    def payload_json(self, delivery: Delivery) -> SafeString:
        if delivery.text is None:
            return format_html(
                "{}", gettext("The body was removed by retention or an erasure; the event and its digest stay.")
            )
        try:
            return as_json(delivery.payload)
        except ValueError:
            return format_html("<pre class='sb-json'>{}</pre>", delivery.text[:JSON_SHOWN])


@admin.register(Held)
class HeldAdmin(ReadOnlyAdmin):
    list_display = [
        "delivery",
        "event_type",
        "connection",
        "reason_badge",
        "short_detail",
        "attempts",
        "held_at",
        "next_try_at",
    ]
    list_display_links = ["event_type"]  # the first column leads to the delivery
    list_filter = ["reason", "held_at"]
    search_fields = ["=delivery_id", "detail"]
    paginator = BoundedPaginator
    fields = ["delivery", "event_type", "connection", "reason_badge", "said", "attempts", "held_at", "next_try_at"]
    actions = ["replay", "dismiss"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Held]:
        delivery = Delivery.objects.filter(pk=OuterRef("delivery_id"))
        name = ProviderConnection.objects.filter(pk=OuterRef("connection_key")).values("name")
        return (
            super()
            .get_queryset(request)
            .annotate(
                type_came=Subquery(delivery.values("event_type")),
                connection_key=Subquery(delivery.values("connection_id")),
            )
            .annotate(connection_name=Subquery(name))
        )

    @admin.display(description=_("delivery"), ordering="delivery_id")
    def delivery(self, held: Held) -> SafeString:
        return format_html('<a href="{}">#{}</a>', reverse("admin:instantly_delivery_change", args=[held.pk]), held.pk)

    @admin.action(description=_("Replay: process again"), permissions=["act"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Held]) -> None:
        queued = requeue(list(queryset.values_list("pk", flat=True)))
        words = ngettext(
            "%(count)s put back into the queue; the worker processes it in a moment.",
            "%(count)s put back into the queue; the worker processes them in a moment.",
            queued,
        )
        self.message_user(request, words % {"count": queued})

    @admin.action(description=_("Dismiss: keep, and try no more"), permissions=["act"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Held]) -> None:
        count = dismiss(list(queryset.values_list("pk", flat=True)), actor=cast(User, request.user))
        words = ngettext(
            "%(count)s dismissed. Replay takes that back.", "%(count)s dismissed. Replay takes that back.", count
        )
        self.message_user(request, words % {"count": count})

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Allow operators and admins to decide about held deliveries; viewers only look."""
        return request.user.has_perm("instantly.add_staffaction")

    @admin.display(description=_("event type"))
    def event_type(self, held: Any) -> str:
        return held.type_came or ""

    @admin.display(description=_("connection"))
    def connection(self, held: Any) -> str:
        return held.connection_name or ""

    @admin.display(description=_("reason"), ordering="reason")
    def reason_badge(self, held: Held) -> SafeString:
        return badge(held.get_reason_display(), TONES[HeldReason(held.reason)])

    @admin.display(description=_("detail"))
    def short_detail(self, held: Held) -> str:
        detail = shown(held.detail)
        return detail if len(detail) <= 160 else f"{detail[:159]}…"

    @admin.display(description=_("detail"))
    def said(self, held: Held) -> str:
        return shown(held.detail)


@admin.register(Pending)
class PendingAdmin(ReadOnlyAdmin):
    """Admin page of the queue of deliveries, oldest first."""

    list_display = ["delivery", "event_type", "received_at"]
    list_display_links = ["event_type"]
    ordering = ["delivery_id"]
    paginator = BoundedPaginator
    fields = ["delivery", "event_type", "received_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pending]:
        delivery = Delivery.objects.filter(pk=OuterRef("delivery_id"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                type_came=Subquery(delivery.values("event_type")), came_at=Subquery(delivery.values("received_at"))
            )
        )

    @admin.display(description=_("delivery"), ordering=F("delivery_id"))
    def delivery(self, pending: Pending) -> SafeString:
        return format_html(
            '<a href="{}">#{}</a>', reverse("admin:instantly_delivery_change", args=[pending.pk]), pending.pk
        )

    @admin.display(description=_("event type"))
    def event_type(self, pending: Any) -> str:
        return pending.type_came or ""

    @admin.display(description=_("received"))
    def received_at(self, pending: Any) -> Any:
        return pending.came_at
