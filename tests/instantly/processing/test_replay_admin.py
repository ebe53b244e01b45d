"""Replay of held deliveries in the admin: preview without changes, queue, progress."""

import orjson
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from instantly.admin import replay_words
from instantly.models import Delivery, Held
from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging import handlers
from salesbrain import rls
from tests import factories
from tests.instantly.processing.test_replay import everything

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/instantly/held/"


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection, "Q3")


@pytest.fixture
def deliver(campaign):
    """Return `deliver(**changes)`: store a delivery of Acme's campaign; returns its id."""

    def store(**changes):
        body = {
            "event_type": "email_sent", "timestamp": "2026-07-10T09:00:00.000Z", "campaign_id": campaign.provider_id,
            "lead_email": "lead@lead.example", "email_account": "sender@sender.example", "step": 1, "variant": 1,
        }  # fmt: skip
        return store_raw(campaign.connection.pk, orjson.dumps(body | changes))

    return store


@pytest.fixture
def dead(deliver, monkeypatch):
    """Return `dead(**changes)`: create a dead delivery; the bug that made it fail is fixed by now."""

    def make(**changes) -> int:
        id = deliver(**changes)
        with monkeypatch.context() as patch:

            def broken(event):
                raise RuntimeError("a bug of ours")

            patch.setitem(handlers.HANDLERS, handlers.EventType.EMAIL_SENT, broken)
            process_pending()
        with rls.scope(rls.SYSTEM):
            Held.objects.filter(pk=id).update(reason="dead", attempts=6, next_try_at=None)
        return id

    return make


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, *ids: int, **more: str):
    return client.post(LIST, {"action": "replay", "_selected_action": [str(id) for id in ids], **more})


def test_a_preview_says_what_would_be_recorded_and_changes_nothing(dead, operator):
    id, before = dead(), None
    client = as_(operator)
    before = everything()
    text = ask(client, id).content.decode()
    assert everything() == before
    for part in ("Would be recorded", "“Email sent”", "for Acme, campaign Q3", "contact, message", f"#{id}"):
        assert part in text, part


def test_a_confirmed_replay_is_recorded_and_its_progress_links_the_event(dead, operator):
    id = dead()
    client = as_(operator)
    answer = ask(client, id, confirmed="yes")
    progress = reverse("admin:instantly_delivery_progress", args=[id])
    assert (answer.status_code, answer["Location"]) == (302, progress)
    waiting = client.get(progress).content.decode()
    assert "It waits for a worker." in waiting and 'name="follow"' in waiting
    process_pending()
    done = client.get(progress).content.decode()
    assert "Recorded as “Email sent” for Acme." in done and 'name="follow"' not in done
    with rls.scope(rls.SYSTEM):
        assert not Held.objects.exists()
        assert not AuditEntry.objects.filter(action="admin.read").exists(), "no payload was shown"


def test_a_preview_says_why_it_would_be_held_again(deliver, operator):
    id = deliver(campaign_id="00000000-0000-4000-8000-00000000dead", timestamp="2026-07-10T09:00:00.000Z", step="first")
    process_pending()
    text = ask(as_(operator), id).content.decode()
    assert "Would be held again" in text and "Its campaign is not known yet" in text
    assert "Fields that do not fit: step." in text


def test_deliveries_that_cannot_be_replayed_are_counted(dead, deliver, operator):
    pruned, open = dead(), dead(lead_email="two@lead.example")
    with rls.scope(rls.SYSTEM):
        Delivery.objects.filter(pk=pruned).update(body=None, cleaned=None)
    text = ask(as_(operator), pruned, open).content.decode()
    assert "1 cannot be replayed: its body was pruned" in text and f"#{open}" in text and "1 delivery goes back" in text


def test_a_long_preview_tries_a_few_and_names_the_rest(dead, operator, monkeypatch):
    monkeypatch.setattr(replay_words, "FORESEEN", 1)
    ids = [dead(lead_email=f"lead{number}@lead.example") for number in range(3)]
    text = ask(as_(operator), *ids).content.decode()
    assert text.count("Would be recorded") == 1 and "and 2 more, not tried" in text


def test_a_preview_begins_no_trial_after_its_time(dead, operator, monkeypatch):
    monkeypatch.setattr(replay_words, "SECONDS", -1.0)
    ids = [dead(lead_email=f"lead{number}@lead.example") for number in range(3)]
    assert "and 2 more, not tried" in ask(as_(operator), *ids).content.decode()


def test_all_that_a_filter_leaves_are_replayed_together(dead, operator):
    ids = [dead(lead_email=f"lead{number}@lead.example") for number in range(3)]
    client = as_(operator)
    chosen = {"action": "replay", "_selected_action": str(ids[0]), "select_across": "1"}
    assert 'name="select_across" value="1"' in client.post(f"{LIST}?reason__exact=dead", chosen).content.decode()
    client.post(f"{LIST}?reason__exact=dead", {**chosen, "confirmed": "yes"})
    assert process_pending() == 3


def test_a_viewer_sees_a_dead_delivery_and_replays_nothing(dead, viewer):
    id = dead()
    client = as_(viewer)
    ask(client, id, confirmed="yes")
    with rls.scope(rls.SYSTEM):
        assert Held.objects.get().attempts == 6
    for page in ("held", "delivery"):
        text = client.get(reverse(f"admin:instantly_{page}_change", args=[id])).content.decode()
        assert "Given up, or unreadable" in text and 'value="replay"' not in text, page


@pytest.mark.parametrize("page", ["held", "delivery"])
def test_the_page_of_a_dead_delivery_offers_replay_and_dismissal(dead, operator, page):
    id = dead()
    text = as_(operator).get(reverse(f"admin:instantly_{page}_change", args=[id])).content.decode()
    assert 'value="replay"' in text and 'value="dismiss"' in text and "Given up, or unreadable" in text


def test_a_dismissed_delivery_can_be_replayed_but_not_dismissed_again(dead, operator):
    id = dead()
    client = as_(operator)
    client.post(LIST, {"action": "dismiss", "_selected_action": str(id)})
    text = client.get(reverse("admin:instantly_delivery_change", args=[id])).content.decode()
    assert 'value="replay"' in text and 'value="dismiss"' not in text
