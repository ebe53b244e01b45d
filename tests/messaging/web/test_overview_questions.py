"""Four questions of a new user that the overview page answers without a click."""

from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import Goal
from salesbrain import rls
from tests import factories
from tests.salesbrain.web.pages import client_of, texts_of

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def page(customer, acme, acme_connection) -> str:
    """Return the overview of a customer with a good and a bad campaign, a burnt email account and people who wait."""
    factories.complete_first_sync(acme_connection)
    burnt = factories.email_account(acme_connection, "burnt@acme.example")
    factories.email_account(acme_connection, "well@acme.example")
    for name, interested, sender, bounces in (("Good", 40, "well@acme.example", 4), ("Bad", 2, burnt.address, 60)):
        factories.daily_stats(
            factories.campaign(acme_connection, name), day=NOW.date(), sent=400, interested=interested, meetings=interested // 10,
            email_account=sender, bounces=bounces, replies=20,
        )  # fmt: skip
    for name, category, hours in (("interested", "interested", 40), ("meeting", "meeting", 2)):
        person = factories.contact(acme, f"{name}@lead.example", first_name=name.title(), last_name="Lead")
        factories.conversation(person, category=category, waiting_since=NOW - timedelta(hours=hours))
    with rls.scope(rls.SYSTEM):
        Goal.objects.create(organization=acme, month=NOW.date().replace(day=1), metric="meetings", target=10)
    return client_of(customer).get("/").content.decode()


def test_which_campaign_works_best(page):
    assert page.index(">Good<") < page.index(">Bad<")
    assert "10.0\u00a0%" in page and "best first" in page


def test_which_email_account_is_burnt(page):
    assert "burnt@acme.example" in page and "well@acme.example" not in page
    assert "15.0\u00a0%" in page and ">Bounces</span>" in page


def test_who_must_be_answered_first(page):
    assert page.index("Meeting Lead") < page.index("Interested Lead")


def test_what_was_achieved_this_month(page):
    assert "4 of 10 Meetings" in texts_of(page)
