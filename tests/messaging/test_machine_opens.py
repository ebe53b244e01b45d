"""Opens and clicks by machines, reported in any order, and their form in the API."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from instantly.processing.batch import process_pending
from instantly.webhooks.store import store_raw
from messaging import machine_opens, stats
from messaging.models import DailyStats, Message
from messaging.stats_rebuild import differences, rebuild
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

SENT = datetime(2026, 7, 10, 9, tzinfo=UTC)
OPENED, CLICKED = "email_opened", "link_clicked"


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def tell(campaign):
    """Return `tell((type, seconds after the sending), …)`: deliver these events of one email, one batch each, in this order."""

    def deliver(*events: tuple[str, float]) -> None:
        for type, seconds in events:
            at = (SENT + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            body = {"event_type": type, "timestamp": at, "campaign_id": campaign.provider_id, "step": 1, "variant": 1}
            body |= {"lead_email": "lead@lead.example", "email_account": "sender@acme.example"}
            store_raw(campaign.connection_id, orjson.dumps(body))
            process_pending()

    return deliver


@pytest.fixture
def counted(api, customer):
    client = api(customer)

    def get(*names: str, **query: object) -> tuple:
        data = client.get("/api/instantly/stats", query).json()["data"]
        return tuple(data[name] for name in names)

    return get


def message() -> Message:
    with rls.scope(rls.SYSTEM):
        return Message.objects.get()


def test_opens_within_seconds_of_sending_are_machines_and_later_ones_people(tell, counted):
    tell(
        ("email_sent", 0),
        (OPENED, 3),
        (OPENED, machine_opens.AFTER_SENDING),
        (OPENED, machine_opens.AFTER_SENDING + 0.001),
    )
    assert counted("opens", "machine_opens", "opened", "machine_opened", "human_opened") == (3, 2, 1, 0, 1)
    assert (message().open_count, message().machine_open_count) == (3, 2)


def test_an_email_opened_by_machines_only_has_no_human_open(tell, counted):
    tell(("email_sent", 0), (OPENED, 1), (CLICKED, 2))
    assert counted("opened", "machine_opened", "human_opened", "open_rate", "human_open_rate") == (1, 1, 0, 1.0, 0.0)
    assert counted("clicked", "machine_clicked", "human_clicked", "human_click_rate") == (1, 1, 0, 0.0)
    tell((OPENED, 4000))
    assert counted("opened", "machine_opened", "human_opened", "human_open_rate") == (1, 0, 1, 1.0)


def test_a_late_sending_turns_earlier_opens_into_machine_opens(tell, counted):
    tell((OPENED, 5), (CLICKED, 6))
    assert counted("machine_opens", "machine_clicks") == (0, 0), "nobody knows when it was sent"
    tell(("email_sent", 0))
    assert counted("machine_opens", "machine_clicks", "machine_opened", "machine_clicked") == (1, 1, 1, 1)
    assert differences() == []


def test_an_earlier_sending_turns_a_machine_open_back_into_a_persons(tell, counted):
    tell(("email_sent", 0), (OPENED, 5))
    assert counted("machine_opens") == (1,)
    tell(("email_sent", -60))
    assert counted("machine_opens", "human_opened") == (0, 1)
    assert differences() == []


def test_clicks_on_all_links_at_once_are_a_machines_at_any_time(tell, counted):
    tell(
        ("email_sent", 0),
        (CLICKED, 5000),
        (CLICKED, 5000 + machine_opens.CLICKS_WITHIN),
        (CLICKED, 5010),
        (CLICKED, 9000),
    )
    assert counted("clicks", "machine_clicks", "machine_clicked") == (4, 2, 0)
    tell((CLICKED, 9001))
    assert counted("clicks", "machine_clicks", "machine_clicked") == (5, 4, 0)


def test_openings_at_once_are_a_mail_program_not_a_machine(tell, counted):
    tell(("email_sent", 0), (OPENED, 5000), (OPENED, 5001))
    assert counted("opens", "machine_opens") == (2, 0)


def test_each_open_counts_on_its_own_day(tell, counted):
    midnight = 15 * 3600
    tell(("email_sent", midnight - 5), (OPENED, midnight - 2), (OPENED, midnight + 1), (OPENED, midnight + 2000))
    assert counted("opens", "machine_opens", start="2026-07-10", end="2026-07-10") == (1, 1)
    assert counted("opens", "machine_opens", start="2026-07-11", end="2026-07-11") == (2, 1)


def test_of_very_many_opens_of_an_email_only_the_first_are_kept(tell, counted):
    later = [(OPENED, 100.0 + n) for n in range(machine_opens.KEPT + 5)]
    tell(*reversed(later), (CLICKED, 50), ("email_sent", 0), (OPENED, 1))
    kept = message().open_times or []
    assert len(kept) == machine_opens.KEPT and kept == sorted(kept) and kept[0] == SENT + timedelta(seconds=1)
    assert counted("opens", "machine_opens", "machine_opened") == (machine_opens.KEPT + 6, 1, 0)
    assert differences() == []


def test_untracked_campaigns_have_no_machine_opens(api, customer, acme_connection):
    blind = factories.campaign(acme_connection, "Blind", open_tracking=False)
    factories.daily_stats(blind, sent=2)
    data = api(customer).get(f"/api/instantly/campaign/{blind.pk}/stats").json()["data"]
    assert data["machine_opens"] is data["human_opened"] is data["human_open_rate"] is None
    assert {"machine_opens", "human_opened", "human_open_rate"} <= set(data["not_tracked"])


def test_the_rule_is_named_in_the_answer_with_its_numbers(counted):
    (definitions,) = counted("definitions")
    assert definitions["machines"] == machine_opens.RULE == stats.DEFINITIONS["machines"]
    for number in (machine_opens.AFTER_SENDING, machine_opens.CLICKS_WITHIN, machine_opens.KEPT):
        assert str(number) in machine_opens.RULE


def test_each_email_has_its_count_of_machine_opens(tell, api, customer, campaign):
    tell(("email_sent", 0), (OPENED, 1), (OPENED, 900), (CLICKED, 901), (CLICKED, 902), (CLICKED, 2000))
    (row,) = api(customer).get(f"/api/instantly/campaign/{campaign.pk}/messages").json()["data"]["messages"]
    shown = [row[name] for name in ("open_count", "machine_open_count", "click_count", "machine_click_count")]
    assert shown == [2, 1, 3, 2]


def test_a_rebuild_fills_in_earlier_machine_opens(tell, counted):
    """Messages recorded before the rule existed have no machine opens stored; the event log has them all."""
    tell(("email_sent", 0), (OPENED, 1), (CLICKED, 2), (CLICKED, 900))
    before = message()
    with rls.scope(rls.SYSTEM):
        Message.objects.update(open_times=None, click_times=None, machine_open_count=0, machine_click_count=0)
        DailyStats.objects.update(machine_opens=0, machine_clicks=0, unique_machine_opens=0, unique_machine_clicks=0)
    assert len(differences()) == 1
    assert [difference.figures for difference in rebuild()] == [
        {"machine_opens": -1, "machine_clicks": -1, "unique_machine_opens": -1}
    ]
    after = message()
    for name in ("open_times", "click_times", "machine_open_count", "machine_click_count"):
        assert getattr(after, name) == getattr(before, name)
    tell((CLICKED, 901))
    assert counted("machine_clicks") == (3,) and differences() == []
