"""List pages: filters and order in the URL, pages, CSV of the rows shown, empty states."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from messaging.comparison import wilson
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db

EMPTY = {
    "/campaigns": "No campaigns yet", "/email-accounts": "No email accounts yet", "/contacts": "No contacts yet",
    "/messages": "No messages yet", "/stats": "Nothing to count yet", "/": "Nothing has been sent yet",
}  # fmt: skip
UNFIT = {
    "/campaigns": "No campaign fits",
    "/email-accounts": "No email account fits",
    "/contacts": "Nobody fits",
    "/messages": "No message fits",
}


def rows(client, address: str) -> list:
    return list(client.get(address).context["shown"].rows)


def table(client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("address", EMPTY)
def test_an_empty_list_has_an_explanation(customer, address):
    answer = client_of(customer).get(address)
    assert answer.status_code == 200 and EMPTY[address] in answer.content.decode()


@pytest.mark.parametrize("address", UNFIT)
def test_a_filter_that_nothing_fits_says_so_and_leads_back(customer, outreach, address):
    page = client_of(customer).get(address, {"query": "xqzzy"}).content.decode()
    assert UNFIT[address] in page and f'href="{address}"' in page


@pytest.mark.parametrize(
    "address",
    ["/campaigns?status=x", "/campaigns?days=8", "/email-accounts?status=x", "/contacts?campaign=1", "/messages?since=x", "/stats?by=x",
     "/stats?start=x"],
)  # fmt: skip
def test_an_invalid_filter_is_refused_with_a_sentence(customer, outreach, address):
    answer = client_of(customer).get(address)
    assert answer.status_code == 400 and "is not understood" in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/campaigns?page=x&order=;", "/contacts?page=-1&order=password", "/messages?page=999999"]
)
def test_an_unknown_order_or_page_is_the_usual_one(customer, outreach, address):
    assert client_of(customer).get(address).status_code == 200


def test_contacts_are_filtered_by_the_day_of_their_last_reply(customer, acme):
    """The latest reply counts, not the first: a contact who wrote in June and July is found in July."""
    client, july = client_of(customer), datetime(2026, 7, 10, 23, 59, tzinfo=UTC)
    for name, last in (("ann", july), ("ben", july + timedelta(minutes=2)), ("eve", july - timedelta(days=30))):
        person = factories.contact(acme, f"{name}@lead.example", replied_at=july - timedelta(days=40))
        factories.conversation(person, last_human_at=last)
    factories.conversation(factories.contact(acme, "away@lead.example"), last_human_at=None)
    factories.contact(acme, "silent@lead.example")

    def found(query: str) -> list[str]:
        return [row.email.partition("@")[0] for row in rows(client, f"/contacts?order=email&{query}")]

    assert found("since=2026-07-10&until=2026-07-10") == ["ann"]
    assert found("since=2026-07-10") == ["ann", "ben"]
    assert found("until=2026-07-10") == ["ann", "eve"]
    assert found("until=9999-12-31&since=0001-01-01") == ["ann", "ben", "eve"]
    (row,) = table(client, "/contacts?since=2026-07-10&until=2026-07-10&format=csv")
    assert row["Last reply"] == july.isoformat()
    assert "Last reply from" in client.get("/contacts").content.decode()


@pytest.mark.parametrize("address", ["/messages", "/contacts"])
def test_the_last_day_of_the_calendar_is_a_day_like_others(customer, outreach, address):
    assert client_of(customer).get(f"{address}?until=9999-12-31").status_code == 200


def test_campaigns_are_filtered_and_ordered_by_the_address(customer, outreach):
    client = client_of(customer)
    factories.campaign(outreach.campaigns[0].connection, "Apples", status="paused")
    names = [row.campaign.name for row in rows(client, "/campaigns?order=name")]
    assert names == sorted(names) and len(names) == 3
    assert [row.campaign.name for row in rows(client, "/campaigns?status=paused")] == ["Apples"]
    assert [row.campaign.name for row in rows(client, "/campaigns?query=ppl")] == ["Apples"]
    for order in ("sent", "reply_rate", "positive", "meetings"):
        figures = {"positive": "positive_replies"}.get(order, order)
        found = [row.figures[figures] for row in rows(client, f"/campaigns?order=-{order}") if row.figures["sent"]]
        assert found == sorted(found, reverse=True), order
    assert rows(client, "/campaigns?order=-sent")[-1].campaign.name == "Apples", "without sends last"


def test_the_best_campaign_comes_first_and_not_the_luckiest(customer, acme_connection):
    """One positive reply to three emails is a higher rate than 30 to 300, but less certain."""
    results = {
        "lucky": (3, 1),
        "good": (300, 30),
        "many": (2000, 60),
        "none": (500, 0),
        "more than sent": (4, 9),
        "silent": (0, 2),
    }
    for name, (sent, interested) in results.items():
        campaign = factories.campaign(acme_connection, name)
        factories.daily_stats(campaign, day=_today(), sent=sent, interested=interested)
    found = [row.campaign.name for row in rows(client_of(customer), "/campaigns")]
    lower = {name: wilson(hits, sent) for name, (sent, hits) in results.items()}
    assert found == sorted(results, key=lambda name: -(lower[name] or (-1.0,))[0])
    assert found.index("good") < found.index("lucky") and found[-1] == "silent"
    page = client_of(customer).get("/").context["overview"]
    assert [row.campaign.name for row in page.campaign_rows] == found[:5]


def test_the_head_of_a_column_turns_its_order_around(customer, outreach):
    client = client_of(customer)
    assert "?order=-reply_rate" in client.get("/campaigns").content.decode()
    page = client.get("/campaigns?order=-reply_rate&query=a").content.decode()
    assert 'aria-sort="descending"' in page and "order=reply_rate" in page and "query=a" in page


@pytest.mark.parametrize(
    ("address", "key", "shown"),
    [
        ("/campaigns?order=name", "Campaign", lambda row: row.campaign.name),
        ("/campaigns?order=-sent&status=active", "Campaign", lambda row: row.campaign.name),
        ("/email-accounts?order=-bounce_rate", "Address", lambda row: row.account.address),
        ("/contacts?happened=replied&order=email", "Email", lambda row: row.email),
        ("/messages?status=received", "Subject", lambda row: row.subject),
    ],
)
def test_the_file_has_the_rows_of_the_page_in_its_order(customer, outreach, address, key, shown):
    client = client_of(customer)
    found = [shown(row) for row in rows(client, address)]
    assert found and [row[key] for row in table(client, f"{address}&format=csv")] == found


def test_the_file_has_numbers_and_no_formulas(customer, acme_connection):
    factories.daily_stats(
        factories.campaign(acme_connection, "=cmd|' /C calc'!A0"), day=_today(), sent=40, unique_replies=2
    )
    (row,) = table(client_of(customer), "/campaigns?format=csv")
    assert row["Campaign"].startswith("'=") and (row["Sent"], row["Reply rate"]) == ("40", "0.05")


def test_the_campaigns_file_has_the_columns_of_the_page_with_their_figures(customer, outreach):
    client = client_of(customer)
    answer = client.get("/campaigns")
    written = table(client, "/campaigns?format=csv")
    assert list(written[0]) == [
        "Campaign", "Status", "Progress", "Leads contacted", "Leads", "Sent", "Reply rate", "Answered", "Positive rate", "Positive replies",
        "Meetings",
    ]  # fmt: skip
    for row, line in zip(answer.context["shown"].rows, written, strict=True):
        figures = row.figures
        assert line["Status"] == row.status and line["Campaign"] == row.campaign.name
        for column, name in (
            ("Sent", "sent"), ("Reply rate", "reply_rate"), ("Answered", "replied"), ("Positive replies", "positive_replies"),
            ("Meetings", "meetings"),
        ):  # fmt: skip
            assert line[column] == ("" if figures[name] is None else str(figures[name])), (row.campaign.name, column)


@pytest.mark.parametrize("address", ["/campaigns", "/email-accounts", "/contacts", "/messages"])
def test_the_agencys_file_says_whose_each_row_is(viewer, outreach, foreign, address):
    owners = {row["Organization"] for row in table(client_of(viewer), f"{address}?format=csv")}
    assert owners == {outreach.organization.name, foreign.organization.name}


def test_the_files_are_in_words(customer, outreach):
    client = client_of(customer)
    assert {row["Direction"] for row in table(client, "/messages?format=csv")} == {"Sent", "Received"}
    interests = {row["Interest"] for row in table(client, "/contacts?format=csv")}
    assert "Interested" in interests and not any(interest.startswith("lead_") for interest in interests)


def test_the_stats_file_has_the_breakdown_of_the_page(customer, outreach):
    client = client_of(customer)
    shown = client.get("/stats?by=email_account").context["rows"]
    told = table(client, "/stats?by=email_account&format=csv")
    assert [row["email_account"] for row in told] == [label for label, *_ in shown]
    assert [int(row["sent"]) for row in told] == [row["sent"] for _, row, _ in shown]


def test_lists_turn_pages(customer, acme_connection):
    for number in range(53):
        factories.campaign(acme_connection, f"C{number:02d}")
    client = client_of(customer)
    first, second = client.get("/campaigns?order=name"), client.get("/campaigns?order=name&page=2")
    assert [row.campaign.name for row in second.context["shown"].rows] == ["C50", "C51", "C52"]
    assert "1 to 50 of 53" in first.content.decode() and "page=2" in first.content.decode()
    assert "51 to 53 of 53" in second.content.decode() and 'rel="next"' not in second.content.decode()


def test_email_accounts_begin_with_the_worst(customer, outreach):
    found = rows(client_of(customer), "/email-accounts")
    assert found[0].account.status == "connection_error" and found[0].tone == "bad"
    assert [row.account.pk for row in rows(client_of(customer), "/email-accounts?status=unhealthy")] != []


def test_contacts_are_filtered_by_their_events(customer, outreach):
    client = client_of(customer)
    assert {row.replied_at is not None for row in rows(client, "/contacts?happened=replied")} == {True}
    person = outreach.contacts[0]
    assert person.pk in {row.pk for row in rows(client, f"/contacts?query={person.email}")}
    of_campaign = rows(client, f"/contacts?campaign={outreach.campaigns[1].pk}&order=email")
    assert {row.pk for row in of_campaign} == {row.pk for row in outreach.contacts[1::2]}


def test_messages_are_found_by_direction_day_and_sender(customer, outreach):
    client = client_of(customer)
    assert {row.direction for row in rows(client, "/messages?direction=in")} == {"in"}
    day = outreach.messages[0].happened_at.date()
    assert {row.happened_at.date() for row in rows(client, f"/messages?since={day}&until={day}")} == {day}
    sender = outreach.accounts[3].address
    assert {row.email_account for row in rows(client, f"/messages?account={sender}")} == {sender}
    newest = [row.happened_at for row in rows(client, "/messages")]
    assert newest == sorted(newest, reverse=True)


def _today():
    from datetime import UTC, datetime

    return datetime.now(UTC).date()
