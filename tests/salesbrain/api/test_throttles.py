"""API rate limits: 429 with Retry-After by token and by address, not evaded by inventing either."""

import pytest
from rest_framework.test import APIClient

from salesbrain.api import throttles
from salesbrain.kernel import rate_window

pytestmark = pytest.mark.django_db
LIST, LOGIN = "/api/instantly/campaigns", "/api/auth/tokens"
SEARCH, EXPORT, SYNC = (
    "/api/instantly/search/messages?query=hello",
    "/api/instantly/export/stats",
    "/api/instantly/sync/workspace",
)


@pytest.fixture
def limit(settings):
    """Return `limit(name, requests)`: set this limit per minute."""

    def set_rate(name: str, requests: int) -> None:
        rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {name: f"{requests}/minute"}
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}

    return set_rate


def refused(answer) -> bool:
    if answer.status_code != 429:
        if answer.streaming:
            b"".join(answer.streaming_content)  # how many run at once is limited too
        return False
    assert answer.json()["success"] is False and answer.json()["code"] == "throttled"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    return True


@pytest.mark.parametrize(
    ("name", "url", "by"),
    [
        ("default", LIST, "customer"),
        ("search", SEARCH, "customer"),
        ("export", EXPORT, "customer"),
        ("sync", SYNC, "operator"),
    ],
)
def test_each_kind_of_request_has_its_own_limit_by_token(name, url, by, limit, api, request):
    user = request.getfixturevalue(by)
    limit(name, 2)
    first, second = api(user), api(user)
    ask = first.post if name == "sync" else first.get
    assert [refused(ask(url)) for _ in range(3)] == [False, False, True]
    assert not refused(second.post(url) if name == "sync" else second.get(url)), "another token"
    if name != "default":
        assert not refused(first.get(LIST)), "of searches, exports and syncs only"


def test_search_export_sync_and_login_are_stricter_than_the_rest(settings):
    rates = {name: throttles.Rate.named(name) for name in settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]}
    per_minute = {name: rate.requests * 60 / rate.seconds for name, rate in rates.items() if rate}
    assert all(per_minute[name] <= per_minute["default"] / 10 for name in ("search", "export", "sync", "login"))


def test_logins_are_counted_by_address_and_keep_nobody_out_elsewhere(limit, customer):
    limit("login", 3)
    wrong = {"email": customer.email, "password": "wrong", "name": "x"}
    here = [APIClient().post(LOGIN, wrong | {"email": f"u{n}@x.example"}, REMOTE_ADDR="192.0.2.1") for n in range(4)]
    assert [refused(answer) for answer in here] == [False, False, False, True]
    there = [APIClient().post(LOGIN, wrong, REMOTE_ADDR=f"192.0.2.{n}") for n in range(10, 14)]
    assert [refused(answer) for answer in there] == [False] * 4


def test_an_invalid_authorization_header_does_not_make_a_new_caller(limit, customer):
    limit("login", 3)
    wrong = {"email": "", "password": "wrong", "name": "x"}
    answers = [
        APIClient().post(LOGIN, wrong | {"email": f"u{n}@x.example"}, headers={"Authorization": f"Basic made-up-{n}"})
        for n in range(4)
    ]
    assert [refused(answer) for answer in answers] == [False, False, False, True]


def test_invented_tokens_do_not_evade_the_limit_per_address(limit):
    limit("default", 2)
    answers = [APIClient().get(LIST, headers={"Authorization": f"Bearer sb_{n:032}"}) for n in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 2
    assert refused(answers[-1])
    elsewhere = APIClient().get(LIST, headers={"Authorization": f"Bearer sb_{1:032}"}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 401


def test_a_refusal_by_address_costs_no_statement(limit, customer, api, django_assert_num_queries):
    limit("default", 1)
    clients = [api(customer) for _ in range(12)]
    for client in clients[:10]:
        client.get(LIST)
    with django_assert_num_queries(0):
        assert refused(clients[10].get(LIST))


def test_a_window_ends_and_forgets(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(rate_window, "monotonic", lambda: clock[0])
    window = rate_window.FixedWindow(60)
    assert [window.hit("a", 2) for _ in range(3)] == [0, 0, 60] and window.hit("b", 2) == 0
    assert window.hit("a", 0) == 0, "0: no limit"
    clock[0] = 160.0
    assert window.hit("a", 2) == 0


def test_made_up_addresses_cost_no_memory(monkeypatch):
    monkeypatch.setattr(rate_window, "MAX_KEYS", 3)
    window = rate_window.FixedWindow(60)
    assert [bool(window.hit(number, 2)) for number in range(7)] == [False] * 5 + [True] * 2
    assert len(window._counts) == 4


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("no:address", "no:address"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one(address, counts_as):
    assert rate_window.client_prefix(address) == counts_as
