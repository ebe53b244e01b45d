"""Webhook deliveries with hostile mails among ordinary ones: no loss, and no delay for the others."""

from collections.abc import Iterator

import orjson
import pytest

from tests.faults.installation import Installation, until
from tests.faults.traffic import Traffic

OLDEST = """SELECT coalesce(max(age) FILTER (WHERE NOT is_hostile), 0)::float8, coalesce(max(age) FILTER (WHERE is_hostile), 0)::float8
    FROM (SELECT extract(epoch FROM now() - d.received_at) AS age, octet_length(d.body) > 50000 AS is_hostile
        FROM instantly_pending p JOIN instantly_delivery d ON d.id = p.delivery_id) AS waiting"""
RECORDED = "SELECT count(*) FROM messaging_event"
LONGEST_WAIT = (
    5.0  # seconds of an ordinary delivery, promised in docs/tables/reliability.md; the hostile ones come after those
)
ROUNDS = 3


def hostile_parts() -> Iterator[dict[str, str]]:
    """Yield replies that took a backtracking expression or an HTML tree minutes or gigabytes."""
    for words in (
        "On ",
        "Am ",
        "From: ",
        "Von: ",
        "Le ",
        "Op ",
        "> ",
        "-----",
        " ",
        "\n",
        "On Mon, Jan 1 2026 at 10:00 AM ",
    ):
        yield {"reply_text": "Yes. " + words * (60_000 // len(words))}
    for markup in (
        "<div>",
        "<ul><li>",
        "<b n><i n>",
        "<table><tr><td>",
        "<blockquote>",
        "<a href=x>",
        "<!--",
        "&amp",
        "<p",
        "</div>",
    ):
        yield {"reply_html": "<p>Yes.</p>" + markup * (600_000 // len(markup))}
    yield {"reply_text": "x" * 900_000, "reply_html": "<b n><i n>" * 4_000}


@pytest.mark.thorough  # it asserts seconds, which a machine that runs other tests beside it does not keep
def test_hostile_mails_amid_traffic_lose_nothing_and_delay_nothing(installation: Installation):
    installation.start_web()
    installation.start_worker()
    sent: set[bytes] = set()
    longest = hostile = 0.0

    def wait() -> bool:
        nonlocal longest, hostile
        ordinary, other = installation.ask(OLDEST)[0]
        longest, hostile = max(longest, ordinary), max(hostile, other)
        return True

    with Traffic(installation, seed=31) as traffic:
        until(lambda: installation.ask(RECORDED)[0][0] > 20, "events are recorded")
        number = 1_000_000
        for _ in range(ROUNDS):
            for parts in hostile_parts():
                body = orjson.dumps(orjson.loads(installation.body(number, "reply_received")) | parts)
                assert installation.post(body, timeout=10).status_code == 200
                sent.add(body)
                number += 1
                wait()
        until(lambda: wait() and not installation.ask("SELECT 1 FROM instantly_pending WHERE delivery_id IN "
              "(SELECT id FROM instantly_delivery WHERE octet_length(body) > 50000)"), "all of them are processed")  # fmt: skip
    held = installation.ask("SELECT count(*) FROM instantly_held WHERE reason = 'over_budget'")[0][0]
    installation.facts["longest wait"] = f"{longest:.1f} s, of a hostile mail {hostile:.1f} s"
    installation.assert_nothing_is_lost_or_double(traffic.acknowledged | sent, held=held)
    assert longest < LONGEST_WAIT, f"an ordinary delivery waited {longest:.1f} s, a hostile one {hostile:.1f} s"
