"""API tokens over the API: issued by password or token, shown once, listed, revoked, rate limited."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from salesbrain import rls
from tests import factories

URL = "/api/auth/tokens"
LIST = "/api/instantly/campaigns"


@pytest.fixture
def rates(settings):
    """Return a function that changes the rate limits for one test."""

    def change(**rates: str) -> None:
        settings.REST_FRAMEWORK = {
            **settings.REST_FRAMEWORK,
            "DEFAULT_THROTTLE_RATES": {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], **rates},
        }

    return change


def use(api, token: str):
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_a_customer_makes_a_token_with_her_password_and_uses_it(api, customer):
    answer = api().post(
        URL, {"email": "Customer@acme.example", "password": "customer-password", "name": "CRM", "days": 7}
    )
    token = answer.json()["data"]
    assert answer.status_code == 201 and token["name"] == "CRM" and token["token"].startswith(token["id"])
    assert use(api, token["token"]).get(LIST).status_code == 200


def test_a_token_makes_another_for_its_owner(api, customer):
    made = api(customer).post(URL, {"name": "second"}).json()["data"]
    assert use(api, made["token"]).get("/api/instantly/me").json()["data"]["token"]["name"] == "second"


def test_making_and_revoking_are_in_the_audit_log_without_the_token(api, customer):
    client = api(customer)
    made = client.post(URL, {"name": "CRM"}).json()["data"]
    client.delete(f"{URL}/{made['id']}")
    with rls.scope(rls.SYSTEM):
        entries = list(AuditEntry.objects.order_by("id").values_list("action", "actor_name", "detail"))
    assert [entry[:2] for entry in entries] == [("token.create", customer.email), ("token.revoke", customer.email)]
    assert made["token"] not in str(entries)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("customer@acme.example", "wrong"),
        ("nobody@acme.example", "customer-password"),
        ("viewer@salesbrain.example", "viewer-password"),
    ],
)
def test_every_refused_login_is_answered_alike(api, customer, viewer, email, password):
    """The response reveals neither whether the address has a user nor whether that user needs a second factor."""
    answer = api().post(URL, {"email": email, "password": password, "name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")
    assert answer.json() == api().post(URL, {"email": "else@where.example", "password": "x", "name": "x"}).json()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"name"}),
        ({"name": "x"}, {"email", "password"}),
        ({"name": "x", "email": "a@b.example"}, {"password"}),
        ({"name": "x", "role": "sb_admin"}, {"role"}),
        ({"name": 5}, {"name"}),
        ({"name": "x" * 101}, {"name"}),
        ({"name": "x", "days": 0}, {"days"}),
        ({"name": "x", "days": 366}, {"days"}),
    ],
)
def test_a_wrong_body_is_refused_by_field(api, db, body, named):
    answer = api().post(URL, body)
    assert answer.status_code == 400 and set(answer.json()["errors"]) == named


def test_with_a_token_no_password_is_asked_for(api, customer):
    assert api(customer).post(URL, {"name": "x", "email": "a@b.example", "password": "p"}).status_code == 409


def test_only_the_callers_own_tokens_are_listed(api, customer, stranger):
    factories.token(stranger)
    client = api(customer)
    client.post(URL, {"name": "CRM"})
    body = client.get(URL).json()
    assert body["count"] == 2
    assert {(token["name"] == "CRM", token["is_current"]) for token in body["data"]["tokens"]} == {
        (True, False),
        (False, True),
    }


def test_a_revoked_token_is_refused(api, customer):
    client = api(customer)
    made = client.post(URL, {"name": "CRM"}).json()["data"]
    assert client.delete(f"{URL}/{made['id']}").status_code == 204
    assert use(api, made["token"]).get(LIST).status_code == 401
    assert client.get(LIST).status_code == 200


def test_delete_without_an_id_revokes_the_token_in_use(api, customer):
    client = api(customer)
    assert client.delete(URL).status_code == 204
    assert client.get(LIST).status_code == 401


def test_another_users_token_is_answered_like_an_unknown_one(api, customer, stranger):
    factories.token(stranger)
    theirs = stranger.auth_token_set.get().token_key
    client = api(customer)
    answers = [client.delete(f"{URL}/{id}") for id in (theirs, "sb_000000000000")]
    assert [answer.status_code for answer in answers] == [404, 404] and answers[0].content == answers[1].content
    assert stranger.auth_token_set.count() == 1


# --- how long ---------------------------------------------------------------------------------------------------------


def test_no_token_outlives_the_one_that_makes_it(api, customer):
    first = api().post(URL, {"email": customer.email, "password": "customer-password", "name": "x", "days": 3})
    client = use(api, first.json()["data"]["token"])
    ends = first.json()["data"]["expires_at"]
    assert client.post(URL, {"name": "y"}).json()["data"]["expires_at"] <= ends
    assert client.post(URL, {"name": "y", "days": 2}).status_code == 201
    refused = client.post(URL, {"name": "y", "days": 3})
    assert refused.status_code == 400 and set(refused.json()["errors"]) == {"days"}


def test_no_token_lives_longer_than_the_installation_allows(api, customer, settings):
    settings.API_TOKEN_MAX_DAYS = 30
    body = {"email": customer.email, "password": "customer-password", "name": "x"}
    assert api().post(URL, body | {"days": 31}).status_code == 400
    assert api().post(URL, body | {"days": 30}).status_code == 201
    made = api().post(URL, body).json()["data"]
    assert made["expires_at"] < f"{timezone.now() + timedelta(days=31):%Y-%m-%dT%H:%M:%S}", "the usual 90 days are cut"


@pytest.mark.parametrize("how", ["another password", "no password", "deactivated", "deactivated and activated again"])
def test_tokens_end_when_the_password_changes_or_the_user_is_deactivated(api, customer, how):
    client = api(customer)
    if how == "another password":
        customer.set_password("quite-another-password")
    elif how == "no password":
        customer.set_unusable_password()
    else:
        customer.is_active = False
    customer.save()
    if how == "deactivated and activated again":
        customer.is_active = True
        customer.save()
    assert client.get(LIST).status_code == 401
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="token.revoke", target_id=str(customer.pk)).count() == 1


@pytest.mark.parametrize("change", ["name", "hash"])
def test_tokens_stay_when_something_else_changes(api, customer, change, settings):
    client = api(customer)
    if change == "name":
        customer.name = "Ann"
        customer.save()
    else:  # a login writes the same password again where hashes have become better
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.PBKDF2PasswordHasher", "django.contrib.auth.hashers.MD5PasswordHasher",
        ]  # fmt: skip
        before = customer.password
        assert customer.check_password("customer-password") and customer.password != before
    assert client.get(LIST).status_code == 200


# --- how often ----------------------------------------------------------------------------------------------------------


def test_a_throttled_request_gets_retry_after(api, customer, rates):
    rates(default="2/minute")
    client = api(customer)
    assert [client.get(LIST).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(LIST)
    assert answer.json()["code"] == "throttled" and 1 <= int(answer.headers["Retry-After"]) <= 60


def test_each_token_has_its_own_count(api, customer, rates):
    rates(default="1/minute")
    assert api(customer).get(LIST).status_code == api(customer).get(LIST).status_code == 200


def test_a_wrong_request_counts_too(api, customer, rates):
    rates(default="1/minute")
    client = api(customer)
    assert [client.get(LIST + "?x=1").status_code, client.get(LIST).status_code] == [400, 429]


def test_search_and_export_have_stricter_limits_of_their_own(api, customer, rates):
    rates(search="1/minute", export="1/minute")
    client = api(customer)
    assert [client.get("/api/instantly/search/messages?query=a").status_code for _ in range(2)] == [200, 429]
    assert [client.get("/api/instantly/export/events").status_code for _ in range(2)] == [200, 429]
    assert client.get(LIST).status_code == 200


def test_logins_are_limited_by_address_of_the_network(api, customer, rates):
    rates(login="2/quarter")
    tries = [
        api().post(URL, {"email": f"a{number}@b.example", "password": "x", "name": "x"}).status_code
        for number in range(3)
    ]
    assert tries == [401, 401, 429]


def test_failed_logins_from_other_addresses_lock_no_user_out(api, customer, rates):
    """Failed logins are counted per IP address: otherwise anybody who knows a user's address could lock them out."""
    rates(login="20/quarter")
    body = {"email": customer.email, "password": "wrong", "name": "x"}
    elsewhere = [api().post(URL, body, REMOTE_ADDR=f"192.0.2.{number // 5}").status_code for number in range(24)]
    assert set(elsewhere) == {401, 429}
    right = body | {"password": "customer-password"}
    assert api().post(URL, right, REMOTE_ADDR="198.51.100.7").status_code == 201
    assert api().post(URL, right, REMOTE_ADDR="192.0.2.0").status_code == 429, "not even with the right password there"


def test_me_shows_the_remaining_requests(api, customer, rates):
    rates(default="10/minute", search="0/minute")
    client = api(customer)
    client.get(LIST)
    limits = client.get("/api/instantly/me").json()["data"]["limits"]
    assert limits["requests"] == {"allowed": 10, "per_seconds": 60, "left": 8}
    assert limits["searches"] == {"allowed": None, "per_seconds": None, "left": None}
    assert limits["exports"]["left"] == limits["exports"]["allowed"]


def test_an_expired_window_starts_again(api, customer, rates):
    from django.db import connection

    rates(default="1/minute")
    client = api(customer)
    assert [client.get(LIST).status_code, client.get(LIST).status_code] == [200, 429]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE api_throttle SET began_at = began_at - interval '61 seconds'")
    assert client.get(LIST).status_code == 200
