"""Rate limits of the webhook: valid senders pass beside floods of wrong secrets; excess gets 429."""

import io
from typing import Any

import orjson
import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from instantly.models import Delivery
from instantly.webhooks.wsgi import PATH, with_webhook
from salesbrain import rls
from salesbrain.kernel.serving.lanes import Lane
from salesbrain.kernel.serving.patience import Patience

pytestmark = pytest.mark.django_db(transaction=True)


def knock(secret: str, body: dict | None = None, /, **environ: str) -> tuple[int, dict[str, str], dict]:
    """Call the WSGI endpoint as an app server would."""
    raw = orjson.dumps(body or {"event_type": "email_sent"})
    heard: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heard.update(status=int(status.split()[0]), headers=dict(headers))

    given = {
        "PATH_INFO": PATH,
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(raw),
        "CONTENT_LENGTH": str(len(raw)),
    }
    given |= {"HTTP_X_WEBHOOK_SECRET": secret, "REMOTE_ADDR": "192.0.2.1"} | environ
    lane, patience = Lane("deliveries", at_once=1), Patience(30.0)
    answer = b"".join(with_webhook(lambda *_: [b""], lane=lane, patience=patience)(given, start_response))
    return heard["status"], heard["headers"], orjson.loads(answer)


def stored() -> int:
    with rls.scope(rls.SYSTEM):
        return Delivery.objects.count()


@pytest.fixture(autouse=True)
def few_strangers(settings):
    settings.WEBHOOK_STRANGERS_PER_MINUTE = 5


def test_a_flood_of_wrong_secrets_does_not_affect_a_valid_one(dedicated, payload):
    *_, secret = dedicated
    statuses = [knock(f"wrong{n}")[0] for n in range(20)]
    assert statuses == [401] * 5 + [429] * 15
    status, headers, answer = knock("wrong")
    assert 1 <= int(headers["Retry-After"]) <= 60 and answer["success"] is False
    assert answer["message"].startswith("Too many requests without a valid secret came from this address. Try again in")
    assert knock(secret, payload("email_sent"))[0] == 200, "from the same address"
    assert stored() == 1


def test_a_flood_of_wrong_secrets_costs_few_queries(dedicated):
    """Secrets are loaded at most once a second, however many wrong ones are tried."""
    knock("wrong")
    with CaptureQueriesContext(connections["inbox"]) as queries:
        for n in range(300):
            knock(f"wrong{n}")
    read = [query for query in queries if "accounts_webhooksecret" in query["sql"]]
    assert len(read) < 30, "a look-up each would be 300"


@pytest.mark.parametrize("secret", ["", "\x00", "x" * 10_000])
def test_a_missing_secret_counts_like_a_wrong_one(secret):
    assert [knock(secret)[0] for _ in range(6)] == [401] * 5 + [429]


def test_each_address_is_counted_for_itself():
    for n in range(6):
        knock(f"wrong{n}")
    assert (knock("wrong")[0], knock("wrong", REMOTE_ADDR="192.0.2.2")[0]) == (429, 401)


def test_the_forwarded_address_counts_only_behind_a_trusted_proxy(settings):
    forwarded = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.1"}
    for n in range(6):
        knock(f"wrong{n}", **{**forwarded, "HTTP_X_FORWARDED_FOR": f"198.51.100.{n}"})
    assert knock("wrong", **forwarded)[0] == 429, "nobody trusted that proxy: one address"
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    assert knock("wrong", **forwarded)[0] == 401
    for n in range(6):
        knock(f"wrong{n}", **forwarded)
    assert knock("wrong", **forwarded)[0] == 429
    assert knock("wrong", **{**forwarded, "HTTP_X_FORWARDED_FOR": "198.51.100.77"})[0] == 401


def test_delivery_rate_limit_returns_429(dedicated, payload, settings):
    settings.WEBHOOK_REQUESTS_PER_MINUTE = 3
    *_, secret = dedicated
    statuses = [knock(secret, payload("email_sent", step=n))[0] for n in range(5)]
    assert statuses == [200, 200, 200, 429, 429] and stored() == 3
    _, headers, answer = knock(secret, payload("email_sent", step=9))
    assert 1 <= int(headers["Retry-After"]) <= 60 and "nothing was stored" in answer["message"]


def test_a_realistic_rate_is_far_below_the_limit(settings):
    """The highest rate measured on a whole machine is a few thousand deliveries a second, and a busy workspace sends one."""
    assert settings.WEBHOOK_REQUESTS_PER_MINUTE >= 60 * 5000


def test_the_view_responds_like_the_wsgi_endpoint(post):
    assert [post("wrong", {}).status_code for _ in range(6)] == [401] * 5 + [429]
    assert int(post("wrong", {}).headers["Retry-After"]) >= 1


def test_a_limit_of_zero_means_unlimited(settings):
    settings.WEBHOOK_STRANGERS_PER_MINUTE = 0
    assert {knock(f"wrong{n}")[0] for n in range(20)} == {401}
