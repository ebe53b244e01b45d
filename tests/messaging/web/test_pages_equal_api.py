"""Equality of the stats on pages and in the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.utils.encoders import JSONEncoder

from messaging import stats
from messaging.web import words
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db


def plain(value: Any) -> Any:
    """Return a page's stats in JSON form."""
    import json

    return json.loads(json.dumps(value, cls=JSONEncoder))


def last(days: int) -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"start": str(today - timedelta(days=days - 1)), "end": str(today)}


@pytest.mark.parametrize("by", list(stats.BY))
@pytest.mark.parametrize("days", [7, 30])
def test_stats_are_the_apis(customer, api, outreach, foreign, by, days):
    page = client_of(customer).get("/stats", {"by": by, **last(days)}).context["answer"]
    told = api(customer).get("/api/instantly/stats", {"by": by, "compare": "previous", **last(days)}).json()["data"]
    assert plain(page) == told
    assert told["sent"] > 0 and told["rows"]


def test_named_periods_are_the_apis(customer, api, outreach):
    client, today = client_of(customer), datetime.now(UTC).date()
    month = {"start": str(today.replace(day=1)), "end": str(today)}
    for asked, period in (
        ({}, last(30)),
        ({"period": "7"}, last(7)),
        ({"period": "month"}, month),
        ({"period": "all"}, {}),
    ):
        page = client.get("/stats", asked).context["answer"]
        told = api(customer).get("/api/instantly/stats", {"by": "day", "compare": "previous", **period}).json()["data"]
        assert plain(page) == told, asked


def test_a_campaigns_figures_are_the_apis(customer, api, outreach):
    campaign = outreach.campaigns[0]
    page = client_of(customer).get(f"/campaigns/{campaign.pk}?days=30").context
    told = api(customer).get(
        f"/api/instantly/campaign/{campaign.pk}/stats", {"by": "step", "compare": "previous", **last(30)}
    )
    assert plain(page["figures"]) == told.json()["data"]
    by_day = (
        api(customer)
        .get(f"/api/instantly/campaign/{campaign.pk}/stats", {"by": "day", **last(30)})
        .json()["data"]["rows"]
    )
    drawn = {
        str(day): values
        for day, *values in zip(page["chart"].days, *(s.values for s in page["chart"].series), strict=True)
    }
    assert {row["day"]: [row["sent"], row["replied"]] for row in by_day if row["sent"] or row["replied"]} == {
        day: values for day, values in drawn.items() if any(values)
    }


def test_an_email_accounts_figures_are_the_apis(customer, api, outreach):
    account = outreach.accounts[0]
    page = client_of(customer).get(f"/email-accounts/{account.pk}?days=30").context
    told = (
        api(customer)
        .get(f"/api/instantly/email-account/{account.pk}/stats", {"compare": "previous", **last(30)})
        .json()["data"]
    )
    assert plain(page["usage"]) == told["usage"]
    assert sorted(plain(page["campaigns"]), key=str) == sorted(told["campaigns"], key=str)
    assert {tile["name"]: (tile["value"], tile["before"]) for tile in page["tiles"]} == {
        name: (told[name], told["before"][name]) for name in ("sent", "replied", "bounced", "complaints")
    }


def test_the_campaign_lists_figures_are_the_apis(customer, api, outreach):
    rows = client_of(customer).get("/campaigns").context["shown"].rows
    told = api(customer).get("/api/instantly/stats", {"by": "campaign", **last(30)}).json()["data"]["rows"]
    assert {str(row.campaign.pk): plain(row.figures) for row in rows} == {row["campaign_id"]: row for row in told}
    assert [sum(row.line) for row in rows] == [row.figures["sent"] for row in rows]


def test_the_overviews_week_is_the_apis(customer, api, outreach):
    tiles = client_of(customer).get("/").context["overview"].tiles
    told = api(customer).get("/api/instantly/stats", last(7)).json()["data"]
    assert {tile.name: tile.value for tile in tiles} == {tile.name: told[tile.name] for tile in tiles}
    whole = api(customer).get("/api/instantly/stats", last(35)).json()["data"]
    for tile in tiles:
        assert tile.usual == pytest.approx((whole[tile.name] - told[tile.name]) / 4)


def test_every_figure_has_a_label_and_a_definition():
    names = {item.name for item in (*stats.FIGURE_DEFINITIONS, *stats.RATES)}
    assert set(words.FIGURES) == names
    assert all(label and meaning for label, meaning in words.FIGURES.values())
