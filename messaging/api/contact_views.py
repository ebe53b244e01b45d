"""API endpoints of contacts: list, and one contact with its timeline."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.next_step_serializers import next_step
from messaging.api.parameters import ContactList, ContactTimeline
from messaging.api.read_audit import ReadAuditView
from messaging.api.score_serializers import score_of
from messaging.api.serializers import ContactDetail, ContactSerializer, SuppressionSerializer
from messaging.follow_ups.of_contact import follow_up_of
from messaging.models import Contact, ContactVariables, Suppression
from messaging.timeline import Place, as_json, timeline
from salesbrain.api.cursors import UnknownCursor, pack, unpack
from salesbrain.api.responses import Listed
from salesbrain.kernel.addresses import searched


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
