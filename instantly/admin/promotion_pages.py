"""Admin pages that promote a customer: overview, wizard with a check, progress, undo."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Provider
from accounts.models import Organization, ProviderConnection
from instantly.actions.promotion import works
from instantly.actions.promotion.candidates import candidates, in_shared_workspaces
from instantly.actions.promotion.requests import CannotPromote, Choice, begin, confirm, request_continue, request_undo
from instantly.actions.registry import action_of
from instantly.actions.runner import request_action
from instantly.admin.promotion_rows import TONES, overview_rows, ticked_by_default
from instantly.admin.promotion_rows import details as promotion_details
from instantly.choices import PromotionState
from instantly.models import Promotion, StaffAction
from salesbrain.kernel.messages import message, shown

VIEW = "instantly.view_promotion"
LATEST = 10
"""Closed promotions that the overview lists."""


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the routes of these pages below the admin."""
    pages = Pages(site)
    view = site.admin_view
    return [
        path("promotion/", view(pages.overview), name="promotions"),
        path("promotion/new/<uuid:organization_id>/<uuid:connection_id>/", view(pages.wizard), name="promotion_new"),
        path("promotion/<uuid:promotion_id>/", view(pages.promotion), name="promotion"),
    ]


class Pages:
    def __init__(self, site: AdminSite) -> None:
        self.site = site

    # --- overview -------------------------------------------------------------------------------------------------

    def overview(self, request: HttpRequest) -> HttpResponse:
        """List the customers who have campaigns in shared workspaces, and the promotions so far."""
        self._allow(request, VIEW)
        made = Promotion.objects.select_related("organization", "source", "destination").defer(
            "source__api_key", "source__raw", "destination__api_key", "destination__raw", "plan", "journal"
        )
        closed = [PromotionState.CONFIRMED, PromotionState.UNDONE]
        open_ones = list(made.exclude(state__in=closed))
        context = {
            "rows": overview_rows(in_shared_workspaces(), {row.organization_id: row for row in open_ones}),
            "open": [(row, TONES[PromotionState(row.state)]) for row in open_ones],
            "closed": [(row, TONES[PromotionState(row.state)]) for row in made.filter(state__in=closed)[:LATEST]],
            "may_promote": self._may(request),
            "may_connect": request.user.has_perm("accounts.add_providerconnection"),
        }
        return self._page(request, "admin/promotion_overview.html", _("Promote customers"), context)

    # --- wizard ---------------------------------------------------------------------------------------------------

    def wizard(self, request: HttpRequest, organization_id: UUID, connection_id: UUID) -> HttpResponse:
        """Show what a promotion would take and what speaks against it; check it with Instantly, or begin it."""
        self._allow(request, VIEW)
        organization = get_object_or_404(Organization, pk=organization_id, is_house=False)
        source = get_object_or_404(_connections(), pk=connection_id, organization__isnull=True)
        if request.method == "POST":
            self._allow_change(request)
            answer = self._post_wizard(request, organization, source)
            if answer is not None:
                return answer
        there = candidates(organization, source)
        check = self._check(request, source)
        given = _given(request) if request.method == "POST" else _of_check(check)
        own = list(_connections().filter(organization=organization, is_active=True))
        ticked = given or ticked_by_default(there, source, own)
        context = {
            "organization": organization,
            "source": source,
            "own": own,
            "keys": list(_connections().filter(is_active=True)),
            "accounts": there.accounts,
            "campaigns": there.campaigns,
            "cut": there.cut,
            "blocked": sum(not one.is_free for one in there.accounts),
            "ticked": ticked,
            "check": check,
            "steps": _steps(check),
            "looks_again": check is not None and not check.is_over,
            "open": Promotion.objects.filter(organization=organization).exclude(
                state__in=[PromotionState.CONFIRMED, PromotionState.UNDONE]
            ).first(),
            "may_promote": self._may(request),
            "may_connect": request.user.has_perm("accounts.add_providerconnection"),
        }  # fmt: skip
        title = gettext("Promote %(name)s") % {"name": organization.name}
        return self._page(request, "admin/promotion_new.html", title, context)

    def _post_wizard(
        self, request: HttpRequest, organization: Organization, source: ProviderConnection
    ) -> HttpResponse | None:
        """Do what was asked for; None after an error, which is shown above the form as it was sent."""
        given, user = _given(request), request.user
        actor: Any = user
        if given["destination"] is None:
            messages.error(request, gettext("Choose the customer's own workspace first."))
            return None
        if "check" in request.POST:
            choice = {name: _as_json(value) for name, value in given.items()}
            made = request_action(works.CHECK, actor=actor, target=source, arguments={"choice": choice})
            return redirect(f"{request.path}?check={made.pk}")
        choice_made = Choice(
            organization_id=organization.pk,
            source_id=source.pk,
            destination_id=given["destination"],
            admin_id=given["admin"],
            accounts=given["accounts"],
            copied=given["copied"],
            paused=given["paused"],
        )
        try:
            promotion = begin(choice_made, actor=actor, actor_name=actor.email)
        except CannotPromote as error:
            messages.error(request, shown(error))
            return None
        return self._queued(request, promotion, works.PROMOTE)

    def _check(self, request: HttpRequest, source: ProviderConnection) -> StaffAction | None:
        key = _key(request.GET.get("check"))
        return StaffAction.objects.filter(pk=key, kind=works.CHECK, connection=source).first() if key else None

    # --- one promotion --------------------------------------------------------------------------------------------

    def promotion(self, request: HttpRequest, promotion_id: UUID) -> HttpResponse:
        """Show how far a promotion is, with what stayed as it was; continue, undo or confirm it."""
        self._allow(request, VIEW)
        rows = Promotion.objects.select_related("organization", "source", "destination", "admin_connection").defer(
            *(
                f"{name}__{field}"
                for name in ("source", "destination", "admin_connection")
                for field in ("api_key", "raw")
            )
        )
        promotion: Promotion = get_object_or_404(rows, pk=promotion_id)
        if request.method == "POST":
            self._allow_change(request)
            return self._post_promotion(request, promotion)
        is_queued = StaffAction.objects.filter(
            connection=promotion.source_id, kind__in=[works.PROMOTE, works.UNDO], finished_at__isnull=True
        ).exists()
        context = {
            **promotion_details(promotion),
            "promotion": promotion,
            "looks_again": promotion.state == PromotionState.RUNNING and is_queued,
            "is_abandoned": promotion.state == PromotionState.RUNNING and not is_queued,
            "may_promote": self._may(request),
        }
        title = gettext("Promotion of %(name)s") % {"name": promotion.organization.name}
        return self._page(request, "admin/promotion.html", title, context)

    def _post_promotion(self, request: HttpRequest, promotion: Promotion) -> HttpResponse:
        actor: Any = request.user
        by: dict[str, Any] = {"actor": actor, "actor_name": actor.email}
        now = timezone.now()
        here = redirect("admin:promotion", promotion_id=promotion.pk)
        try:
            if "confirm" in request.POST:
                confirm(promotion, now=now, **by)
                messages.success(request, gettext("Confirmed. This promotion is closed."))
                return here
            if "undo" in request.POST:
                request_undo(promotion, now=now, **by)
                return self._queued(request, promotion, works.UNDO)
            if "continue" in request.POST:
                if promotion.state != PromotionState.RUNNING:  # one that a killed command left goes on as it is
                    request_continue(promotion, now=now)
                return self._queued(request, promotion, works.UNDO if promotion.undo_at else works.PROMOTE)
        except CannotPromote as error:
            messages.error(request, shown(error))
            return here
        raise BadRequest(gettext("What was asked for is not known here."))

    # --- parts ----------------------------------------------------------------------------------------------------

    def _queued(self, request: HttpRequest, promotion: Promotion, kind: str) -> HttpResponse:
        actor: Any = request.user
        target = ProviderConnection.objects.defer("api_key", "raw").get(pk=promotion.source_id)
        request_action(
            kind,
            actor=actor,
            target=target,
            arguments={"promotion": str(promotion.pk)},
            name=promotion.organization.name,
        )
        messages.success(request, gettext("Queued. Progress is shown here."))
        return redirect("admin:promotion", promotion_id=promotion.pk)

    def _may(self, request: HttpRequest) -> bool:
        return request.user.has_perm(action_of(works.PROMOTE).permission)

    def _allow(self, request: HttpRequest, permission: str) -> None:
        if not request.user.has_perm(permission):
            raise PermissionDenied

    def _allow_change(self, request: HttpRequest) -> None:
        if not self._may(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, template: str, title: Any, context: Mapping[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.site.each_context(request), "title": title, **context})


def _connections() -> Any:
    return ProviderConnection.objects.filter(provider=Provider.INSTANTLY).defer("api_key", "raw").order_by("name")


def _given(request: HttpRequest) -> dict[str, Any]:
    """Return what the form says. Raises BadRequest for what is no id."""
    return {
        "destination": _key(request.POST.get("destination")),
        "admin": _key(request.POST.get("admin")),
        **{name: _keys(request.POST.getlist(name)) for name in ("accounts", "copied", "paused")},
    }


def _of_check(check: StaffAction | None) -> dict[str, Any] | None:
    """Return what was chosen when a check was asked for; None for no check."""
    choice = (check.result.get("choice") or check.arguments.get("choice")) if check is not None else None
    if choice is None:
        return None
    return {
        "destination": _key(choice["destination"]),
        "admin": _key(choice["admin"]),
        **{name: _keys(choice[name]) for name in ("accounts", "copied", "paused")},
    }


def _steps(check: StaffAction | None) -> list[dict[str, Any]]:
    if check is None:
        return []
    return [
        {"name": shown(message(f"step.{step['step']}")), "ok": step["ok"], "detail": shown(step["detail"])}
        for step in check.result.get("steps", ())
    ]


def _as_json(value: Any) -> Any:
    if isinstance(value, Collection) and not isinstance(value, str):
        return sorted(str(one) for one in value)
    return str(value) if value is not None else None


def _key(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise BadRequest(gettext("What was chosen is not known here.")) from error


def _keys(values: Collection[str]) -> frozenset[UUID]:
    return frozenset(key for key in map(_key, values) if key is not None)
