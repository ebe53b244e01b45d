"""Processing of webhooks captured from the real service, if they are beside the checkout."""

from pathlib import Path

import orjson
import pytest
from django.conf import settings

from instantly.models import Alert, Held
from instantly.processing import payload_contract
from instantly.processing.vocabulary import event_type
from messaging import identity
from messaging.events import EventType
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from tests import factories

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "instantly" / "samples" / "webhooks"
FILES = sorted(SAMPLES.glob("*.json")) if SAMPLES.is_dir() else []
WITHOUT_A_MESSAGE = {
    EventType.ACCOUNT_ERROR,
    EventType.CAMPAIGN_COMPLETED,
    EventType.ENRICHMENT_COMPLETED,
    EventType.EMAIL_UNSUBSCRIBED,
    EventType.LEAD_COMPLETED,
    EventType.CUSTOM,
}
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not FILES, reason="the captured deliveries (../shared/instantly/samples/webhooks) are absent"),
    pytest.mark.parametrize("file", FILES or [None], ids=lambda file: file.stem if file else "none"),
]


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.all())


def test_a_captured_delivery_of_another_workspace_is_held_and_not_recorded(file, post, work, acme_connection):
    factories.campaign(acme_connection)
    secret = factories.webhook_secret(acme_connection)
    assert post(secret, file.read_bytes()).status_code == 200
    assert work() == 1
    (held,) = all_of(Held)
    assert (held.reason, held.detail) == ("workspace_mismatch", orjson.loads(file.read_bytes())["workspace"])
    assert [alert.kind for alert in all_of(Alert)] == ["workspace_mismatch"]
    assert all_of(Event) == all_of(Message) == all_of(Contact) == all_of(DailyStats) == []


def test_a_captured_delivery_of_its_workspace_finds_organization_contact_and_mail(
    file, post, work, shared_connection, globex, house
):
    """Deliver to a shared workspace, where only the campaign determines the organization."""
    campaign = factories.campaign(shared_connection, "Globex", globex)
    body = orjson.loads(file.read_bytes())
    body["workspace"] = shared_connection.workspace_id
    if body["campaign_id"]:
        body["campaign_id"] = campaign.provider_id
    assert payload_contract.problems(body) == []
    assert post(factories.webhook_secret(shared_connection), body).status_code == 200
    assert work() == 1
    assert all_of(Held) == []
    (event,) = all_of(Event)
    type = event_type(body["event_type"])
    assert (event.type, event.detail) == (type, body["event_type"])
    owner = globex if body["campaign_id"] else house
    assert (event.organization_id, event.campaign_id) == (owner.pk, campaign.pk if body["campaign_id"] else None)
    if lead := body.get("lead_email"):
        (person,) = all_of(Contact)
        assert (person.pk, person.email) == (identity.contact_id(globex.pk, lead), lead)
    messages = {message.pk: message for message in all_of(Message)}
    assert bool(messages) is (type not in WITHOUT_A_MESSAGE and not type.startswith("lead_"))
    assert {message.organization_id for message in messages.values()} <= {globex.pk}
    if type in (EventType.EMAIL_SENT, EventType.EMAIL_OPENED, EventType.EMAIL_CLICKED, EventType.REPLY_RECEIVED):
        sent = identity.outbound_id(campaign.pk, lead, body["step"], body["variant"])
        assert messages[sent].email_account == body["email_account"].lower()
    if type in (EventType.REPLY_RECEIVED, EventType.AUTO_REPLY_RECEIVED):
        reply = messages[event.message_id]
        assert reply.reply_text and body["reply_text"].startswith(reply.reply_text)
        assert "wrote:" not in reply.reply_text
        assert reply.is_auto_reply is (type is EventType.AUTO_REPLY_RECEIVED)
