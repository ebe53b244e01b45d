"""The page of follow-ups in a browser: full, decided by keys, in both languages and themes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from messaging.models import SuggestionDecision
from salesbrain import rls
from tests import factories
from tests.browser.scenes import LOOKS, visiting
from tests.browser.test_pages_browser import picture
from tests.messaging.follow_ups.world import conversation, person, received, sent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(acme_connection):
    """Create contacts for every state: asked, away, silent, asked to wait; and one kind that is switched off."""
    campaign = factories.campaign(acme_connection)
    now = datetime.now(UTC)
    day = (now + timedelta(days=12)).date()
    for name, days, category, given in (
        (
            "ann",
            1,
            "question",
            {"asks": "reply", "words": "What does it cost for a team of eleven people in three countries?"},
        ),
        ("bob", 2, "out_of_office", {"asks": "away", "on": day, "is_auto_reply": True}),
        ("cleo", 9, "interested", {"asks": "reply"}),
        ("dora", 3, "not_now", {"asks": "wait_until", "on": day, "words": "Melden Sie sich bitte im nächsten Monat."}),
    ):
        contact = person(
            campaign, name, first_name=name.title(), last_name="Hohenstein-Baumgarten", company="Atlas Robotics"
        )
        at = now - timedelta(days=days)
        received(campaign, contact, at, category, **given)
        if name == "cleo":
            sent(campaign, contact, now - timedelta(days=8))
        conversation(contact, at, category=category)
    with rls.scope(rls.SYSTEM):
        for number in range(11):
            SuggestionDecision.objects.create(
                organization_id=campaign.organization_id, contact=contact, key=str(number), kind="follow_up",
                decision="dismissed", why="other", decided_at=now,
            )  # fmt: skip


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.theme}")
def test_follow_ups_and_the_next_step_of_a_contact(browser, live_server, customer, people, look):
    with visiting(browser, live_server.url, look, customer) as visit:
        visit.open("/follow-ups")
        expect(visit.page.locator(".timeline li")).to_have_count(4)
        picture(visit, "follow-ups-full", look)
        for summary in visit.page.locator(".timeline li").first.locator("details > summary").all():
            summary.click()
        visit.check("the forms of a suggestion")
        picture(visit, "follow-ups-open", look)
        visit.page.locator(".timeline-end a").first.click()
        visit.check("a contact with a next step")
        picture(visit, "contact-next-step", look)
        assert visit.problems == []


def test_one_key_accepts_the_first_suggestion(browser, live_server, customer, people):
    with visiting(browser, live_server.url, LOOKS[0], customer) as visit:
        visit.page.goto("/follow-ups")
        visit.page.wait_for_load_state("networkidle")
        visit.page.keyboard.press("y")
        expect(visit.page.locator("#pane")).to_be_visible()
        with rls.scope(rls.SYSTEM):
            assert SuggestionDecision.objects.filter(decision="accepted").count() == 1
        assert visit._said == []


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[3]], ids=lambda look: f"{look.language}-{look.theme}")
def test_scores_and_triage_with_something_to_show(browser, live_server, customer, acme, people, look):
    from messaging.intelligence.triage import corrections
    from messaging.intelligence.triage.classes import Category
    from messaging.models import FollowUpSettings, Message, MessageCategory, ScoringSettings, TriageReplay
    from messaging.scores import scoring

    with rls.scope(rls.SYSTEM):
        mails = list(Message.objects.filter(direction="in"))
        TriageReplay.objects.create(
            organization=acme, threshold=0.8, state="done", user_name="Carla", replies=4, finished_at=datetime.now(UTC),
            rules={"off": ["meeting.time"], "phrases": [["no capacity", "not_now"]]},
            result={
                "changes": [["unsure", "meeting", 3, [str(mails[0].pk)]]], "same": 1, "judged": {"total": 2, "answered": 2, "right": 1}
            },
        )  # fmt: skip
    for mail, category in zip(mails, (Category.QUESTION, Category.MEETING, Category.NOT_NOW), strict=False):
        corrections.correct(mail, category, now=datetime.now(UTC), actor=customer)
    scoring.score_organization(acme.pk, now=datetime.now(UTC))
    with rls.scope(rls.SYSTEM):
        FollowUpSettings.objects.create(organization=acme, country="DE", subdivision="BY")
        MessageCategory.objects.filter(pk=mails[1].pk).update(rule="meeting.time")
        bins = [{"contacts": 800, "expected": 0.02 * n, "observed": 0.021 * n} for n in range(1, 6)]
        ScoringSettings.objects.filter(pk=acme.pk).update(
            calibration={"start": -2, "slope": 1, "error": 0.01, "bins": bins}
        )
    with visiting(browser, live_server.url, look, customer) as visit:
        for name, address in (
            ("triage", "/settings/triage?said=question&predicted=question"), ("scores", "/settings/scores"),
            ("contacts-scored", "/contacts?band=1"), ("follow-up-settings", "/settings/follow-ups"),
        ):  # fmt: skip
            visit.open(address)
            picture(visit, name, look)
        with rls.scope(rls.SYSTEM):
            MessageCategory.objects.filter(pk=mails[3].pk).update(source="model")
        visit.open(f"/inbox/{mails[3].contact_id}?lane=all")
        visit.page.locator(".pane-aside summary", has_text=re.compile("Similar|Ähnliche")).click()
        expect(visit.page.locator("#similar li")).to_have_count(3)
        picture(visit, "similar-replies", look)
        visit.open(f"/inbox/{mails[0].contact_id}?lane=all")
        visit.page.locator(".pane-aside details > summary").first.click()
        visit.check("correcting a category")
        picture(visit, "category", look)
        assert visit.problems == []
