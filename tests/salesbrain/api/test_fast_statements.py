"""Fast reads of the API: each statement a transaction with its scope; the same answers as in one."""

from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from campaigns.models import Campaign
from messaging import organization_stats
from messaging.models import DailyStats, Event
from salesbrain import rls
from salesbrain.api import fast_path
from salesbrain.api.views import ApiView
from salesbrain.kernel import db, fast_reads, lone_statements
from salesbrain.kernel.fast_reads import Where
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

QUERIES = [
    "campaigns", "campaigns?limit=1&cursor=", "campaigns?query=Q3%25&status=active", "campaign/{campaign}",
    "campaign/{campaign}/stats?by=step", "campaign/{campaign}/messages", "campaign/{campaign}/messages?limit=1&cursor=",
    "campaign/{campaign}/messages?status=opened&unread=true&category=lead_interested", "events?since=0&limit=1",
    "events?type=email_sent&contact_id={contact}", "stats", "stats?by=day&start=2026-07-01&compare=previous&end=2026-07-31",
    "stats?by=campaign",
]  # fmt: skip
REFUSED = ["campaign/{theirs}", "campaign/{theirs}/stats", "campaign/{theirs}/messages", "campaigns?limit=x"]


@pytest.fixture
def paths(acme_connection, globex_connection, acme):
    campaign = factories.campaign(acme_connection, "Q3 % Outbound")
    theirs = factories.campaign(globex_connection, "Theirs")
    contact = factories.contact(acme, "o'neill@lead.example", last_name="O'Neill \\ 100 %")
    for one, lead in ((campaign, "o'neill@lead.example"), (theirs, "other@lead.example")):
        mail = factories.message(one, lead, opened_at=factories.NOON)
        factories.event(one, id=uuid4().int >> 66, contact_id=mail.contact_id, position=uuid4().int >> 100)
        factories.daily_stats(one, sent=3, unique_opens=1)
    while organization_stats.refresh():
        pass
    ids = {"campaign": campaign.pk, "theirs": theirs.pk, "contact": contact.pk}
    return lambda texts: [f"/api/instantly/{text.format(**ids)}" for text in texts]


def assert_no_scope_is_left() -> None:
    assert rls.current() == ("", "", "none")
    ours: Any = connection
    assert getattr(ours, "settings_of_each_statement", None) is None and not connection.execute_wrappers
    with pytest.raises(rls.NoTransaction):
        rls.enter_each_statement(rls.SYSTEM)


def test_answers_are_the_same_as_in_a_transaction(api, customer, stranger, viewer, paths, monkeypatch):
    taken = []
    is_fast = ApiView._is_fast
    monkeypatch.setattr(ApiView, "_is_fast", lambda view, request: taken.append(is_fast(view, request)) or taken[-1])
    clients = [api(customer), api(stranger)]
    fast = [
        (answer.status_code, answer.content)
        for client in clients
        for answer in map(client.get, paths(QUERIES + REFUSED))
    ]
    assert all(taken), "every one of these operations is fast for customers"
    assert_no_scope_is_left()
    monkeypatch.setattr(ApiView, "_is_fast", lambda view, request: False)
    slow = [
        (answer.status_code, answer.content)
        for client in clients
        for answer in map(client.get, paths(QUERIES + REFUSED))
    ]
    assert fast == slow
    statuses = [status for status, _ in fast[: len(QUERIES + REFUSED)]]
    assert statuses == [200] * len(QUERIES) + [404, 404, 404, 400]


def test_staff_have_a_transaction_around_their_reads(api, viewer, paths):
    for path in paths(QUERIES):
        answer = api(viewer).get(path)
        assert answer.status_code == 200, answer.content
    assert_no_scope_is_left()


def test_another_organization_stays_invisible(api, customer, stranger, paths):
    for path in paths(["campaigns", "events", "contacts"]):
        ours, theirs = api(customer).get(path).content, api(stranger).get(path).content
        assert b"Theirs" not in ours and b"other@lead" not in ours and b"Q3" not in theirs and b"neill" not in theirs


def test_the_orm_is_refused_where_it_would_have_no_scope(acme, paths):
    with rls.each_statement():
        rls.enter_each_statement(rls.customer(acme.pk))
        with pytest.raises(rls.NoTransaction):
            Campaign.objects.count()
        with rls.scope(rls.customer(acme.pk)):
            assert Campaign.objects.count() == 1, "a transaction of its own has its scope"
    assert_no_scope_is_left()


def test_before_the_scope_is_known_there_are_no_rows(paths):
    with rls.each_statement():
        assert fast_reads.values(Where(Campaign, {}), "name", limit=9) == []
        with pytest.raises(rls.NoTransaction):
            fast_reads.count(Where(Campaign, {}), up_to=10)


def test_a_failed_statement_leaves_no_scope(acme, paths):
    with rls.each_statement():
        rls.enter_each_statement(rls.customer(acme.pk))
        for sql in ("SELECT 1 / (SELECT 0)", "SELECT nonsense"):
            for ask in (db.prepared, db.bound):
                with pytest.raises(DatabaseError):
                    ask(sql, ())
        assert fast_reads.count(Where(Campaign, {}), up_to=10) == 1
    assert_no_scope_is_left()
    assert Campaign.objects.count() == 0


def test_the_scope_is_that_of_the_statement_and_of_no_other(acme, globex, paths):
    with rls.each_statement():
        for organization, name in ((acme, "Q3 % Outbound"), (globex, "Theirs"), (acme, "Q3 % Outbound")):
            rls.enter_each_statement(rls.customer(organization.pk))
            assert fast_reads.values(Where(Campaign, {}), "name", limit=9) == [(name,)]
            assert [row for (row,) in db.bound("SELECT name FROM campaigns_campaign", ())] == [name]


@pytest.mark.parametrize("prepare", [True, False], ids=["prepared", "bound"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "it's 100 % \\ \"ü\" $1 %s"), ("text", None), ("text", ""), ("int", -1), ("bigint", 2**62), ("boolean", True),
        ("uuid", UUID(int=7)), ("date", date(2026, 7, 10)), ("timestamptz", datetime(2026, 7, 10, 12, 0, 0, 1, tzinfo=UTC)),
        ("uuid[]", [UUID(int=1), UUID(int=2)]), ("text[]", ["a,b", "'", '"', None]), ("uuid[]", []),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_values_arrive_as_they_are(kind, value, prepare):
    raw = _raw()
    for _ in range(2):
        rows = lone_statements.run(raw, "SELECT 1", f"SELECT %s::{kind}, %s::{kind}", [value, value], prepare=prepare)
        assert rows.fetchall() == [(value, value)]
    named = {"b": value, "a": 1}
    rows = lone_statements.run(
        raw, "SELECT 1", f"SELECT %(a)s::int, %(b)s::{kind}, %(a)s, '%%'", named, prepare=prepare
    )
    assert rows.fetchall() == [(1, value, 1, "%")]


def test_statements_that_were_deallocated_are_prepared_again():
    raw: Any = _raw()
    for _ in range(2):
        assert lone_statements.run(raw, "SELECT 1", "SELECT %s + 41", [1], prepare=True).fetchall() == [(42,)]
        raw.execute("DEALLOCATE ALL")


@pytest.mark.django_db(transaction=True)
def test_a_fast_read_works_after_a_rolled_back_transaction(api, customer, acme_connection):
    """After a ROLLBACK psycopg deallocates every prepared statement of the connection, its own and others."""
    campaign = factories.campaign(acme_connection)
    client, path = api(customer), f"/api/instantly/campaign/{campaign.pk}"
    for _ in range(2):
        assert client.get(path).status_code == 200
        with suppress(ZeroDivisionError), transaction.atomic():
            for _ in range(3):
                db.prepared("SELECT %s::int", [1])
            raise ZeroDivisionError
    assert client.get(path).status_code == 200


def test_a_connection_keeps_a_bounded_number_of_statements(monkeypatch):
    monkeypatch.setattr(lone_statements, "MOST", 2)
    raw: Any = _raw()
    before = raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'lone%'").fetchone()[0]
    for number in range(6):
        rows = lone_statements.run(raw, "SELECT 1", f"SELECT %s + {number}", [1], prepare=True)
        assert rows.fetchall() == [(1 + number,)]
    assert raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'lone%'").fetchone()[0] <= max(
        2, before
    )


def test_it_works_without_prepared_statements(api, customer, paths, settings):
    """As behind a pooler in transaction mode (DATABASE_PREPARE=false)."""
    settings.DATABASE_PREPARE = False
    for path in paths(QUERIES):
        assert api(customer).get(path).status_code == 200
    assert_no_scope_is_left()


def test_an_unknown_path_is_not_remembered(api, customer):
    before = fast_path._resolved.cache_info().currsize
    for number in range(3):
        assert api(customer).get(f"/api/instantly/no-such-{number}/x/y").status_code == 404
    assert fast_path._resolved.cache_info().currsize <= before + 3
    assert fast_path._resolved.cache_info().maxsize == 2000


def test_inside_a_transaction_the_statements_belong_to_it(acme, paths):
    with transaction.atomic(), rls.each_statement():
        rls.enter(rls.customer(acme.pk))
        assert fast_reads.count(Where(Event, {}), up_to=10) == 1
        assert stats_rows() == 1


def stats_rows() -> int:
    return fast_reads.count(Where(DailyStats, {}), up_to=10)


def _raw() -> psycopg.Connection:
    connection.ensure_connection()
    return connection.connection
