"""Live updates of open pages (`/poll`): permissions and cost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, Organization, User
from messaging.web.poll import POLL
from salesbrain import rls
from salesbrain.kernel import db
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def events(acme_connection, globex_connection) -> None:
    """Create events: Acme's latest has number 5, Globex's 9."""
    for position, workspace in ((5, acme_connection), (9, globex_connection)):
        factories.event(factories.campaign(workspace), position, "email_sent", position=position)


def ask(client: Client, user: User, organization: object, since: object = 0):
    return client.get(f"/poll?user={user.pk}&organization={organization}&since={since}")


def test_the_poll_returns_204_or_the_new_position(customer, acme, events):
    client = client_of(customer)
    same, changed = ask(client, customer, acme.pk, 5), ask(client, customer, acme.pk, 4)
    assert (same.status_code, same.content) == (204, b"")
    assert (changed.status_code, changed.json()) == (200, {"position": 5})
    assert ask(client, customer, acme.pk, 9).json() == {"position": 5}, "events that moved away are a change too"


def test_an_organization_without_events_stands_at_zero(customer, acme):
    assert ask(client_of(customer), customer, acme.pk, 0).status_code == 204


def test_staff_ask_for_one_organization_or_for_all(viewer, acme, events):
    client = client_of(viewer)
    assert ask(client, viewer, acme.pk).json() == {"position": 5}
    assert ask(client, viewer, "all").json() == {"position": 9}
    assert ask(client, viewer, uuid4()).status_code == 401


def test_the_page_polls_the_url_that_answers(customer, acme, events):
    client = client_of(customer)
    page = client.get("/").content.decode()
    address = page.split('data-poll="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(f"{address}&since=5").status_code == 204
    assert 'data-position="5"' in page


def test_a_poll_takes_one_sql_statement(customer, acme, events):
    client = client_of(customer)
    with CaptureQueriesContext(connection) as queries:
        ask(client, customer, acme.pk, 5)
    assert [query["sql"] for query in queries] == [POLL]


@pytest.mark.parametrize("organization", ["globex", "all", "none"])
def test_a_customer_hears_nothing_of_others(customer, globex, events, organization):
    named = {"globex": globex.pk, "all": "all", "none": uuid4()}[organization]
    answer = ask(client_of(customer), customer, named)
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_session_polls_for_its_own_user_only(customer, stranger, globex, events):
    assert ask(client_of(customer), stranger, globex.pk).status_code == 401
    assert ask(Client(), customer, globex.pk).status_code == 401


LOST = {
    "user": lambda user, acme: User.objects.filter(pk=user.pk).update(is_active=False),
    "membership": lambda user, acme: Membership.objects.filter(user=user).delete(),
    "organization": lambda user, acme: Organization.objects.filter(pk=acme.pk).update(is_active=False),
    "password": lambda user, acme: User.objects.filter(pk=user.pk).update(password="md5$other$hash"),
    "session": lambda user, acme: Session.objects.all().delete(),
    "time": lambda user, acme: Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1)),
}


@pytest.mark.parametrize("what", LOST)
def test_lost_access_counts_at_the_next_poll(customer, acme, events, what):
    client = client_of(customer)
    assert ask(client, customer, acme.pk).status_code == 200
    with rls.scope(rls.SYSTEM):
        LOST[what](customer, acme)
    assert ask(client, customer, acme.pk).status_code == 401


def test_staff_without_their_second_factor_hear_nothing(settings, viewer, events):
    settings.SECOND_FACTOR_REQUIRED = True
    assert ask(client_of(viewer), viewer, "all").status_code == 401


@pytest.mark.parametrize(
    "query", ["", "user=x&organization=all&since=0", "user=1&since=1", "since=-", "user=%00&organization=all&since=1"]
)
def test_an_invalid_poll_is_refused(customer, query):
    assert client_of(customer).get(f"/poll?{query}").status_code == 400


def test_an_invalid_session_cookie_is_anonymous(customer, acme):
    client = Client()
    for key in ("", "x", "\u00e9" * 40, "' OR true --"):
        client.cookies["sessionid"] = key
        assert ask(client, customer, acme.pk).status_code == 401


def test_the_sql_function_returns_nothing_without_a_session(customer, acme, events):
    for key in ("", "%", "x' OR true --"):
        assert db.first(POLL, [key, customer.pk, acme.pk]) is None
        assert db.first(POLL, [key, customer.pk, None]) is None
