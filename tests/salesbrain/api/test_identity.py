"""Identification of the API caller: looked up by every request, in one statement."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from knox.models import get_token_model

from accounts.models import Membership, Organization, User
from salesbrain import rls
from salesbrain.api import identity
from salesbrain.kernel import db
from tests import factories

WHERE = "/api/instantly/campaigns"


def taken_away(name, customer, acme):
    """Delete or deactivate what the caller's access depends on: the token, user, membership or organization of this name."""
    with rls.scope(rls.SYSTEM):
        {
            "token": lambda: get_token_model().objects.filter(user=customer).delete(),
            "user": lambda: User.objects.filter(pk=customer.pk).update(is_active=False),
            "membership": lambda: Membership.objects.filter(user=customer, organization=acme).delete(),
            "organization": lambda: Organization.objects.filter(pk=acme.pk).update(is_active=False),
        }[name]()


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("token", 401, "authentication_failed"),
        ("user", 403, "user_inactive"),
        ("membership", 403, "no_organization"),
        ("organization", 403, "no_organization"),
    ],
)
def test_revocations_take_effect_at_the_next_request(api, customer, acme, what, status, code):
    client = api(customer)
    assert client.get(WHERE).status_code == 200
    taken_away(what, customer, acme)
    answer = client.get(WHERE)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_former_staff_see_nothing(api, viewer):
    client = api(viewer)
    assert client.get("/api/instantly/admin/campaigns").status_code == 200
    User.objects.filter(pk=viewer.pk).update(role="")
    assert client.get("/api/instantly/admin/campaigns").status_code == 403
    assert client.get(WHERE).json()["code"] == "no_organization"


def test_the_caller_is_counted_and_recognised_in_one_statement_before_anything_else(api, customer, acme_connection):
    factories.campaign(acme_connection, "One")
    client = api(customer)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(WHERE).json()["count"] == 1
    first, *others = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert first == identity.COUNTED
    assert not [
        sql for sql in others if "knox_authtoken" in sql or "accounts_membership" in sql or "api_throttle" in sql
    ]


def test_api_caller_returns_nothing_without_the_whole_token(customer):
    token = factories.token(customer)
    row = get_token_model().objects.get(user=customer)
    with connection.cursor() as cursor:
        for wrong in (token, row.token_key, row.digest[:-1], row.digest.upper() + " ", "", "%"):
            cursor.execute("SELECT * FROM api_caller(%s)", [wrong])
            assert cursor.fetchall() == [], wrong
        cursor.execute("SELECT * FROM api_caller(NULL)")
        assert cursor.fetchall() == []
        cursor.execute("SELECT email FROM api_caller(%s)", [row.digest])
        assert cursor.fetchall() == [(customer.email,)]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_since_the_last_request_is_replaced(api, customer):
    client = api(customer)
    assert client.get(WHERE).status_code == 200
    assert connection.connection is not None, "the connection is not kept, so this shows nothing"
    with db.direct_connection() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
    assert client.get(WHERE).status_code == 200
