"""Agreement of the emulator's deliveries, reference stats, analytics, leads and mailbox."""

from collections import Counter
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, in_process_transport
from instantly.emulator.state.vocabulary import OPPORTUNITIES

from .conftest import Api, WebhookReceiver


class SimulatedHour:
    """An hour of simulation in one workspace, with all events delivered."""

    def __init__(self) -> None:
        self.receiver = WebhookReceiver()
        self.fake = FakeInstantly(seed=7, transport=in_process_transport(self.receiver))
        access = self.fake.add_workspace("acme")
        self.id, self.api = access.id, Api(self.fake, access.key)
        self.fake.register_webhook(self.id, "https://app.example/hook")
        self.fake.set_rate(4)
        self.fake.advance(3600)
        self.fake.set_rate(0)
        self.truth: dict[str, Any] = self.fake.truth()["workspaces"][self.id]


@pytest.fixture(scope="module")
def hour() -> SimulatedHour:
    return SimulatedHour()


def test_ground_truth_equals_the_deliveries(hour: SimulatedHour) -> None:
    truth = hour.truth
    assert truth["by_event"] == dict(sorted(Counter(hour.receiver.types()).items()))
    assert truth["events"] == len(hour.receiver.received)


def test_recorded_events_can_be_read_in_order(hour: SimulatedHour) -> None:
    events = hour.fake.events(hour.id, limit=100_000)
    assert [event.event_type for event in events] == hour.receiver.types()
    assert hour.fake.events(hour.id, after=10, limit=5) == events[10:15]


def test_campaign_analytics_equal_the_ground_truth(hour: SimulatedHour) -> None:
    campaigns = hour.truth["campaigns"]
    rows = hour.api.get("/campaigns/analytics")
    assert {row["campaign_id"] for row in rows} == {id for id, truth in campaigns.items() if truth["sent"]}
    for row in rows:
        truth = campaigns[row["campaign_id"]]
        assert row["emails_sent_count"] == truth["sent"]
        assert row["contacted_count"] == truth["leads_contacted"]
        assert row["open_count"] == truth["leads_opened"]
        assert row["reply_count"] == truth["replies"]
        assert row["reply_count_unique"] == truth["leads_replied"]
        assert row["reply_count_automatic"] == truth["auto_replies"]
        assert row["link_click_count"] == truth["clicks"]
        assert row["bounced_count"] == truth["bounces"]
        assert row["unsubscribed_count"] == truth["unsubscribes"]


def test_overview_sums_all_campaigns(hour: SimulatedHour) -> None:
    truth = hour.truth
    row = hour.api.get("/campaigns/analytics/overview")
    assert (row["open_count"], row["open_count_unique"]) == (truth["opens"], truth["unique_opens"])
    assert (row["emails_sent_count"], row["reply_count"]) == (truth["sent"], truth["replies"])


def test_daily_and_step_analytics_sum_to_the_totals(hour: SimulatedHour) -> None:
    truth = hour.truth
    for rows in (hour.api.get("/campaigns/analytics/daily"), hour.api.get("/campaigns/analytics/steps")):
        assert sum(row["sent"] for row in rows) == truth["sent"]
        assert sum(row["opened"] for row in rows) == truth["opens"]
        assert sum(row["replies"] for row in rows) == truth["replies"]
        assert sum(row["clicks"] for row in rows) == truth["clicks"]
        assert sum(row["replies_automatic"] for row in rows) == truth["auto_replies"]
    assert {row["variant"] for row in hour.api.get("/campaigns/analytics/steps")} == {"0", "1"}


def test_leads_have_counts_and_statuses_that_match_their_events(hour: SimulatedHour) -> None:
    truth, leads = hour.truth, list(hour.fake.workspaces[hour.id].leads)
    assert sum(lead["email_open_count"] for lead in leads) == truth["opens"]
    assert sum(lead["email_reply_count"] for lead in leads) == truth["replies"]
    assert sum(lead["email_click_count"] for lead in leads) == truth["clicks"]
    assert sum(1 for lead in leads if lead["timestamp_last_contact"]) == truth["leads_contacted"]
    assert sum(1 for lead in leads if lead["status"] == -1) == truth["bounces"]


def test_the_mailbox_holds_every_mail_sent_and_received(hour: SimulatedHour) -> None:
    truth = hour.truth
    kinds = Counter(row["ue_type"] for row in hour.api.walk("/emails", limit=100))
    assert kinds == {1: truth["sent"], 2: truth["replies"] + truth["auto_replies"]}


def test_reply_in_the_mailbox_has_the_id_from_the_webhook(hour: SimulatedHour) -> None:
    body = next(body for body in hour.receiver.received if body["event_type"] == "reply_received")
    mail = hour.api.get(f"/emails/{body['email_id']}")
    assert (mail["lead"], mail["subject"]) == (body["lead_email"], body["reply_subject"])
    assert (mail["body"]["text"], mail["timestamp_email"]) == (body["reply_text"], body["timestamp"])
    thread = hour.api.get("/emails", search=f"thread:{mail['thread_id']}")["items"]
    assert {row["ue_type"] for row in thread} == {1, 2}


def test_interest_counts_once_per_contact_unless_all_changes_are_requested(hour: SimulatedHour) -> None:
    first = hour.api.get("/campaigns/analytics/overview")
    every = hour.api.get("/campaigns/analytics/overview", expand_crm_events="true")
    names = ("total_interested", "total_meeting_booked", "total_meeting_completed", "total_closed")
    assert sum(first[name] for name in names) == first["total_opportunities"]
    assert sum(every[name] for name in names) == every["total_opportunities"] > first["total_opportunities"]


def test_an_interest_change_within_ten_minutes_is_delivered_but_not_counted(
    fake: FakeInstantly, acme: Access, api: Api, hook: Any, receiver: WebhookReceiver
) -> None:
    campaign = api.get("/campaigns", status=1)["items"][0]["id"]
    api.post("/leads", campaign=campaign, email="ada@lead.example")

    def change(value: int) -> None:
        body = {"lead_email": "ada@lead.example", "interest_value": value, "campaign_id": campaign}
        api.post("/leads/update-interest-status", expect=202, **body)
        fake.drain()

    change(1)
    fake.advance(599)
    change(2)
    fake.advance(600)
    change(3)
    counted = [event.event_type for event in fake.events(acme.id) if event.counts]
    assert [kind for kind in receiver.types() if kind in OPPORTUNITIES] == list(OPPORTUNITIES[:3])
    assert counted == ["lead_interested", "lead_meeting_completed"]
    row = api.get("/campaigns/analytics/overview", expand_crm_events="true")
    names = ("total_interested", "total_meeting_booked", "total_meeting_completed", "total_opportunities")
    assert [row[name] for name in names] == [1, 0, 1, 2]


class TestTimeWindow:
    def test_dates_mean_midnight_at_both_ends(self, fake: FakeInstantly, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(300)
        assert api.get("/campaigns/analytics/daily", start_date="2026-03-02", end_date="2026-03-02") == []
        assert [row["date"] for row in api.get("/campaigns/analytics/daily", end_date="2026-03-03")] == ["2026-03-02"]
        assert api.get("/campaigns/analytics", start_date="2026-03-03") == []

    def test_timestamps_limit_to_the_millisecond(self, fake: FakeInstantly, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(300)
        moment = "2026-03-02T09:00:00.000Z"
        row = api.get("/campaigns/analytics/overview", start_date=moment, end_date=moment)
        assert row["emails_sent_count"] == 1

    def test_wrong_order_and_invalid_dates_return_a_message_only(self, api: Api) -> None:
        wrong = {"start_date": "2026-03-03", "end_date": "2026-03-02"}
        answer = api.get("/campaigns/analytics", expect=400, **wrong)
        assert answer == {"message": "Start Date must be earlier than End Date"}
        assert set(api.get("/campaigns/analytics/daily", start_date="soon", expect=400)) == {"message"}
