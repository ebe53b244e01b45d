"""Definitions of stats: one meaning each, correct counts, null rather than zero without tracking."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from messaging import event_writer, stats
from messaging.models import DailyStats
from messaging.models.rollup import ROLLUP_COUNTERS
from salesbrain import rls
from tests import factories

DAY = factories.NOON.date()
OF_OPENS = ["opened", "opens", "machine_opened", "machine_opens", "human_opened", "open_rate", "human_open_rate"]
OF_LINKS = ["clicked", "clicks", "machine_clicked", "machine_clicks", "human_clicked", "click_rate", "human_click_rate"]


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


@pytest.fixture
def ask(api, customer):
    client = api(customer)

    def get(path: str = "stats", **query) -> dict:
        answer = client.get(f"/api/instantly/{path}", query)
        assert answer.status_code == 200, answer.content
        return answer.json()["data"]

    return get


def test_every_rollup_column_but_the_count_of_messages_is_a_figure():
    """A column without a stat would be a counter that nobody can query. `messages` counts rows for lists; it is no statistic."""
    used = {figure.column for figure in stats.FIGURE_DEFINITIONS}
    assert used == set(ROLLUP_COUNTERS) - {"messages"}


def test_a_counter_is_named_once_and_every_statement_takes_it_from_there():
    """Statements must not list counters by hand, because a new one would be forgotten in some of them."""
    columns = {field.name for field in DailyStats._meta.concrete_fields if field.has_db_default()}
    assert columns == set(ROLLUP_COUNTERS)
    for counter in ROLLUP_COUNTERS:
        words = re.findall(r"\w+", event_writer.SQL["stats"])
        assert words.count(counter) == 6, counter  # inserted, given and typed once each; three times in its sum
    by_hand = (Path(event_writer.__file__).parent / "sql" / "stats.sql").read_text(encoding="utf-8")
    assert not set(re.findall(r"\w+", by_hand)) & set(ROLLUP_COUNTERS)


def test_every_figure_and_rate_is_defined_in_the_answer(ask):
    data = ask()
    numbers = {name for name in data if name not in ("period", "before", "by", "rows", "definitions")}
    assert numbers <= set(data["definitions"])


def test_figures_are_the_sums_of_the_rollups(ask, campaign):
    factories.daily_stats(
        campaign, sent=6, bounces=1, unique_opens=3, opens=9, unique_replies=2, replies=4, auto_replies=1, interested=1
    )
    factories.daily_stats(
        campaign, day=DAY + timedelta(days=1), sent=4, bounces=1, unique_clicks=1, clicks=2, meetings=1, unsubscribes=1
    )
    data = ask()
    shown = {
        name: data[name] for name in ("sent", "delivered", "opened", "opens", "clicked", "clicks", "replied", "replies")
    }
    assert shown == {
        "sent": 10,
        "delivered": 8,
        "opened": 3,
        "opens": 9,
        "clicked": 1,
        "clicks": 2,
        "replied": 2,
        "replies": 4,
    }
    assert (
        data["auto_replies"],
        data["positive_replies"],
        data["meetings"],
        data["bounced"],
        data["unsubscribed"],
    ) == (1, 1, 1, 2, 1)


def test_rates_are_fractions_of_sent_with_four_digits(ask, campaign):
    factories.daily_stats(campaign, sent=3, unique_opens=2, unique_replies=1)
    data = ask()
    assert (data["open_rate"], data["reply_rate"], data["bounce_rate"]) == (0.6667, 0.3333, 0.0)


def test_rates_are_null_when_nothing_was_sent(ask, campaign):
    factories.daily_stats(campaign, unique_opens=1)
    data = ask()
    assert data["opened"] == 1 and [data[rate.name] for rate in stats.RATES] == [None] * len(stats.RATES)


def test_a_rate_is_never_more_than_one(ask, campaign):
    factories.daily_stats(campaign, sent=1, unique_opens=2)
    assert ask()["open_rate"] == 1.0


def test_an_automatic_reply_counts_in_no_reply_stat(ask, campaign):
    factories.daily_stats(campaign, sent=2, auto_replies=2)
    data = ask()
    assert (data["replied"], data["replies"], data["reply_rate"], data["auto_reply_rate"]) == (0, 0, 0.0, 1.0)


def test_untracked_stats_are_null_and_named(ask, acme_connection):
    blind = factories.campaign(acme_connection, open_tracking=False)
    factories.daily_stats(blind, sent=5, unique_clicks=1)
    for path in ("stats", f"campaign/{blind.pk}/stats"):
        data = ask(path)
        assert (data["opened"], data["opens"], data["open_rate"]) == (None, None, None)
        assert data["not_tracked"] == OF_OPENS and data["partly_tracked"] == []
        assert (data["clicked"], data["click_rate"]) == (1, 0.2)


def test_an_untracked_campaign_is_marked_before_its_first_mail(ask, acme_connection):
    blind = factories.campaign(acme_connection, open_tracking=False, link_tracking=False)
    assert set(ask(f"campaign/{blind.pk}/stats")["not_tracked"]) == {*OF_OPENS, *OF_LINKS}


def test_unknown_tracking_counts(ask, acme_connection):
    unknown = factories.campaign(acme_connection, open_tracking=None)
    factories.daily_stats(unknown, sent=2, unique_opens=1)
    data = ask(f"campaign/{unknown.pk}/stats")
    assert (data["opened"], data["open_rate"], data["not_tracked"]) == (1, 0.5, [])


def test_a_rate_leaves_out_the_campaigns_that_do_not_track_it(ask, campaign, acme_connection):
    blind = factories.campaign(acme_connection, "Blind", open_tracking=False)
    factories.daily_stats(campaign, sent=4, unique_opens=2)
    factories.daily_stats(blind, sent=100)
    data = ask()
    assert (data["sent"], data["opened"], data["open_rate"]) == (104, 2, 0.5)
    assert data["partly_tracked"] == OF_OPENS


@pytest.mark.parametrize("by", ["", "day"], ids=["all", "by_day"])
def test_a_campaign_whose_rows_are_all_zeros_leaves_nothing_out(ask, campaign, acme_connection, by):
    blind = factories.campaign(acme_connection, "Blind", open_tracking=False)
    factories.daily_stats(campaign, sent=4, unique_opens=2)
    factories.daily_stats(blind)
    data = ask(by=by) if by else ask()
    assert data["partly_tracked"] == [] and all(row["partly_tracked"] == [] for row in data["rows"])


def test_untracked_rows_of_zeros_make_no_figure_unknown(ask, acme_connection):
    factories.daily_stats(factories.campaign(acme_connection, "Blind", open_tracking=False))
    assert (ask()["opened"], ask()["not_tracked"]) == (0, [])


def test_days_are_included_at_both_ends_and_in_either_order(ask, campaign):
    for number in range(5):
        factories.daily_stats(campaign, day=DAY + timedelta(days=number), sent=10**number)
    first, last = DAY + timedelta(days=1), DAY + timedelta(days=3)
    assert ask(start=first, end=last)["sent"] == ask(start=last, end=first)["sent"] == 1110
    assert ask(start=last)["sent"] == 11000
    assert ask(end=first)["sent"] == 11


def test_comparison_is_with_the_period_of_the_same_length_just_before(ask, campaign):
    for number in range(6):
        factories.daily_stats(campaign, day=DAY + timedelta(days=number), sent=10**number)
    data = ask(start=DAY + timedelta(days=4), end=DAY + timedelta(days=5), compare="previous")
    assert data["sent"] == 110_000 and data["before"]["sent"] == 1100
    assert data["before"]["period"] == {"start": str(DAY + timedelta(days=2)), "end": str(DAY + timedelta(days=3))}


def test_an_open_period_has_none_before_it(ask, campaign):
    assert ask(start=DAY, compare="previous")["before"] is None
    assert stats.Period(date.min, date.min + timedelta(days=3)).before() is None


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("day", [{"day": "2026-07-10", "sent": 3}, {"day": "2026-07-11", "sent": 4}]),
        (
            "step",
            [
                {"step": 1, "variant": 1, "sent": 1},
                {"step": 1, "variant": 2, "sent": 2},
                {"step": 2, "variant": 1, "sent": 4},
            ],
        ),
        ("email_account", [{"email_account": "a@x.example", "sent": 1}, {"email_account": "b@x.example", "sent": 6}]),
    ],
)
def test_figures_are_broken_down(ask, campaign, by, expected):
    factories.daily_stats(campaign, sent=1, email_account="a@x.example")
    factories.daily_stats(campaign, sent=2, email_account="b@x.example", variant=2)
    factories.daily_stats(campaign, sent=4, email_account="b@x.example", step=2, day=DAY + timedelta(days=1))
    for path in ("stats", f"campaign/{campaign.pk}/stats"):
        rows = ask(path, by=by)["rows"]
        assert [{key: row[key] for key in expected[0]} for row in rows] == expected


def test_stats_by_campaign_have_its_name_and_tracking(ask, campaign, acme_connection):
    blind = factories.campaign(acme_connection, "Blind", open_tracking=False)
    factories.daily_stats(campaign, sent=1, unique_opens=1)
    factories.daily_stats(blind, sent=2)
    rows = {row["campaign"]: row for row in ask(by="campaign")["rows"]}
    assert (rows["Q3 Outbound"]["open_rate"], rows["Blind"]["open_rate"], rows["Blind"]["campaign_id"]) == (
        1.0,
        None,
        str(blind.pk),
    )


def test_a_row_that_went_back_to_zero_is_absent(ask, campaign):
    factories.daily_stats(campaign)
    assert ask(by="day")["rows"] == []


def test_a_mailbox_shows_usage_campaigns_and_deliverability(api, viewer, acme_connection, campaign, time_machine):
    time_machine.move_to(factories.NOON)
    account = factories.email_account(acme_connection, daily_limit=50, warmup_score=93.0)
    factories.daily_stats(campaign, sent=20, bounces=1)
    factories.daily_stats(campaign, day=DAY - timedelta(days=6), sent=30)
    factories.daily_stats(campaign, day=DAY - timedelta(days=29), sent=50)
    factories.daily_stats(campaign, sent=7, email_account="other@sender.example")
    data = api(viewer).get(f"/api/instantly/admin/email-account/{account.pk}/stats").json()["data"]
    assert data["usage"] == {
        "sent_today": 20,
        "daily_limit": 50,
        "left_today": 30,
        "sent_last_7_days": 50,
        "sent_last_30_days": 100,
    }
    assert [(row["campaign"], row["sent"]) for row in data["campaigns"]] == [("Q3 Outbound", 100)]
    assert (
        data["deliverability"]["is_healthy"],
        data["deliverability"]["warmup_score"],
        data["deliverability"]["bounce_rate"],
    ) == (True, 93.0, 0.01)


@pytest.mark.parametrize("by", [None, "day", "campaign"], ids=str)
def test_a_mailbox_shows_the_same_campaigns_with_every_breakdown(api, viewer, acme_connection, campaign, by):
    account = factories.email_account(acme_connection)
    factories.daily_stats(campaign, sent=3)
    factories.daily_stats(campaign, sent=4, day=DAY + timedelta(days=1))
    query = {"by": by} if by else {}
    data = api(viewer).get(f"/api/instantly/admin/email-account/{account.pk}/stats", query).json()["data"]
    assert (data["by"], len(data["rows"])) == (by, {None: 0, "day": 2, "campaign": 1}[by])
    assert [(row["campaign"], row["sent"]) for row in data["campaigns"]] == [("Q3 Outbound", 7)]


def test_the_same_address_in_another_workspace_is_another_mailbox(
    api, viewer, acme_connection, globex_connection, campaign
):
    account = factories.email_account(acme_connection)
    factories.daily_stats(campaign, sent=1)
    factories.daily_stats(factories.campaign(globex_connection), sent=1000)
    assert api(viewer).get(f"/api/instantly/admin/email-account/{account.pk}/stats").json()["data"]["sent"] == 1


def test_a_customer_sees_of_a_shared_mailbox_only_her_own_use(api, customer, acme, globex, shared_connection):
    account = factories.email_account(shared_connection, organization=acme)
    factories.daily_stats(factories.campaign(shared_connection, "Ours", organization=acme), sent=1)
    factories.daily_stats(factories.campaign(shared_connection, "Theirs", organization=globex), sent=1000)
    data = api(customer).get(f"/api/instantly/email-account/{account.pk}/stats").json()["data"]
    assert (data["sent"], [row["campaign"] for row in data["campaigns"]]) == (1, ["Ours"])


def test_stats_need_no_scan_of_messages(campaign, django_assert_num_queries):
    with rls.scope(rls.SYSTEM), django_assert_num_queries(1) as queries:
        stats.total(DailyStats.objects.filter(campaign=campaign))
    assert "messaging_message" not in queries[0]["sql"].replace("messaging_messages", "")


@pytest.mark.parametrize("by", stats.BY)
def test_the_total_is_the_same_with_a_breakdown(acme_connection, django_assert_num_queries, by):
    for n, tracked in enumerate((True, False)):
        other = factories.campaign(acme_connection, open_tracking=tracked, link_tracking=True)
        factories.daily_stats(other, sent=3 + n, unique_opens=2, unique_replies=1, email_account="a@x.example")
        factories.daily_stats(other, email_account="b@x.example", day=DAY + timedelta(days=1))  # all zeros
    with rls.scope(rls.SYSTEM):
        rows = DailyStats.objects.all()
        with django_assert_num_queries(1):
            whole, groups = stats.total_and_groups(rows, by)
        assert whole == stats.total(rows)
    assert sum(group["sent"] for group in groups) == whole["sent"] == 7
    assert whole["partly_tracked"] and all(group["sent"] for group in groups)
