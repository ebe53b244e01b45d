"""Lists linked from figures: as many rows as the figure, of its days, campaign and email account."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.web.row_links import MAILS, PEOPLE, rows_address
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
TODAY = datetime.now(UTC).date()
WEEK = TODAY - timedelta(days=6)
BEFORE = TODAY - timedelta(days=7)


def count(client: Any, address: str) -> int:
    shown = client.get(address).context["shown"]
    assert shown.count is not None
    return int(shown.count)


def different(client: Any, figures: Iterable[tuple[str, int]], **narrowed: Any) -> dict[str, tuple[int, int]]:
    """Return the figures whose list has another number of rows, each with the page's number and the number of rows."""
    found = {name: (value, count(client, rows_address(name, **narrowed))) for name, value in figures}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}


def test_the_overviews_tiles_lead_to_as_many_rows(customer, outreach, foreign):
    client = client_of(customer)
    tiles = client.get("/").context["overview"].tiles
    assert sum(tile.value for tile in tiles) > 0
    assert different(client, ((tile.name, tile.value) for tile in tiles), start=WEEK, end=TODAY) == {}


@pytest.mark.parametrize("days", [7, 30])
def test_a_campaigns_figures_lead_to_as_many_rows(customer, outreach, foreign, days):
    client, campaign = client_of(customer), outreach.campaigns[0]
    stages = client.get(f"/campaigns/{campaign.pk}?days={days}").context["funnel"]
    narrowed = {"start": TODAY - timedelta(days=days - 1), "end": TODAY, "campaign": campaign.pk}
    assert different(client, ((stage["name"], stage["value"]) for stage in stages), **narrowed) == {}


def test_an_email_accounts_figures_lead_to_as_many_rows(customer, outreach):
    client = client_of(customer)
    for account in outreach.accounts:
        tiles = client.get(f"/email-accounts/{account.pk}").context["tiles"]
        narrowed = {"start": TODAY - timedelta(days=29), "end": TODAY, "account": account.address}
        assert different(client, ((tile["name"], tile["value"]) for tile in tiles), **narrowed) == {}


@pytest.mark.parametrize(
    "period", [{}, {"start": str(WEEK), "end": str(TODAY)}, {"period": "all"}], ids=["month", "week", "all"]
)
def test_the_stats_tiles_lead_to_as_many_rows(customer, outreach, foreign, period):
    client = client_of(customer)
    context = client.get("/stats", period).context
    days = {"start": context["start"], "end": context["end"]}
    assert different(client, ((tile["name"], tile["value"]) for tile in context["tiles"]), **days) == {}


def test_a_mail_that_was_answered_later_is_a_row_of_the_day_of_its_answer(customer, acme_connection):
    campaign = factories.campaign(acme_connection)
    sent = datetime.combine(BEFORE, datetime.min.time(), UTC)
    factories.message(
        campaign, "late@lead.example", happened_at=sent, sent_at=sent, replied_at=sent + timedelta(days=3)
    )
    client = client_of(customer)
    assert count(client, rows_address("replied", start=WEEK, end=TODAY)) == 1
    assert count(client, rows_address("replied", start=BEFORE, end=BEFORE)) == 0
    assert count(client, rows_address("sent", start=BEFORE, end=BEFORE)) == 1


def test_a_mail_written_by_hand_is_behind_no_figure(customer, acme_connection):
    campaign = factories.campaign(acme_connection)
    now = datetime.now(UTC)
    factories.message(campaign, "ann@lead.example", happened_at=now, sent_at=now, kind="manual")
    assert count(client_of(customer), rows_address("sent")) == 0


@pytest.mark.parametrize("figure", PEOPLE)
def test_contacts_with_the_event_in_these_days_are_listed(customer, acme_connection, figure):
    campaign = factories.campaign(acme_connection)
    for number, (name, day) in enumerate((("early", BEFORE), ("ann", WEEK), ("ann", TODAY)), start=1):
        person = factories.contact(campaign.organization, f"{name}@lead.example")
        at = datetime.combine(day, datetime.min.time(), UTC)
        factories.event(campaign, number, PEOPLE[figure], contact=person, happened_at=at, email_account="a@b.example")
    client = client_of(customer)
    listed = [row.email for row in client.get(rows_address(figure, start=WEEK, end=TODAY)).context["shown"].rows]
    assert listed == ["ann@lead.example"], "once, however often it happened"
    assert count(client, rows_address(figure, start=WEEK, account="c@d.example")) == 0


def test_the_list_says_which_figure_of_which_days_it_shows(customer, outreach):
    client, campaign = client_of(customer), outreach.campaigns[0]
    page = client.get(rows_address("meetings", start=WEEK, end=TODAY, campaign=campaign.pk)).context
    assert page["badges"][0].startswith("Meetings, ") and page["badges"][1:] == [campaign.name]
    page = client.get(rows_address("bounced", start=WEEK, end=TODAY, account="anna@try-acme.example")).context
    assert page["badges"] == ["Bounces", "anna@try-acme.example"]


def test_every_figure_with_rows_is_one_of_mails_or_of_people():
    assert not set(MAILS) & set(PEOPLE)
