"""Admin pages that assign a shared workspace's campaigns: overview, rules with a preview, import."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ProviderConnection
from campaigns.assignment_rules import MOST_CAMPAIGNS, Decision, campaigns_of, plan, rules_of
from campaigns.assignment_suggestions import Evidence, Proposal, Reason, Suggestion
from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule, Campaign
from instantly.actions import assignment
from instantly.actions.runner import request_action
from instantly.admin.assignment_rules import state_badge
from instantly.models import StaffAction
from messaging.assignment import Move, put_into_effect
from salesbrain.web.figures import number

VIEW, CHANGE, ADD = "campaigns.view_assignmentrule", "campaigns.change_campaign", "campaigns.add_assignmentrule"
MOST_SHOWN = 300
"""Campaigns that the page of rules lists; the sentence of each rule counts all."""
IMPORTED_AT_ONCE = 100
MOST_CHOICES = 100
"""Customers in a drop-down list; with more of them a name is typed."""
HISTORY = 5
"""Latest assignments that are listed, each with its undo."""


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the routes of these pages below the admin."""
    pages = Pages(site)
    view = site.admin_view
    return [
        path("assignment/", view(pages.overview), name="assignment"),
        path("assignment/<uuid:connection_id>/", view(pages.rules), name="assignment_rules"),
        path("assignment/<uuid:connection_id>/import/", view(pages.import_campaigns), name="assignment_import"),
    ]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with a sentence on the campaigns it would assign; `owners`: number of these campaigns by their present organization."""

    rule: AssignmentRule
    state: str
    takes: int
    sentence: str
    by_hand: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class ImportRow:
    """An unassigned campaign, with the suggested customer and the reason in words."""

    campaign: Campaign
    owner: str
    because: str
    is_by_hand: bool


class Pages:
    def __init__(self, site: AdminSite) -> None:
        self.site = site

    # --- overview -------------------------------------------------------------------------------------------------

    def overview(self, request: HttpRequest) -> HttpResponse:
        """List the shared workspaces with their number of unassigned campaigns."""
        self._allow(request, VIEW)
        nobodys = Q(campaigns__organization__is_house=True)
        by_hand = Q(campaigns__assigned_at__isnull=False, campaigns__assigned_rule__isnull=True)
        rows = (
            ProviderConnection.objects.active()
            .filter(organization__isnull=True)
            .defer("api_key", "raw")
            .annotate(
                campaign_count=Count("campaigns"),
                nobodys=Count("campaigns", filter=nobodys & ~by_hand),
                by_hand=Count("campaigns", filter=by_hand),
                by_rule=Count("campaigns", filter=Q(campaigns__assigned_rule__isnull=False)),
            )
        )
        rules = dict(AssignmentRule.objects.order_by().values_list("connection_id").annotate(count=Count("pk")))
        listed = [(row, rules.get(row.pk, 0)) for row in rows]
        return self._page(request, "admin/assignment_overview.html", _("Assign campaigns"), {"rows": listed})

    # --- rules ----------------------------------------------------------------------------------------------------

    def rules(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Show the campaigns that the rules of a workspace would assign, and apply the rules."""
        self._allow(request, VIEW)
        connection = self._connection(connection_id)
        if request.method == "POST":
            return self._post_rules(request, connection)
        decisions, campaigns = self._plan(connection)
        every = AssignmentRule.objects.filter(connection=connection).select_related("organization")
        rules = list(every.order_by("priority", "created_at", "id"))
        told = [one for one in decisions if one.takes or one.stays_by_hand or one.others]
        told.sort(key=lambda one: (not one.takes, not one.others, one.campaign.name))
        context = {
            "connection": connection,
            "rules": [_rule_row(rule, decisions) for rule in rules],
            "decisions": told[:MOST_SHOWN],
            "unlisted": len(told) - len(told[:MOST_SHOWN]),
            "takes": sum(one.takes for one in decisions),
            "untested": sum(rule.is_active and rule.applied_at is None for rule in rules),
            "seen": _digest(rules),
            "campaign_count": campaigns,
            "tags_unread": any(rule.kind == RuleKind.TAG for rule in rules) and self._tags_are_unread(connection),
            "may_apply": request.user.has_perm(CHANGE) and connection.is_shared,
            "may_add": request.user.has_perm(ADD) and connection.is_shared,
            "add_url": _add_url(connection=connection.pk),
            "history": self._history(request, connection),
            "most": assignment.MOST_MOVES,
        }
        return self._page(request, "admin/assignment_rules.html", _("Assignment rules"), context)

    def _post_rules(self, request: HttpRequest, connection: ProviderConnection) -> HttpResponse:
        self._allow(request, CHANGE)
        here = redirect("admin:assignment_rules", connection_id=connection.pk)
        if "undo" in request.POST:
            return self._undo(request, connection, here)
        rules = list(AssignmentRule.objects.filter(connection=connection).order_by("priority", "created_at", "id"))
        if request.POST.get("seen") != _digest(rules):
            messages.error(
                request, gettext("The rules were changed meanwhile. Look again at what they take, then apply.")
            )
            return here
        decisions, _campaigns = self._plan(connection)
        shown, ticked = _keys(request, "shown"), _keys(request, "campaign")
        moves = []
        for one in [one for one in decisions if one.takes][: assignment.MOST_MOVES]:
            if one.campaign.pk in ticked or one.campaign.pk not in shown:
                moves.append(Move.of(one))
            elif one.campaign.assigned_at is None:  # unticked: it stays, and no rule takes it at the next sync
                owner = one.campaign.organization_id
                moves.append(Move(one.campaign.pk, owner, owner))
        put_into_effect(connection.pk, now=timezone.now())
        if not moves:
            messages.success(request, gettext("The rules are in effect: they assign new campaigns at each sync."))
            return here
        return self._request(request, connection, moves)

    # --- import ---------------------------------------------------------------------------------------------------

    def import_campaigns(self, request: HttpRequest, connection_id: UUID) -> HttpResponse:
        """Suggest a customer for each unassigned campaign, and assign those the person accepts."""
        self._allow(request, VIEW)
        connection = self._connection(connection_id)
        here = redirect("admin:assignment_import", connection_id=connection.pk)
        if request.method == "POST" and "undo" in request.POST:
            self._allow(request, CHANGE)
            return self._undo(request, connection, here)
        evidence = Evidence(connection.pk)
        choices = {row.name: row.pk for row in evidence.organizations}  # a name is one customer's
        if request.method == "POST":
            self._allow(request, CHANGE)
            return self._post_import(request, connection, evidence, choices, here)
        page = max(1, _whole(request.GET.get("page")))
        nobodys = sorted(
            evidence.unassigned, key=lambda row: (row.is_assigned_by_hand, row.name.casefold(), str(row.pk))
        )
        rows = nobodys[(page - 1) * IMPORTED_AT_ONCE : page * IMPORTED_AT_ONCE]
        suggestions = evidence.suggest(rows)
        names = {row.pk: row.name for row in evidence.organizations}
        context = {
            "connection": connection,
            "rows": [_import_row(row, suggestions.get(row.pk), names) for row in rows],
            "count": len(nobodys),
            "page": page,
            "next": page + 1 if len(nobodys) > page * IMPORTED_AT_ONCE else None,
            "suggested": len(suggestions),
            "choices": list(choices),
            "is_typed": len(choices) > MOST_CHOICES,
            "proposals": [_proposal_row(one, names, connection) for one in evidence.proposals()],
            "may_apply": request.user.has_perm(CHANGE) and connection.is_shared,
            "may_add": request.user.has_perm(ADD),
            "history": self._history(request, connection),
        }
        return self._page(request, "admin/assignment_import.html", _("Import campaigns"), context)

    def _post_import(
        self,
        request: HttpRequest,
        connection: ProviderConnection,
        evidence: Evidence,
        choices: Mapping[str, UUID],
        here: HttpResponse,
    ) -> HttpResponse:
        moves, unknown = [], []
        for row in evidence.unassigned:
            wanted = request.POST.get(f"of-{row.pk}", "").strip()
            if not wanted:
                continue
            if wanted in choices:
                moves.append(Move(row.pk, row.organization_id, choices[wanted]))
            else:
                unknown.append(wanted)
        if unknown:
            messages.error(
                request,
                gettext("There is no customer %(name)s; choose one of the list. Nothing was assigned.")
                % {"name": unknown[0]},
            )
            return here
        if not moves:
            messages.warning(request, gettext("Choose a customer for at least one campaign."))
            return here
        return self._request(request, connection, moves[: assignment.MOST_MOVES])

    # --- parts ----------------------------------------------------------------------------------------------------

    def _allow(self, request: HttpRequest, permission: str) -> None:
        if not request.user.has_perm(permission):
            raise PermissionDenied

    def _connection(self, connection_id: UUID) -> ProviderConnection:
        rows = ProviderConnection.objects.defer("api_key", "raw").select_related("organization")
        return get_object_or_404(rows, pk=connection_id)

    def _plan(self, connection: ProviderConnection) -> tuple[list[Decision], int]:
        """Return the plan as if every active rule were applied, and the number of campaigns looked at."""
        campaigns = list(campaigns_of(connection.pk)[:MOST_CAMPAIGNS])
        return plan(campaigns, rules_of(connection.pk, applied=False)), len(campaigns)

    def _tags_are_unread(self, connection: ProviderConnection) -> bool:
        return Campaign.objects.filter(connection=connection, tags__isnull=True).exists()

    def _request(self, request: HttpRequest, connection: ProviderConnection, moves: Sequence[Move]) -> HttpResponse:
        actor: Any = request.user
        made = request_action(assignment.KIND, actor=actor, target=connection, arguments=assignment.arguments_of(moves))
        return self._follow(request, made)

    def _undo(self, request: HttpRequest, connection: ProviderConnection, here: HttpResponse) -> HttpResponse:
        wanted = request.POST["undo"]
        known = assignment.history(connection.pk, most=HISTORY)
        done = next((row for row, may_undo in known if may_undo and str(row.pk) == wanted), None)
        if done is None:
            messages.error(request, gettext("This cannot be undone: it moved nothing, or it was undone already."))
            return here
        actor: Any = request.user
        arguments = assignment.arguments_of(assignment.moves_back(done), undoes=done.pk)
        return self._follow(
            request, request_action(assignment.KIND, actor=actor, target=connection, arguments=arguments)
        )

    def _follow(self, request: HttpRequest, action: StaffAction) -> HttpResponse:
        messages.success(request, gettext("Queued. Progress is shown here."))
        return redirect("admin:instantly_staffaction_change", action.pk)

    def _history(self, request: HttpRequest, connection: ProviderConnection) -> list[dict[str, Any]]:
        may = request.user.has_perm(CHANGE)
        return [
            {
                "action": row,
                "may_undo": may and can,
                "is_undo": bool(row.result.get("undoes") or row.arguments.get("undoes")),
            }
            for row, can in assignment.history(connection.pk, most=HISTORY)
        ]

    def _page(self, request: HttpRequest, template: str, title: Any, context: Mapping[str, Any]) -> HttpResponse:
        return TemplateResponse(request, template, {**self.site.each_context(request), "title": title, **context})


def _rule_row(rule: AssignmentRule, decisions: Sequence[Decision]) -> RuleRow:
    own = [one for one in decisions if one.rule.pk == rule.pk]
    taken = [one for one in own if one.takes]
    return RuleRow(
        rule,
        state_badge(rule),
        len(taken),
        _takes_sentence(taken),
        sum(one.stays_by_hand for one in own),
        sum(bool(one.others) for one in own),
    )


def _takes_sentence(taken: Sequence[Decision]) -> str:
    """Return "takes 14 campaigns, 2 of them Globex's today"; the agency's own are unassigned, so they are not named."""
    said = ngettext("takes %(count)s campaign", "takes %(count)s campaigns", len(taken)) % {"count": number(len(taken))}
    owners = Counter(one.campaign.organization.name for one in taken if not one.campaign.organization.is_house)
    parts = [
        gettext("%(count)s of them %(name)s's today") % {"count": number(count), "name": name}
        for name, count in owners.most_common(3)
    ]
    return ", ".join([said, *parts])


def _digest(rules: Sequence[AssignmentRule]) -> str:
    """Return a digest of the rules, by which a later request finds out whether they have changed since they were shown."""
    return sha256(" ".join(f"{rule.pk} {rule.updated_at.isoformat()}" for rule in rules).encode()).hexdigest()[:16]


def _keys(request: HttpRequest, name: str) -> set[UUID]:
    try:
        return {UUID(value) for value in request.POST.getlist(name)}
    except ValueError as error:
        raise BadRequest(gettext("What was chosen is no campaign.")) from error


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def _import_row(campaign: Campaign, suggestion: Suggestion | None, names: Mapping[UUID, str]) -> ImportRow:
    owner = names.get(suggestion.organization_id, "") if suggestion else ""
    because = _because(suggestion, owner) if suggestion else ""
    return ImportRow(campaign, owner, because, campaign.is_assigned_by_hand)


def _because(suggestion: Suggestion, name: str) -> str:
    given = {"detail": suggestion.detail, "count": number(suggestion.count), "name": name}
    if suggestion.reason == Reason.RULE:
        return gettext("the rule “%(detail)s” fits") % given
    if suggestion.reason == Reason.NAME:
        return gettext("“%(name)s” is in its name") % given
    if suggestion.reason == Reason.DOMAIN:
        return gettext("it sends from %(detail)s, which is %(name)s's") % given
    return ngettext(
        "it begins with “%(detail)s”, as %(count)s campaign of %(name)s does",
        "it begins with “%(detail)s”, as %(count)s campaigns of %(name)s do",
        suggestion.count,
    ) % given  # fmt: skip


def _proposal_row(proposal: Proposal, names: Mapping[UUID, str], connection: ProviderConnection) -> dict[str, Any]:
    return {
        "rule": f"{proposal.kind.label} “{proposal.value}”",
        "organization": names.get(proposal.organization_id, ""),
        "count": proposal.count,
        "takes": proposal.takes,
        "url": _add_url(
            connection=connection.pk,
            kind=proposal.kind.value,
            value=proposal.value,
            organization=proposal.organization_id,
        ),
    }


def _add_url(**given: Any) -> str:
    """Return the address of the form for a new rule, filled in."""
    return f"{reverse('admin:campaigns_assignmentrule_add')}?{urlencode(given)}"
