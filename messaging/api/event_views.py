"""API endpoint of the event feed."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from messaging.api.parameters import EventFeed
from messaging.api.serializers import EventSerializer
from messaging.models import Event
from salesbrain.api import sqljson
from salesbrain.api.renderers import Answer
from salesbrain.api.responses import Listed
from salesbrain.api.views import ApiView

FEED = {
    "cursor": {
        "type": "integer",
        "minimum": 0,
        "description": "`since` of the next request, also when there was nothing new.",
    },
    "more": {"type": "boolean", "description": "There is more already: ask again at once."},
}


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
