"""Reads from a real standby: which requests go there, and which callers must see the primary."""

from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from salesbrain.replica import positions, reading, watch
from tests import factories
from tests.salesbrain.web import pages
from tests.standby import Standby

pytestmark = pytest.mark.django_db(transaction=True)
CAMPAIGNS = "/api/instantly/campaigns"
CAMPAIGN = "/api/instantly/campaign"
SNIPPETS = "/api/instantly/snippets"
GREETING = {"name": "Greeting", "text": "Hello {first_name}"}


def names(answer: Any, of: str = "campaigns") -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["name"] for row in answer.json()["data"][of]}


def known_to(client: Any, **query: Any) -> set[str]:
    watch.look()
    return names(client.get(CAMPAIGNS, query))


@pytest.fixture
def fed(acme_connection, replica: Standby) -> Any:
    """Return a function that makes a campaign, as a sync does: in no request of anybody's."""
    factories.campaign(acme_connection, "Before")
    replica.catch_up()
    return lambda name: factories.campaign(acme_connection, name)


def test_a_customers_reads_show_what_the_replica_has_replayed(api, customer, fed, replica):
    replica.pause()
    fed("After")
    assert known_to(api(customer)) == {"Before"}
    replica.resume()
    replica.catch_up()
    assert known_to(api(customer)) == {"Before", "After"}


def test_pages_read_there_as_well(customer, fed, replica):
    client = pages.client_of(customer)
    replica.pause()
    fed("After")
    watch.look()
    page = client.get("/campaigns").content.decode()
    assert "Before" in page and "After" not in page


def test_staff_read_the_primary(api, viewer, fed, replica, acme):
    replica.pause()
    fed("After")
    assert known_to(api(viewer), organization_id=acme.pk) == {"Before", "After"}


def test_a_caller_sees_their_own_write_and_a_colleague_not_yet(api, acme, customer, fed, replica):
    colleague = factories.customer("colleague@acme.example", acme)
    replica.catch_up()
    replica.pause()
    assert api(customer).post(SNIPPETS, GREETING).status_code == 201
    watch.look()
    assert names(api(customer).get(SNIPPETS), "snippets") == {"Greeting"}
    assert names(api(colleague).get(SNIPPETS), "snippets") == set()
    replica.resume()
    replica.catch_up()
    assert names(api(colleague).get(SNIPPETS), "snippets") == {"Greeting"}


def test_after_the_replica_has_caught_up_the_writer_reads_there_again(api, customer, fed, replica):
    api(customer).post(SNIPPETS, GREETING)
    replica.catch_up()
    replica.pause()
    fed("After")
    assert known_to(api(customer)) == {"Before"}


def test_what_was_written_on_a_page_is_read_through_the_api(api, customer, fed, replica, acme):
    client = pages.client_of(customer)
    replica.pause()
    done = client.post("/settings/snippets", {**GREETING, "organization": str(acme.pk), "action": "save"})
    assert done.status_code in (200, 302), done.content
    watch.look()
    assert names(api(customer).get(SNIPPETS), "snippets") == {"Greeting"}


def test_whoever_was_told_of_news_reads_them(customer, fed, replica, acme, acme_connection):
    """The page asks again for what the poll announced, and would not ask once more."""
    client = pages.client_of(customer)
    replica.pause()
    campaign = fed("After")
    factories.event(campaign, 1, position=1)
    asked = client.get(f"/poll?user={customer.pk}&organization={acme.pk}&since=0")
    assert (asked.status_code, asked.json()) == (200, {"position": 1})
    watch.look()
    assert "After" in client.get("/campaigns").content.decode()


def test_what_the_replica_has_not_heard_of_is_asked_of_the_primary(api, customer, fed, replica):
    replica.pause()
    campaign = fed("After")
    watch.look()
    assert api(customer).get(f"{CAMPAIGN}/{campaign.pk}").status_code == 200
    assert api(customer).get(f"{CAMPAIGN}/{customer.pk}").status_code == 404


def test_a_membership_that_ended_counts_at_once(api, customer, acme, fed, replica):
    from accounts.models import Membership
    from salesbrain import rls

    replica.pause()
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user_id=customer.pk).delete()
    watch.look()
    assert api(customer).get(CAMPAIGNS).status_code == 403


def test_a_dead_replica_is_no_error_and_is_used_again_when_it_lives(api, customer, fed, replica):
    client = api(customer)
    assert known_to(client) == {"Before"}
    replica.stop_at_once()
    fed("After")
    assert names(client.get(CAMPAIGNS)) == {"Before", "After"}
    assert not watch.is_usable and "not answer" in watch.reason
    replica.start()
    replica.catch_up()
    watch.look()
    assert watch.is_usable


def test_a_hanging_replica_is_left_and_the_request_answered(api, customer, fed, replica):
    client = api(customer)
    assert known_to(client) == {"Before"}
    replica.hang()
    fed("After")
    assert names(client.get(CAMPAIGNS)) == {"Before", "After"}
    assert not watch.is_usable


def test_a_replica_that_hangs_in_the_middle_of_a_read_is_cut_off(customer, fed, replica, monkeypatch):
    monkeypatch.setattr(reading, "READ_WITHIN", 0.5)
    asked = []

    def work() -> str:
        asked.append(connection.alias)
        if connection.alias == "replica":
            replica.hang()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return connection.alias

    assert reading.read(customer, work) == "default"
    assert asked == ["replica", "default"]


def test_a_read_that_writes_is_repeated_on_the_primary_and_logged(customer, fed, replica, caplog):
    def work() -> str:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM read_position")
        return connection.alias

    assert reading.read(customer, work) == "default"
    assert "name it as one that does" in caplog.text and watch.is_usable


def test_a_replica_that_lags_too_long_is_left_until_it_has_caught_up(
    api, customer, fed, replica, settings, monkeypatch
):
    settings.DATABASE_REPLICA_LAG_SECONDS = 5
    now = [1000.0]
    monkeypatch.setattr("salesbrain.replica.watching.monotonic", lambda: now[0])
    monkeypatch.setattr("salesbrain.replica.watching.ANSWERS_WITHIN", 10.0**9)  # db_deadline has the real clock
    replica.pause()
    fed("After")
    assert known_to(api(customer)) == {"Before"}
    now[0] += 6
    assert known_to(api(customer)) == {"Before", "After"}
    assert watch.reason == "It is more than 5 seconds behind." and watch.lag == 6
    replica.resume()
    replica.catch_up()
    watch.look()
    assert watch.is_usable


def test_the_replica_of_an_idle_primary_does_not_lag(fed, replica, settings, monkeypatch):
    settings.DATABASE_REPLICA_LAG_SECONDS = 5
    now = [1000.0]
    monkeypatch.setattr("salesbrain.replica.watching.monotonic", lambda: now[0])
    monkeypatch.setattr("salesbrain.replica.watching.ANSWERS_WITHIN", 10.0**9)
    replica.catch_up()
    watch.look()
    replica.catch_up()
    now[0] += 3600
    watch.look()
    assert watch.is_usable, watch.reason


def test_a_state_that_nobody_keeps_up_is_not_believed(fed, replica, monkeypatch):
    assert watch.is_usable
    later = watch._looked_at + 11
    monkeypatch.setattr("salesbrain.replica.watching.monotonic", lambda: later)
    assert not watch.is_usable


def test_a_position_never_goes_back(customer, replica):
    positions.note(customer.pk)
    latest = positions.needed(customer.pk)
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE read_position SET position = position + 1000000::numeric")
    positions.note(customer.pk)
    assert positions.needed(customer.pk) == latest + 1_000_000


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_replica_nothing_is_asked_or_noted(api, customer, acme_connection, method):
    client = api(customer)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(CAMPAIGNS) if method == "get" else client.post(SNIPPETS, GREETING)
    assert answer.status_code in (200, 201)
    assert not [query["sql"] for query in queries if "read_position" in query["sql"] or "_lsn" in query["sql"]]
