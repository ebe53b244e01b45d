"""API endpoint that streams rows of one kind as a file: messages, contacts, events, stats."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import StreamingHttpResponse
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.api.serializers import EmailAccountSerializer
from accounts.models import EmailAccount, User
from accounts.services import record_audit
from campaigns.api.serializers import CampaignDetailSerializer
from campaigns.models import Campaign
from messaging.api.conversation_serializers import ExportedMessage
from messaging.api.serializers import ContactSerializer, DailyStatsSerializer, EventSerializer
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from salesbrain.api import export_limits
from salesbrain.api.export_streams import FORMATS, Export, rechunk
from salesbrain.api.parameters import Choice, Key, Moment, Parameters
from salesbrain.api.responses import Streamed
from salesbrain.api.views import ApiView


@dataclass(frozen=True, slots=True)
class Kind:
    """Kind of rows to export, with the column each filter applies to; None: the filter is not available."""

    model: type[Model]
    serializer: type[serializers.Serializer]
    time: str | None = None
    updated: str | None = "updated_at"
    campaign: str | None = None


KINDS = {
    "campaigns": Kind(Campaign, CampaignDetailSerializer, time="created_at", campaign="id"),
    "email-accounts": Kind(EmailAccount, EmailAccountSerializer, time="created_at"),
    "contacts": Kind(Contact, ContactSerializer, time="first_seen_at"),
    "messages": Kind(Message, ExportedMessage, time="happened_at", campaign="campaign_id"),
    "events": Kind(Event, EventSerializer, time="happened_at", updated="recorded_at", campaign="campaign_id"),
    "stats": Kind(DailyStats, DailyStatsSerializer, time="day", updated=None, campaign="campaign_id"),
}


class ExportParameters(Parameters):
    format = Choice(
        choices=list(FORMATS),
        default="ndjson",
        help_text="ndjson: a JSON object a line, the first and last line are the manifest; csv; zip: the CSV and its manifest.",
    )
    since = Moment(help_text="At or after: when it happened, was first seen or was created; for stats by day.")
    until = Moment(help_text="Before.")
    updated_since = Moment(help_text="Only what changed since then; all of stats.")
    campaign_id = Key(help_text="Of one campaign; where the kind knows no campaign, all.")

    def lookups(self, kind: Kind) -> dict[str, Any]:
        named = {
            f"{kind.time}__gte": self["since"],
            f"{kind.time}__lt": self["until"],
            f"{kind.updated}__gte": self["updated_since"],
            f"{kind.campaign}": self["campaign_id"],
        }
        return {lookup: value for lookup, value in named.items() if value is not None and not lookup.startswith("None")}


class ExportViewSet(ApiView):
    rate = "export"
    in_transaction = False  # a streamed body is made after the view: each page opens its own scope
    parameters = {"retrieve": ExportParameters}
    shapes = {"retrieve": Streamed(tuple(media_type.partition(";")[0] for media_type, _ in FORMATS.values()))}
    path_parameters = {"kind": {"type": "string", "enum": list(KINDS)}}

    def retrieve(self, request: Request, kind: str) -> StreamingHttpResponse:
        """Return all rows of one kind as a file.

        Streamed, so any number of rows costs the same memory. A few at the same time; one that is not read for half a minute ends. Rows
        that are there at the beginning come exactly once.
        A broken connection shows: the last line of NDJSON and the manifest.json of the ZIP say `"complete": true`.
        In CSV, texts that a spreadsheet would run as a formula begin with an apostrophe.
        """
        if kind not in KINDS:
            raise NotFound
        assert self.scope is not None
        chosen, asked = KINDS[kind], self.asked
        assert isinstance(asked, ExportParameters)
        lookups = asked.lookups(chosen)
        with rls.scope(self.scope):
            self.mine(chosen.model._default_manager.all())  # refuses an organization that does not exist
        media_type, write = FORMATS[self.asked["format"]]
        export = Export(
            kind=kind,
            queryset=lambda: self._whose(chosen.model).filter(**lookups),
            serializer=chosen.serializer,
            scope=self.scope,
            filters={name: request.query_params[name] for name in request.query_params if name != "format"},
        )
        permit = export_limits.permit(request.user.pk)
        try:
            self._write_down(request, export)
            pieces = permit.during(rechunk(write(export)))
            response = StreamingHttpResponse(pieces, content_type=media_type)
        except BaseException:
            permit.give_back()
            raise
        permit.ends_with(response)
        response.headers["Content-Disposition"] = f'attachment; filename="{kind}.{self.asked["format"]}"'
        return response

    def _write_down(self, request: Request, export: Export) -> None:
        """Write the audit entry before the first byte: an interrupted export has already disclosed rows."""
        assert self.scope is not None and isinstance(request.user, User)
        whose = self.scope.organization_id or self.asked["organization_id"]
        detail = {"kind": export.kind, "format": self.asked["format"], "filters": export.filters}
        with rls.scope(rls.SYSTEM):
            record_audit(action="export", actor=request.user, organization_id=whose, detail=detail)

    def _whose(self, model: type[Model]) -> Any:
        assert self.scope is not None
        rows, organization = model._default_manager.all(), self.scope.organization_id or self.asked["organization_id"]
        return rows if organization is None else rows.filter(organization_id=organization)
