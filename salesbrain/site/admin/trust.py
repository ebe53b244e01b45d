"""Trust page of a customer: comparison of stats, completeness, isolation proof, access by staff."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from accounts.choices import AccessParty
from accounts.models import AccessEntry, Organization, User
from accounts.services import record_audit
from instantly.admin.staff_actions import DRIFT_STATS
from instantly.trust import StatRow, WorkspaceTrust, workspaces_of
from salesbrain import rls
from salesbrain.exporting.cells import cell
from salesbrain.isolation.report import latest
from salesbrain.kernel.trusted_proxies import client_address

READERS_OF = timedelta(days=90)
MOST_READERS, MOST_ENTRIES = 50, 50
MOST_EXPORTED = 50_000
MOST_DIFFERING = 200
WITH_MARK = "utf-8-sig"
"""Spreadsheets take a CSV for Latin-1 unless it begins with this mark."""


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the route of this page below the admin."""

    def page(request: HttpRequest, pk: UUID) -> HttpResponse:
        return _page(site, request, pk)

    return [path("trust/<uuid:pk>/", site.admin_view(page), name="trust")]


def _page(site: AdminSite, request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the facts about a customer's data that may be passed on to them; `?file=stats` and `?file=access` download the tables."""
    if not request.user.has_perm("accounts.view_organization"):
        raise PermissionDenied
    organization = get_object_or_404(Organization, pk=pk)
    file = request.GET.get("file")
    if file is not None:
        return _download(request, organization, file)
    now = timezone.now()
    proof = latest()
    entries = _entries(organization)
    context = {
        **site.each_context(request),
        "title": gettext("Trust: %(name)s") % {"name": organization.name},
        "organization": organization,
        "workspaces": [_shown(workspace) for workspace in workspaces_of(organization.pk)],
        "proof": proof,
        "tries": sum(proof["tries"].values()) if proof else 0,
        "readers": _readers(entries.filter(at__gt=now - READERS_OF)),
        "entries": list(entries[:MOST_ENTRIES]),
        "days": READERS_OF.days,
        "now": now,
        "most": MOST_EXPORTED,
    }
    return TemplateResponse(request, "admin/trust.html", context)


def _shown(workspace: WorkspaceTrust) -> dict[str, Any]:
    return {
        "workspace": workspace,
        "totals": [(DRIFT_STATS.get(row.stat, row.stat), row) for row in workspace.totals],
        "differing": [(DRIFT_STATS.get(row.stat, row.stat), row) for row in workspace.differing[:MOST_DIFFERING]],
        "unlisted": max(0, len(workspace.differing) - MOST_DIFFERING),
    }


def _entries(organization: Organization) -> "QuerySet[AccessEntry]":
    """Return the access log entries of the agency's people, the latest first."""
    return AccessEntry.objects.filter(organization=organization, party=AccessParty.AGENCY).order_by("-at", "-id")


def _readers(entries: "QuerySet[AccessEntry]") -> list[Any]:
    grouped = entries.order_by().values("actor_id", "actor_name")
    return list(
        grouped.annotate(
            times=Count("pk"), conversations=Count("conversation_id", distinct=True), last_at=Max("at")
        ).order_by("-times", "actor_name")[:MOST_READERS]
    )


def _download(request: HttpRequest, organization: Organization, file: str) -> HttpResponse:
    tables = {"stats": _stats_table, "access": _access_table}
    if file not in tables:
        raise Http404
    user = request.user
    assert isinstance(user, User)
    with rls.scope(rls.SYSTEM):  # a viewer may write nothing, and what leaves the house is written down
        record_audit(
            action="trust.export", actor=user, target=organization, organization_id=organization.pk, detail={"file": file},
            address=client_address(request),
        )  # fmt: skip
    body = _as_csv(tables[file](organization)).encode(WITH_MARK)
    name = f"{slugify(organization.slug)}-{file}-{timezone.now():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=headers)


def _stats_table(organization: Organization) -> Iterable[Sequence[Any]]:
    yield [
        gettext("Workspace"), gettext("Complete since (UTC)"), gettext("Compared at (UTC)"), gettext("Campaign"), gettext("Stat"),
        gettext("Ours"), gettext("Instantly's"), gettext("Difference"), gettext("Reason"),
    ]  # fmt: skip
    for workspace in workspaces_of(organization.pk):
        of = [
            workspace.connection.name, _moment(workspace.feed.complete_since), _moment(workspace.compared_at),
        ]  # fmt: skip
        for row in workspace.totals:
            yield [*of, gettext("all"), *_stat_cells(row)]
        for row in workspace.differing:
            yield [*of, row.campaign, *_stat_cells(row)]


def _stat_cells(row: StatRow) -> list[Any]:
    return [str(DRIFT_STATS.get(row.stat, row.stat)), row.ours, row.theirs, row.difference, row.reason]


def _access_table(organization: Organization) -> Iterable[Sequence[Any]]:
    yield [gettext("When (UTC)"), gettext("Who"), gettext("What"), gettext("Conversation")]
    for entry in _entries(organization)[:MOST_EXPORTED].iterator(chunk_size=2000):
        yield [_moment(entry.at), entry.actor_name, entry.get_action_display(), str(entry.conversation_id)]


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def _as_csv(rows: Iterable[Sequence[Any]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return buffer.getvalue()
