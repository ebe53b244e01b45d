"""Arbitrary bodies posted to the webhook: 2xx or 4xx, then processed or set aside."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly.models import Delivery, Held, Pending
from messaging.models import Event
from salesbrain import rls
from tests.instantly import fuzzing
from tests.instantly.webhooks.test_wsgi import PATH, call

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600 if fuzzing.MORE > 1 else 300)]

READ = (
    "campaigns", "stats", "contacts", "contacts?limit=500", "events", "email-accounts", "search/messages?query=evil", "me",
)  # fmt: skip


moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 7, 10), timezones=st.just(UTC)).map(datetime.isoformat)
"""Many times, because a body with the time, lead, step and type of another one is a copy and is not processed."""


@st.composite
def body_object(draw: Any, place: dict[str, str]) -> dict[str, Any]:
    """Draw an object such as Instantly sends, with anything under any name; often valid enough to be recorded."""
    whole = place | {
        "event_type": draw(st.sampled_from(fuzzing.TYPES)),
        "timestamp": draw(moments | st.sampled_from(fuzzing.TIMES)),
        "lead_email": draw(st.sampled_from(["lead@lead.example", "other@lead.example"])),
        "step": draw(st.sampled_from([1, 2, "1"])),
        "variant": draw(st.sampled_from([1, 2])),
    }
    anything = draw(st.dictionaries(st.sampled_from(fuzzing.KEYS) | fuzzing.texts, fuzzing.values, max_size=8))
    return anything | whole if draw(st.booleans()) else whole | anything


@st.composite
def raw(draw: Any, place: dict[str, str]) -> bytes:
    """Draw the bytes of one delivery: an object, another value, damaged bytes, or noise."""
    kind = draw(st.sampled_from(["object"] * 5 + ["value", "damaged", "damaged", "noise"]))
    if kind == "noise":
        return draw(st.binary(max_size=300))
    given = fuzzing.as_json(draw(fuzzing.values) if kind == "value" else draw(body_object(place)))
    if kind == "damaged":
        return fuzzing.torn(given, draw(st.integers(0, 10_000)), draw(st.integers(0, 255)), draw(fuzzing.damage))
    return given


def test_any_body_is_answered_and_leaves_everything_readable(
    dedicated, acme_connection, customer, api, work, client, record_property
):
    _, campaign, secret = dedicated
    place = {"workspace": acme_connection.workspace_id, "campaign_id": campaign.provider_id}
    answers: Counter[int] = Counter()

    @fuzzing.thoroughly(20)
    @given(st.lists(raw(place), min_size=10, max_size=60))
    def batch_after_batch(bodies: list[bytes]) -> None:
        for body in bodies:
            status, _, answer = call(PATH, body, HTTP_X_WEBHOOK_SECRET=secret)
            answers[status] += 1
            assert status in (200, 400, 413), (status, body)
            assert answer["success"] is (status == 200)
        work()
        with rls.scope(rls.SYSTEM):
            assert Pending.objects.count() == 0
            assert Delivery.objects.count() == Event.objects.count() + Held.objects.count()
            failed = Held.objects.filter(reason="failed").exclude(detail__contains="still to come")
            assert not failed.exists(), list(failed.values_list("detail"))
        assert client.get("/healthz").status_code == 200
        for path in READ:
            answer = api(customer).get(f"/api/instantly/{path}")
            assert answer.status_code == 200, (path, answer.content)
            answer.json()

    batch_after_batch()
    assert answers[200] > 100 and answers[400] > 10
    with rls.scope(rls.SYSTEM):
        events, held = Event.objects.count(), Held.objects.count()
    assert events > 50, "enough of it was meaningful"
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(answers.items()))
    record_property("fuzzed", f"{answers.total():,} bodies: {counts}; {events:,} became events, {held:,} are held")
