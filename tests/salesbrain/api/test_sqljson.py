"""Equality of the JSON that PostgreSQL builds with the serializer's."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from rest_framework import serializers

from accounts.api.serializers import EmailAccountSerializer, StaffEmailAccountSerializer
from accounts.models import EmailAccount
from campaigns.api.serializers import CampaignDetailSerializer, CampaignSerializer, StaffCampaignSerializer
from campaigns.models import Campaign
from messaging.api.conversation_serializers import ConversationSerializer, NoteSerializer, ThreadMessage
from messaging.api.serializers import ContactSerializer, EventSerializer, MessageSerializer
from messaging.models import Contact, Conversation, Event, Message, Note
from salesbrain import rls
from salesbrain.api import sqljson
from salesbrain.api.renderers import dumps
from tests import factories

PAIRS = [
    (CampaignSerializer, Campaign),
    (CampaignDetailSerializer, Campaign),
    (StaffCampaignSerializer, Campaign),
    (EmailAccountSerializer, EmailAccount),
    (StaffEmailAccountSerializer, EmailAccount),
    (MessageSerializer, Message),
    (ContactSerializer, Contact),
    (EventSerializer, Event),
    (ConversationSerializer, Conversation),
    (ThreadMessage, Message),
    (NoteSerializer, Note),
]
ODD = 'a "quote", a \\ backslash, a line\nbreak, ü, 😀, </script>, \u2028'


@pytest.fixture
def rows(acme_connection):
    at = datetime(2026, 7, 10, 12, 0, 0, 1, tzinfo=UTC)
    full = factories.campaign(
        acme_connection,
        ODD,
        status_at=at,
        daily_limit=0,
        senders=[ODD],
        schedule={"k": [1, 2.5, None, True, ODD]},
        sequences=[{"a": 1}],
    )
    factories.campaign(acme_connection, "bare", open_tracking=None, missing_since=at)
    factories.campaign(acme_connection, "troubled", status="bounce_protect", not_sending="error")
    factories.email_account(acme_connection, "A@b.example", first_name=ODD, warmup_score=99.5, status_at=at)
    factories.email_account(acme_connection, "c@b.example", status="paused", daily_limit=None)
    states: list[dict[str, Any]] = [
        {},
        {"opened_at": at},
        {"opened_at": at, "clicked_at": at},
        {"replied_at": at},
        {"bounced_at": at},
        {"direction": "in"},
        {"direction": "in", "is_auto_reply": True},
    ]
    for number, state in enumerate(states):
        factories.message(full, f"lead{number}@lead.example", subject=ODD, body_text=None, open_count=number, **state)
    person = factories.contact(
        acme_connection.organization, "x@lead.example", first_name=ODD, interest="lead_interested"
    )
    factories.contact(
        acme_connection.organization, "y@lead.example", interest="lead_interested", staff_interest="", replied_at=at
    )
    factories.event(full, 2**62, "custom", detail=ODD, contact=person, position=7, interest=ODD)
    factories.conversation(person, state="snoozed", snoozed_until=at, category=ODD)
    factories.conversation(factories.contact(acme_connection.organization, "y@lead.example"), assignee_id=person.pk)


@pytest.mark.parametrize(("serializer", "model"), PAIRS, ids=lambda value: value.__name__)
def test_postgresql_and_the_serializer_agree(rows, serializer, model):
    with rls.scope(rls.SYSTEM):
        ours = model.objects.order_by("pk")
        in_sql = [
            orjson.loads(row)
            for row in ours.annotate(_row=sqljson.expression(serializer)).values_list("_row", flat=True)
        ]
        in_python = orjson.loads(dumps([dict(row) for row in serializer(ours, many=True).data]))
        assert in_sql == in_python
        assert [list(row) for row in in_sql] == [list(row) for row in in_python], "the same fields in the same order"
        assert in_sql


def test_a_field_without_a_form_in_sql_fails_before_anybody_asks():
    class Wrong(serializers.Serializer):
        figure = serializers.DecimalField(max_digits=5, decimal_places=2)

    with pytest.raises(sqljson.NoColumn, match="figure is a DecimalField"):
        sqljson.expression(Wrong)


def test_a_time_of_long_ago_is_written_like_every_other():
    assert dumps({"at": datetime(1, 1, 1, tzinfo=UTC)}) == b'{"at":"0001-01-01T00:00:00.000000Z"}'
