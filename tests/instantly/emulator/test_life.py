"""The life of the demo: it keeps its pace, never dries up, repeats itself for a seed, and figures agree with it."""

from collections import Counter
from typing import Any

import pytest

from instantly.emulator import Access, FakeInstantly, Habits, handing_to
from instantly.emulator.vocabulary import OPPORTUNITIES

from .conftest import Api, Inbox


def live(seed: int, seconds: float) -> list[dict[str, Any]]:
    inbox = Inbox()
    fake = FakeInstantly(seed=seed, transport=handing_to(inbox))
    acme = fake.add_workspace("acme")
    fake.register_webhook(acme.id, "https://app.example/hook")
    fake.set_rate(4)
    fake.advance(seconds)
    return inbox.received


def test_the_same_seed_gives_the_same_life_to_the_millisecond_and_id() -> None:
    first, second = live(1, 600), live(1, 600)
    assert first == second
    assert len(first) > 1000


def test_another_seed_gives_another_life() -> None:
    assert live(1, 60) != live(2, 60)


def test_it_does_not_matter_in_how_many_steps_time_passes() -> None:
    inbox = Inbox()
    fake = FakeInstantly(seed=1, transport=handing_to(inbox))
    acme = fake.add_workspace("acme")
    fake.register_webhook(acme.id, "https://app.example/hook")
    fake.set_rate(4)
    for _ in range(120):
        fake.advance(0.5)
    assert inbox.received == live(1, 60)


def test_what_callers_of_the_api_do_does_not_change_the_dice() -> None:
    def addresses(disturbed: bool) -> list[str]:
        fake = FakeInstantly(seed=1)
        acme = fake.add_workspace("acme")
        fake.set_rate(4)
        for _ in range(30):
            if disturbed:
                Api(fake, acme.key).post("/lead-lists", name="x")
            fake.advance(1)
        return [row["email"] for row in fake.workspaces[acme.id].leads]

    assert addresses(True) == addresses(False)


@pytest.mark.parametrize("rate", [1, 4, 50])
def test_it_keeps_the_pace_it_was_given(fake: FakeInstantly, acme: Access, rate: float) -> None:
    fake.set_rate(rate)
    fake.advance(600)  # until follow-ups and answers come at their usual rate
    before = fake.happenings()
    fake.advance(900)
    assert (fake.happenings() - before) / 900 == pytest.approx(rate, rel=0.25)


def test_a_person_sees_something_within_the_first_minute(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(60)
    truth = fake.truth()["workspaces"][acme.id]
    assert truth["sent"] > 50
    assert truth["opens"] > 10
    assert truth["replies"] > 0


def test_it_is_spread_over_all_workspaces(fake: FakeInstantly, acme: Access) -> None:
    for name in ("globex", "shared"):
        fake.add_workspace(name)
    fake.set_rate(4)
    fake.advance(900)
    shares = [space["sent"] for space in fake.truth()["workspaces"].values()]
    assert min(shares) > 0.7 * max(shares)


def test_it_never_dries_up(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(6 * 3600)
    before = fake.happenings()
    fake.advance(300)
    assert fake.happenings() - before > 600


def test_a_rate_of_nothing_lets_what_is_under_way_come_and_then_is_silent(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(300)
    fake.set_rate(0)
    sent = fake.truth()["workspaces"][acme.id]["sent"]
    fake.advance(7200)
    truth = fake.truth()["workspaces"][acme.id]
    assert truth["sent"] == sent
    before = fake.happenings()
    fake.advance(7200)
    assert fake.happenings() - before <= 50  # an account's trouble, an enrichment


def test_a_negative_rate_is_refused(fake: FakeInstantly) -> None:
    with pytest.raises(ValueError, match="events per second"):
        fake.set_rate(-1)


def test_nobody_is_written_to_after_bouncing_unsubscribing_or_answering(
    fake: FakeInstantly, acme: Access, hook: Any, inbox: Inbox
) -> None:
    fake.set_rate(4)
    fake.advance(3600)
    ended: set[tuple[str, str]] = set()
    for body in inbox.received:
        key = body.get("lead_email"), body["campaign_id"]
        if body["event_type"] in ("email_bounced", "lead_unsubscribed", "reply_received"):
            ended.add(key)
        assert not (body["event_type"] == "email_sent" and key in ended)
    assert len(ended) > 100


def test_steps_come_in_order_with_the_delay_of_the_sequence_between_them(fake: FakeInstantly, acme: Access) -> None:
    fake.set_rate(4)
    fake.advance(3600)
    space = fake.workspaces[acme.id]
    steps: dict[str, list[tuple[int, int]]] = {}
    for event in space.journal.everything():
        if event.event_type == "email_sent":
            steps.setdefault(str(event.lead_email), []).append((event.step or 0, event.ms))
    assert {tuple(step for step, _ in sent) for sent in steps.values()} <= {(1,), (1, 2), (1, 2, 3)}
    gaps = [sent[1][1] - sent[0][1] for sent in steps.values() if len(sent) > 1]
    assert min(gaps) >= 3 * Habits().day_seconds * 1000  # three days between step 1 and 2, compressed


def test_tracking_that_is_off_shows_no_opens_and_no_clicks(fake: FakeInstantly, acme: Access, api: Api) -> None:
    for row in api.get("/campaigns", limit=100)["items"]:
        api.patch(f"/campaigns/{row['id']}", open_tracking=False, link_tracking=False)
    fake.set_rate(4)
    fake.advance(900)
    truth = fake.truth()["workspaces"][acme.id]
    assert (truth["opens"], truth["clicks"]) == (0, 0)
    assert truth["replies"] > 0


class TestAgreement:
    """Deliveries, truth, analytics, leads and mailbox tell the same story."""

    @pytest.fixture
    def lived(self, fake: FakeInstantly, acme: Access, api: Api, hook: Any) -> FakeInstantly:
        fake.set_rate(6)
        fake.advance(3600)
        fake.set_rate(0)
        fake.advance(60)
        return fake

    def test_truth_is_what_was_delivered(self, lived: FakeInstantly, acme: Access, inbox: Inbox) -> None:
        truth = lived.truth()["workspaces"][acme.id]
        assert truth["by_event"] == dict(sorted(Counter(inbox.types()).items()))
        assert truth["events"] == len(inbox.received)

    def test_every_happening_can_be_read_one_by_one(self, lived: FakeInstantly, acme: Access, inbox: Inbox) -> None:
        events = lived.events(acme.id, limit=100_000)
        assert [event.event_type for event in events] == inbox.types()
        assert lived.events(acme.id, after=10, limit=5) == events[10:15]

    def test_campaign_analytics_are_the_truth(self, lived: FakeInstantly, acme: Access, api: Api) -> None:
        campaigns = lived.truth()["workspaces"][acme.id]["campaigns"]
        rows = api.get("/campaigns/analytics")
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

    def test_the_overview_adds_all_campaigns_up(self, lived: FakeInstantly, acme: Access, api: Api) -> None:
        truth = lived.truth()["workspaces"][acme.id]
        row = api.get("/campaigns/analytics/overview")
        assert (row["open_count"], row["open_count_unique"]) == (truth["opens"], truth["unique_opens"])
        assert (row["emails_sent_count"], row["reply_count"]) == (truth["sent"], truth["replies"])

    def test_days_and_steps_add_up_to_the_same(self, lived: FakeInstantly, acme: Access, api: Api) -> None:
        truth = lived.truth()["workspaces"][acme.id]
        for rows in (api.get("/campaigns/analytics/daily"), api.get("/campaigns/analytics/steps")):
            assert sum(row["sent"] for row in rows) == truth["sent"]
            assert sum(row["opened"] for row in rows) == truth["opens"]
            assert sum(row["replies"] for row in rows) == truth["replies"]
            assert sum(row["clicks"] for row in rows) == truth["clicks"]
            assert sum(row["replies_automatic"] for row in rows) == truth["auto_replies"]
        assert {row["variant"] for row in api.get("/campaigns/analytics/steps")} == {"0", "1"}

    def test_leads_have_the_counts_and_statuses_of_what_they_did(self, lived: FakeInstantly, acme: Access) -> None:
        truth, leads = lived.truth()["workspaces"][acme.id], list(lived.workspaces[acme.id].leads)
        assert sum(lead["email_open_count"] for lead in leads) == truth["opens"]
        assert sum(lead["email_reply_count"] for lead in leads) == truth["replies"]
        assert sum(lead["email_click_count"] for lead in leads) == truth["clicks"]
        assert sum(1 for lead in leads if lead["timestamp_last_contact"]) == truth["leads_contacted"]
        assert sum(1 for lead in leads if lead["status"] == -1) == truth["bounces"]

    def test_the_mailbox_holds_every_mail_sent_and_received(self, lived: FakeInstantly, acme: Access, api: Api) -> None:
        truth = lived.truth()["workspaces"][acme.id]
        kinds = Counter(row["ue_type"] for row in api.walk("/emails", limit=100))
        assert kinds == {1: truth["sent"], 2: truth["replies"] + truth["auto_replies"]}

    def test_an_answer_in_the_mailbox_has_the_id_the_webhook_gave(
        self, lived: FakeInstantly, api: Api, inbox: Inbox
    ) -> None:
        body = next(body for body in inbox.received if body["event_type"] == "reply_received")
        mail = api.get(f"/emails/{body['email_id']}")
        assert (mail["lead"], mail["subject"]) == (body["lead_email"], body["reply_subject"])
        assert (mail["body"]["text"], mail["timestamp_email"]) == (body["reply_text"], body["timestamp"])
        thread = api.get("/emails", search=f"thread:{mail['thread_id']}")["items"]
        assert {row["ue_type"] for row in thread} == {1, 2}

    def test_interest_counts_once_a_contact_unless_every_change_is_asked_for(
        self, lived: FakeInstantly, api: Api
    ) -> None:
        first = api.get("/campaigns/analytics/overview")
        every = api.get("/campaigns/analytics/overview", expand_crm_events="true")
        names = ("total_interested", "total_meeting_booked", "total_meeting_completed", "total_closed")
        assert sum(first[name] for name in names) == first["total_opportunities"]
        assert sum(every[name] for name in names) == every["total_opportunities"] > first["total_opportunities"]


def test_an_interest_change_within_ten_minutes_is_delivered_but_not_counted(
    fake: FakeInstantly, acme: Access, api: Api, hook: Any, inbox: Inbox
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
    assert [kind for kind in inbox.types() if kind in OPPORTUNITIES] == list(OPPORTUNITIES[:3])
    assert counted == ["lead_interested", "lead_meeting_completed"]


class TestWindows:
    def test_dates_are_midnights_at_both_ends(self, fake: FakeInstantly, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(300)
        assert api.get("/campaigns/analytics/daily", start_date="2026-03-02", end_date="2026-03-02") == []
        assert [row["date"] for row in api.get("/campaigns/analytics/daily", end_date="2026-03-03")] == ["2026-03-02"]
        assert api.get("/campaigns/analytics", start_date="2026-03-03") == []

    def test_an_instant_bounds_to_the_millisecond(self, fake: FakeInstantly, acme: Access, api: Api) -> None:
        fake.set_rate(4)
        fake.advance(300)
        first = fake.events(acme.id)[0]
        moment = "2026-03-02T09:00:00.000Z"
        row = api.get("/campaigns/analytics/overview", start_date=moment, end_date=moment)
        assert first.ms % 1000 == 0
        assert row["emails_sent_count"] == 1

    def test_a_wrong_order_and_no_date_are_told_in_a_shape_of_their_own(self, api: Api) -> None:
        wrong = {"start_date": "2026-03-03", "end_date": "2026-03-02", "expect": 400}
        assert api.get("/campaigns/analytics", **wrong) == {"message": "Start Date must be earlier than End Date"}
        assert set(api.get("/campaigns/analytics/daily", start_date="soon", expect=400)) == {"message"}
