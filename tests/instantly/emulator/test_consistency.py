"""Deliveries, truth, analytics, leads and mailbox tell the same story."""

from collections import Counter
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, in_process_transport
from instantly.emulator.state.vocabulary import OPPORTUNITIES

from .conftest import Api, WebhookReceiver


class Lived:
    """An hour of one workspace, everything delivered."""

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
def lived() -> Lived:
    return Lived()


def test_truth_is_what_was_delivered(lived: Lived) -> None:
    truth = lived.truth
    assert truth["by_event"] == dict(sorted(Counter(lived.receiver.types()).items()))
    assert truth["events"] == len(lived.receiver.received)


def test_every_happening_can_be_read_one_by_one(lived: Lived) -> None:
    events = lived.fake.events(lived.id, limit=100_000)
    assert [event.event_type for event in events] == lived.receiver.types()
    assert lived.fake.events(lived.id, after=10, limit=5) == events[10:15]


def test_campaign_analytics_are_the_truth(lived: Lived) -> None:
    campaigns = lived.truth["campaigns"]
    rows = lived.api.get("/campaigns/analytics")
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


def test_the_overview_adds_all_campaigns_up(lived: Lived) -> None:
    truth = lived.truth
    row = lived.api.get("/campaigns/analytics/overview")
    assert (row["open_count"], row["open_count_unique"]) == (truth["opens"], truth["unique_opens"])
    assert (row["emails_sent_count"], row["reply_count"]) == (truth["sent"], truth["replies"])


def test_days_and_steps_add_up_to_the_same(lived: Lived) -> None:
    truth = lived.truth
    for rows in (lived.api.get("/campaigns/analytics/daily"), lived.api.get("/campaigns/analytics/steps")):
        assert sum(row["sent"] for row in rows) == truth["sent"]
        assert sum(row["opened"] for row in rows) == truth["opens"]
        assert sum(row["replies"] for row in rows) == truth["replies"]
        assert sum(row["clicks"] for row in rows) == truth["clicks"]
        assert sum(row["replies_automatic"] for row in rows) == truth["auto_replies"]
    assert {row["variant"] for row in lived.api.get("/campaigns/analytics/steps")} == {"0", "1"}


def test_leads_have_the_counts_and_statuses_of_what_they_did(lived: Lived) -> None:
    truth, leads = lived.truth, list(lived.fake.workspaces[lived.id].leads)
    assert sum(lead["email_open_count"] for lead in leads) == truth["opens"]
    assert sum(lead["email_reply_count"] for lead in leads) == truth["replies"]
    assert sum(lead["email_click_count"] for lead in leads) == truth["clicks"]
    assert sum(1 for lead in leads if lead["timestamp_last_contact"]) == truth["leads_contacted"]
    assert sum(1 for lead in leads if lead["status"] == -1) == truth["bounces"]


def test_the_mailbox_holds_every_mail_sent_and_received(lived: Lived) -> None:
    truth = lived.truth
    kinds = Counter(row["ue_type"] for row in lived.api.walk("/emails", limit=100))
    assert kinds == {1: truth["sent"], 2: truth["replies"] + truth["auto_replies"]}


def test_an_answer_in_the_mailbox_has_the_id_the_webhook_gave(lived: Lived) -> None:
    body = next(body for body in lived.receiver.received if body["event_type"] == "reply_received")
    mail = lived.api.get(f"/emails/{body['email_id']}")
    assert (mail["lead"], mail["subject"]) == (body["lead_email"], body["reply_subject"])
    assert (mail["body"]["text"], mail["timestamp_email"]) == (body["reply_text"], body["timestamp"])
    thread = lived.api.get("/emails", search=f"thread:{mail['thread_id']}")["items"]
    assert {row["ue_type"] for row in thread} == {1, 2}


def test_interest_counts_once_a_contact_unless_every_change_is_asked_for(lived: Lived) -> None:
    first = lived.api.get("/campaigns/analytics/overview")
    every = lived.api.get("/campaigns/analytics/overview", expand_crm_events="true")
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


class TestWindows:
    def test_dates_are_midnights_at_both_ends(self, fake: FakeInstantly, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(300)
        assert api.get("/campaigns/analytics/daily", start_date="2026-03-02", end_date="2026-03-02") == []
        assert [row["date"] for row in api.get("/campaigns/analytics/daily", end_date="2026-03-03")] == ["2026-03-02"]
        assert api.get("/campaigns/analytics", start_date="2026-03-03") == []

    def test_an_instant_bounds_to_the_millisecond(self, fake: FakeInstantly, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(300)
        moment = "2026-03-02T09:00:00.000Z"
        row = api.get("/campaigns/analytics/overview", start_date=moment, end_date=moment)
        assert row["emails_sent_count"] == 1

    def test_a_wrong_order_and_no_date_are_told_in_a_shape_of_their_own(self, api: Api) -> None:
        wrong = {"start_date": "2026-03-03", "end_date": "2026-03-02"}
        assert api.get("/campaigns/analytics", expect=400, **wrong) == {
            "message": "Start Date must be earlier than End Date"
        }
        assert set(api.get("/campaigns/analytics/daily", start_date="soon", expect=400)) == {"message"}
