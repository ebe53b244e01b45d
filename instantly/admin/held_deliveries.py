"""Admin page of held deliveries: replay with a preview of its effects, or dismiss."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import BoundedPaginator, ConnectionFilter, ReadOnlyAdmin, badge
from accounts.admin.readable import ReadableMixin, plain_link
from accounts.models import ProviderConnection, User
from instantly.admin.deliveries import TONES, may_replay
from instantly.admin.replay_words import preview
from instantly.choices import HeldReason
from instantly.models import Delivery, Held
from instantly.processing.holding import dismiss
from instantly.processing.replay import requeue
from salesbrain.kernel.messages import shown
from salesbrain.web.figures import moment


class ConnectionOfHeldFilter(ConnectionFilter):
    """Filter by the connection of the delivery: the table of held deliveries has no such column."""

    column = "connection_key"  # of the page's own rows, see get_queryset


@admin.register(Held)
class HeldAdmin(ReadableMixin, ReadOnlyAdmin):
    change_form_template = "admin/delivery_change_form.html"
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
    list_filter = ["reason", ConnectionOfHeldFilter, "held_at"]
    search_fields = ["=delivery_id", "detail"]
    paginator = BoundedPaginator
    fields = ["delivery", "event_type", "connection", "reason_badge", "said", "attempts", "held_at", "next_try_at"]
    readonly_fields = [
        "delivery",
        "event_type",
        "connection",
        "reason_badge",
        "said",
        "attempts",
        "held_at",
        "next_try_at",
    ]
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

    def sentence(self, held: Any) -> str:
        """Return a sentence: the delivery, the reason it is held, and whether the worker tries it again."""
        said = {"type": held.type_came or gettext("A delivery without a type"), "reason": held.get_reason_display()}
        if held.next_try_at is None:
            return (
                gettext("%(type)s has had no effect: %(reason)s. Nothing happens with it until a person decides.")
                % said
            )
        said["time"] = moment(held.next_try_at)
        return gettext("%(type)s has had no effect: %(reason)s. It is tried again on %(time)s.") % said

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        held = kwargs.get("obj")
        context["may_act"] = held is not None and may_replay(request)
        context["may_dismiss"] = held is not None and held.reason != HeldReason.DISMISSED
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description=_("Replay: show what it would do"), permissions=["act"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Held]) -> HttpResponse | None:
        """Show a preview of processing the chosen deliveries again; once confirmed, put them into the queue."""
        ids = list(queryset.values_list("pk", flat=True))
        if "confirmed" not in request.POST:
            return self._preview(request, ids)
        queued = requeue(ids)
        words = ngettext(
            "%(count)s put back into the queue; the worker processes it in a moment.",
            "%(count)s put back into the queue; the worker processes them in a moment.",
            queued,
        )
        self.message_user(request, words % {"count": queued})
        return redirect("admin:instantly_delivery_progress", ids[0]) if len(ids) == 1 else None

    def _preview(self, request: HttpRequest, ids: list[int]) -> HttpResponse:
        across = request.POST.get("select_across") == "1"  # all that the list's filters leave, not the page's alone
        context = {
            **self.admin_site.each_context(request), "title": gettext("Replay: process again"), "opts": self.opts, "preview": preview(ids),
            "named": ids[:1] if across else ids, "across": across, "checkbox": ACTION_CHECKBOX_NAME,
        }  # fmt: skip
        return TemplateResponse(request, "admin/replay_preview.html", context)

    @admin.action(description=_("Dismiss: keep, and try no more"), permissions=["act"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Held]) -> None:
        count = dismiss(list(queryset.values_list("pk", flat=True)), actor=cast(User, request.user))
        words = ngettext(
            "%(count)s dismissed. Replay takes that back.", "%(count)s dismissed. Replay takes that back.", count
        )
        self.message_user(request, words % {"count": count})

    def has_act_permission(self, request: HttpRequest) -> bool:
        return may_replay(request)

    @admin.display(description=_("event type"))
    def event_type(self, held: Any) -> str:
        return held.type_came or ""

    @admin.display(description=_("connection"))
    def connection(self, held: Any) -> SafeString | str:
        if not held.connection_name:
            return ""
        return plain_link(
            reverse("admin:accounts_providerconnection_change", args=[held.connection_key]), held.connection_name
        )

    @admin.display(description=_("reason"), ordering="reason")
    def reason_badge(self, held: Held) -> SafeString:
        return badge(held.get_reason_display(), TONES[HeldReason(held.reason)])

    @admin.display(description=_("detail"))
    def short_detail(self, held: Held) -> str:
        detail = shown(held.detail)
        return detail if len(detail) <= 160 else f"{detail[:159]}…"

    @admin.display(description=_("detail"))
    def said(self, held: Held) -> str:
        """Return the whole detail of why the delivery is held, as a sentence."""
        return shown(held.detail)
