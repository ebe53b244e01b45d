"""API endpoints of messages, contacts and the event feed."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Campaign
from messaging.api.next_step_serializers import next_step
from messaging.api.parameters import ContactList, ContactTimeline, EventFeed, MessageList
from messaging.api.read_audit import ReadAuditView
from messaging.api.score_serializers import score_of
from messaging.api.serializers import (
    ContactDetail,
    ContactSerializer,
    EventSerializer,
    MessageSerializer,
    SuppressionSerializer,
)
from messaging.choices import MessageKind
from messaging.follow_ups.of_contact import follow_up_of
from messaging.models import Contact, ContactVariables, DailyStats, Event, Message, Suppression
from messaging.timeline import Place, as_json, timeline
from salesbrain.api import sqljson
from salesbrain.api.cursors import UnknownCursor, pack, unpack
from salesbrain.api.renderers import Answer
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView
from salesbrain.kernel import fast_reads
from salesbrain.kernel.addresses import searched
from salesbrain.kernel.fast_reads import Where

FEED = {
    "cursor": {
        "type": "integer",
        "minimum": 0,
        "description": "`since` of the next request, also when there was nothing new.",
    },
    "more": {"type": "boolean", "description": "There is more already: ask again at once."},
}


class CampaignMessagesViewSet(ReadAuditView):
    fast = ("list",)
    parameters = {"list": MessageList}
    shapes = {"list": Listed("messages", MessageSerializer)}

    def list(self, request: Request, campaign_id: str) -> Response:
        """List the emails of a campaign, sent and received.

        Latest first. With `limit` and `offset`, or by `cursor`, which costs the same at any depth.
        """
        key, organization = self.columns(Campaign, campaign_id, "id", "organization_id")
        own = {"organization_id": organization, "campaign_id": key}

        def total() -> int:
            return fast_reads.total(Where(DailyStats, own), "messages")

        # Those written by hand are in the conversation, as they are in no figure.
        return self.listed(Where(Message, {**own, "kind": MessageKind.CAMPAIGN.value}), total=total)


class ContactViewSet(ReadAuditView):
    tells_texts = ("retrieve",)
    parameters = {"list": ContactList, "retrieve": ContactTimeline}
    shapes = {"list": Listed("contacts", ContactSerializer), "retrieve": ContactDetail}

    def list(self, request: Request) -> Response:
        """List the contacts of the organization."""
        return self.listed(self.own(Contact))

    def retrieve(self, request: Request, contact_id: str) -> Response:
        """Return one contact, with its suppressions and timeline.

        The timeline has the latest first; `next` of the answer, sent as `before`, leads on to older entries.
        """
        contact = self.one(Contact, contact_id)
        suppressions = Suppression.objects.in_force().filter(
            organization_id=contact.organization_id, email=searched(contact.email)
        )
        now = timezone.now()
        entries, place = timeline(contact, limit=self.asked["limit"], before=_place(self.asked["before"]))
        known = ContactVariables.objects.filter(organization=contact.organization_id, pk=contact.pk).first()
        return Response(
            {
                "contact": self.one_as_json(Contact, contact_id, ContactSerializer),
                "score": score_of(contact, known, now=now),
                "next_step": next_step(follow_up_of(contact, now=now)),
                "variables": known.variables if known else {},
                "variables_left_out": known.left_out if known else [],
                "suppressions": SuppressionSerializer(suppressions, many=True).data,
                "timeline": as_json(entries),
                "next": pack(str(place)) if place else None,
            }
        )


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        return Place.read(unpack(cursor, 1)[0])
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise UnknownCursor from None


class EventFeedViewSet(ApiView):
    fast = ("list",)
    parameters = {"list": EventFeed}
    shapes = {"list": Listed("events", EventSerializer, extra=FEED, beside={"limit": {"type": "integer"}})}

    def list(self, request: Request) -> Response:
        """List events in feed order: the order in which they became visible.

        A feed to follow: keep `cursor` of each answer and send it as `since` of the next request. Places are given in the
        order of commits, so nothing is skipped or repeated, whatever is written at the same time.
        """
        since, limit = self.asked["since"], self.asked["limit"]
        events = self.asked.filter(self.own(Event, position__gt=since))
        rows = sqljson.page(
            events,
            EventSerializer,
            order=["position"],
            beside=["position"],
            limit=limit + 1,
            prepare=not self.asked.narrows,
        )
        page = rows[:limit]
        data: dict[str, Any] = {
            "events": [sqljson.fragment(row) for row, _ in page],
            "cursor": page[-1][1] if page else since,
            "more": len(rows) > limit,
        }
        return Response(Answer(data, {"limit": limit}))
