"""Monthly goals: pace by working days, roles, page, overview."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.choices import MembershipRole
from accounts.permissions import RoleTooLow
from messaging import goals
from messaging.goals import InvalidGoal, forecast, set_goals, working_days
from messaging.inbox import feed_facts
from messaging.models import Goal
from salesbrain import rls
from tests import factories

JUNE = date(2026, 6, 1)  # begins on a Monday, 22 working days
AUGUST = date(2026, 8, 1)  # begins on a Saturday, 21 working days


@pytest.mark.parametrize(
    ("done", "month", "today", "expected"),
    [
        pytest.param(0, JUNE, date(2026, 5, 31), None, id="before the month"),
        pytest.param(1, JUNE, date(2026, 6, 1), 22, id="its first working day"),
        pytest.param(5, JUNE, date(2026, 6, 5), 22, id="Friday"),
        pytest.param(5, JUNE, date(2026, 6, 7), 22, id="the Sunday after adds no day"),
        pytest.param(18, JUNE, date(2026, 6, 30), 18, id="its last day"),
        pytest.param(18, JUNE, date(2026, 7, 1), 18, id="after the month"),
        pytest.param(0, JUNE, date(2026, 6, 15), 0, id="nothing done"),
        pytest.param(2, AUGUST, date(2026, 8, 2), None, id="no working day has passed"),
        pytest.param(1, AUGUST, date(2026, 8, 4), 11, id="a half is rounded up"),
    ],
)
def test_the_forecast_goes_by_working_days(done, month, today, expected):
    assert forecast(done, month=month, today=today) == expected


@pytest.mark.parametrize("days", range(15), ids=str)
@pytest.mark.parametrize("first", [JUNE + timedelta(days=n) for n in range(7)], ids=str)
def test_working_days_are_counted_as_a_calendar_counts_them(first, days):
    counted = sum(1 for n in range(days) if (first + timedelta(days=n)).weekday() < 5)
    assert working_days(first, first + timedelta(days=days - 1)) == counted


@pytest.mark.parametrize("month", [date(2026, 2, 1), date(2028, 2, 1), date(2026, 12, 1)], ids=str)
def test_the_last_day_is_the_one_before_the_next_month(month):
    assert (goals.last_day(month) + timedelta(days=1)).day == 1
    assert goals.next_month(month) == goals.last_day(month) + timedelta(days=1)


@pytest.fixture
def owner(acme):
    return factories.customer("owner@acme.example", acme)


def set_by(user, acme, targets, month=JUNE):
    scope = user.scope_in(acme.pk)
    return set_goals(scope, by=user, month=month, targets=targets, now=timezone.now())


@pytest.mark.django_db
def test_an_owner_sets_changes_and_takes_goals_away(owner, acme):
    assert set_by(owner, acme, {"meetings": 30, "sent": 900}) == {"meetings": 30, "sent": 900}
    assert set_by(owner, acme, {"meetings": 25}) == {"meetings": 25, "sent": 900}
    assert set_by(owner, acme, {"meetings": None}) == {"sent": 900}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("targets", "month"),
    [
        pytest.param({"opens": 3}, JUNE, id="another figure"),
        pytest.param({"meetings": 0}, JUNE, id="zero"),
        pytest.param({"meetings": 1_000_001}, JUNE, id="too large"),
        pytest.param({"meetings": 3}, date(2026, 6, 2), id="no first day"),
    ],
)
def test_an_unfit_goal_is_refused_and_nothing_is_stored(owner, acme, targets, month):
    with pytest.raises(InvalidGoal):
        set_by(owner, acme, {"sent": 5} | targets, month)
    with rls.scope(rls.SYSTEM):
        assert not Goal.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [MembershipRole.MEMBER, MembershipRole.OBSERVER], ids=str)
def test_only_owners_set_goals(acme, role, client):
    user = factories.customer("other@acme.example", acme, role=role)
    with pytest.raises(RoleTooLow):
        set_by(user, acme, {"meetings": 30})
    client.force_login(user)
    page = client.get("/settings/goals")
    assert page.status_code == 200 and b"Owners of the organization set them" in page.content
    month = goals.first_day(timezone.now().date()).isoformat()
    assert (
        client.post("/settings/goals", {"organization": str(acme.pk), "month": month, "meetings": "3"}).status_code
        == 403
    )


@pytest.mark.django_db
def test_the_overview_and_stats_show_the_pace(owner, acme, acme_connection, client, monkeypatch):
    campaign = factories.campaign(acme_connection)
    today = timezone.now().date()
    factories.daily_stats(campaign, sent=50, meetings=18, day=today)
    factories.message(campaign)
    monkeypatch.setattr(feed_facts, "_readers", [])  # while a first sync runs no pace is shown
    client.force_login(owner)
    month = goals.first_day(today)
    assert b"Set goals" in client.get("/stats").content
    answer = client.post(
        "/settings/goals", {"organization": str(acme.pk), "month": month.isoformat(), "meetings": "30", "sent": ""}
    )
    assert answer.status_code == 302
    for address in ("/", "/stats"):
        assert b"18 of 30 Meetings" in client.get(address).content, address
    bad = client.post("/settings/goals", {"organization": str(acme.pk), "month": month.isoformat(), "meetings": "0"})
    assert bad.status_code == 400 and b"greater than or equal to 1" in bad.content
    assert (
        client.post(
            "/settings/goals", {"organization": str(acme.pk), "month": "2020-01-01", "meetings": "3"}, follow=True
        ).content.count(b"Choose one of them")
        == 1
    )


@pytest.mark.django_db(transaction=True)
def test_the_api_sets_and_answers_goals(owner, acme, acme_connection, api):
    factories.daily_stats(factories.campaign(acme_connection), sent=50, meetings=18, day=date(2026, 6, 30))
    client = api(owner)
    answer = client.put("/api/instantly/goals?month=2026-06-17", {"meetings": 30}, format="json")
    assert answer.status_code == 200
    expected = {
        "organization_id": str(acme.pk),
        "month": "2026-06-01",
        "last_day": "2026-06-30",
        "goals": [{"metric": "meetings", "target": 30, "done": 18, "forecast": 18}],
    }
    assert answer.json()["data"] == client.get("/api/instantly/goals?month=2026-06-01").json()["data"] == expected
    assert client.put("/api/instantly/goals", {"meetings": 0}, format="json").status_code == 400
    member = api(factories.customer("member@acme.example", acme, role=MembershipRole.MEMBER))
    assert member.put("/api/instantly/goals?month=2026-06-01", {"meetings": 1}, format="json").status_code == 403
