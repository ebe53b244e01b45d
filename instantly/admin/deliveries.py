"""Admin pages of webhook deliveries and their queue: state, payload, processing outcome.

A payload contains mail text, so opening one is audited like reading a message.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import (
    JSON_SHOWN,
    BoundedPaginator,
    ConnectionFilter,
    ReadOnlyAdmin,
    as_json,
    badge,
    link,
    read_only_fields,
)
from accounts.admin.readable import ReadableMixin, joined, plain_link
from accounts.models import ProviderConnection
from campaigns.models import Campaign
from instantly.choices import HeldReason
from instantly.models import Delivery, Held, Pending
from messaging.event_words import event_in_words
from messaging.models import Event
from salesbrain.kernel.messages import shown
from salesbrain.web.figures import moment

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


def held_words(reason: HeldReason) -> str:
    return gettext("Held: %(reason)s") % {"reason": reason.label}


def may_replay(request: HttpRequest) -> bool:
    """Return whether the user may replay or dismiss held deliveries: operators and admins may, viewers may not."""
    return bool(request.user.has_perm("instantly.add_staffaction"))


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("pending", str(_("Pending"))),
            *((reason.value, held_words(reason)) for reason in HeldReason),
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
class DeliveryAdmin(ReadableMixin, ReadOnlyAdmin):
    change_form_template = "admin/delivery_change_form.html"
    list_display = ["id", "received_at", "event_type", "connection", "state", "campaign", "origin"]
    list_filter = [StateFilter, ConnectionFilter, "origin", "received_at"]
    windowed = ("origin", "received_at")
    search_fields = ["=id", "=campaign"]
    search_help_text = _("A delivery's number, or the provider's campaign id (of the newest 20,000).")
    sortable_by = ()
    paginator = BoundedPaginator
    fieldsets = [
        (None, {"fields": ["state", "why_held", "connection", "campaign_link", "event_link", "contact_link", "message_link"]}),
        (_("Payload"), {"classes": ["collapse"], "fields": ["payload_json"]}),
        (_("Details"), {"classes": ["collapse"], "fields": ["id", "event_type", "received_at", "origin", "campaign"]}),
    ]  # fmt: skip
    readonly_fields = [
        *read_only_fields(Delivery, without=["body", "cleaned", "digest", "connection_id"]), "state", "why_held", "connection",
        "campaign_link", "event_link", "contact_link", "message_link", "payload_json",
    ]  # fmt: skip

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

    # --- what it is and how it stands -------------------------------------------------------------------------------

    def sentence(self, delivery: Any) -> SafeString:
        """Return a sentence: event type, time and connection of the delivery, and its outcome."""
        said = {"connection": _name(delivery), "time": moment(delivery.received_at), "type": delivery.event_type}
        if delivery.event_type:
            came = gettext("“%(type)s” of %(connection)s, received on %(time)s.") % said
        else:
            came = gettext("A delivery without a type of %(connection)s, received on %(time)s.") % said
        return joined(came, self.became(delivery))

    def became(self, delivery: Any) -> str:
        """Return the outcome of a delivery, as a sentence."""
        event, held = self._event(delivery), self._held(delivery)
        if delivery.is_pending:
            return gettext("It waits for a worker.")
        if event is not None and event.copy_of is not None:
            return gettext("It repeats #%(number)s, which counts for both.") % {"number": event.copy_of}
        if event is not None:
            said = {"event": event_in_words(event.type, event.detail), "organization": event.organization}
            return gettext("Recorded as “%(event)s” for %(organization)s.") % said
        if held is not None:
            return gettext("It has had no effect so far: %(reason)s.") % {"reason": HeldReason(held.reason).label}
        return gettext("It is done and was recorded as nothing.")

    def _event(self, delivery: Any) -> Event | None:
        if not hasattr(delivery, "event_read"):
            related = Event.objects.select_related("organization", "campaign", "contact", "message")
            names = (
                "campaign__raw",
                "campaign__sequences",
                "message__body_text",
                "message__body_html",
                "message__reply_text",
            )
            delivery.event_read = related.defer(*names).filter(pk=delivery.pk).first()
        return delivery.event_read

    def _held(self, delivery: Any) -> Held | None:
        if not hasattr(delivery, "held_read"):
            delivery.held_read = Held.objects.filter(pk=delivery.pk).first()
        return delivery.held_read

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        delivery: Any = kwargs.get("obj")
        held = self._held(delivery) if delivery is not None else None
        context["may_act"] = held is not None and not delivery.is_pending and may_replay(request)
        context["may_dismiss"] = held is not None and held.reason != HeldReason.DISMISSED
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.progress_view)
        return [path("<int:pk>/progress/", progress, name="instantly_delivery_progress"), *super().get_urls()]

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the state of a replayed delivery until it is processed. Without its payload, so no audit entry is needed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        delivery: Any = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {
            **self.admin_site.each_context(request), "title": gettext("Replay of #%(number)s") % {"number": pk}, "opts": self.opts,
            "pk": pk, "state": self.state(delivery), "sentence": self.sentence(delivery), "reloads": delivery.is_pending,
        }  # fmt: skip
        return TemplateResponse(request, "admin/replay_progress.html", context)

    # --- links and values -------------------------------------------------------------------------------------------

    @admin.display(description=_("connection"))
    def connection(self, delivery: Any) -> SafeString | str:
        if not delivery.connection_name:
            return _name(delivery)
        url = reverse("admin:accounts_providerconnection_change", args=[delivery.connection_id])
        return plain_link(url, delivery.connection_name)

    @admin.display(description=_("campaign"))
    def campaign_link(self, delivery: Any) -> SafeString | str:
        """Return a link to the campaign the delivery was recorded for or, if it has had no effect, to the one it names."""
        event = self._event(delivery)
        if event is not None or not delivery.campaign:
            return link(event.campaign) if event is not None else ""
        named = (
            Campaign.objects.filter(connection=delivery.connection_id, provider_id=delivery.campaign)
            .only("name")
            .first()
        )
        return link(named) or gettext("unknown here: %(campaign)s") % {"campaign": delivery.campaign}

    @admin.display(description=_("event"))
    def event_link(self, delivery: Any) -> SafeString | str:
        event = self._event(delivery)
        return link(event, event_in_words(event.type, event.detail)) if event is not None else ""

    @admin.display(description=_("contact"))
    def contact_link(self, delivery: Any) -> SafeString | str:
        event = self._event(delivery)
        return link(event.contact) if event is not None else ""

    @admin.display(description=_("message"))
    def message_link(self, delivery: Any) -> SafeString | str:
        event = self._event(delivery)
        return link(event.message) if event is not None else ""

    @admin.display(description=_("state"))
    def state(self, delivery: Any) -> SafeString:
        if delivery.is_pending:
            return badge(_("Pending"), "quiet")
        if delivery.held_reason:
            reason = HeldReason(delivery.held_reason)
            return badge(held_words(reason), TONES[reason])
        if delivery.copy_of is None:
            return badge(_("Done"), "good")
        return badge(gettext("A copy of #%(number)s") % {"number": delivery.copy_of}, "quiet")

    @admin.display(description=_("why"))
    def why_held(self, delivery: Delivery) -> SafeString | str:
        held = self._held(delivery)
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


def _name(delivery: Any) -> str:
    deleted = gettext("deleted: %(connection)s") % {"connection": delivery.connection_id}
    return delivery.connection_name or deleted


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
