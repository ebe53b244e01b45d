"""Arithmetic and reports of the benchmark; no test asserts a speed."""

import json
import socket
from datetime import UTC, datetime
from threading import Thread

import pytest
from django.db import connection

from bench import checking, documents, explain, filling, footprint, loading, plan
from bench import ingest as ingesting
from bench.payloads import MIX, SPAN, SPANS, Stream
from bench.results import Results
from instantly.processing.vocabulary import NAMES


def test_a_ratio_is_the_median_of_the_rounds_own_ratios():
    results = Results()
    for ours, theirs in ((10, 5), (90, 30), (4, 4)):
        results.add("part", "case", "ours", requests=ours)
        results.add("part", "case", "theirs", requests=theirs)
    assert results.ratio("part", "case", "ours", "theirs", "requests") == 2
    assert results.value("part", "case", "ours", "requests") == 10


def test_an_aim_that_was_not_measured_is_neither_met_nor_missed():
    results = Results()
    results.aim("part", 1, "something", 2.0, results.ratio("part", "case", "ours", "theirs", "requests"))
    results.aim("part", 1, "something else", 2.0, 1.0)
    results.aim("part", 1, "a cost", 2.0, 1.0, at_least=False)
    assert [aim.met for aim in results.aims] == [None, False, True]


def test_missing_measurements_are_left_out():
    results = Results()
    results.add("part", "case", "ours", cpu=None, requests=3)
    assert [figure.name for figure in results.figures] == ["requests"]


def test_an_unknown_plan_is_named_and_refused(monkeypatch):
    monkeypatch.setenv("BENCH", "fast")
    with pytest.raises(SystemExit, match="fast is no plan; use one of full, quick, tiny"):
        plan.chosen()


def test_the_documents_have_a_place_for_every_table():
    places = {documents.TABLES_PAGE: ("machine", "aims", *documents.COLUMNS)}
    places |= dict.fromkeys(documents.GUIDES.values(), ("summary",))
    for page, names in places.items():
        text = page.read_text(encoding="utf-8")
        for name in names:
            assert f"<!-- {name} -->" in text and f"<!-- /{name} -->" in text, f"{page.name}: {name}"


def test_the_guides_show_the_latest_figures():
    results = documents.last()
    for language, page in documents.GUIDES.items():
        assert documents.summary(results, language) in page.read_text(encoding="utf-8"), "python -m bench.documents"


def test_every_delivery_of_a_stream_is_different_and_of_a_kind_we_know():
    bodies = [json.loads(body) for body in Stream("workspace", ["campaign"], name="test", span=SPANS[0]).take(500)]
    assert len({body["timestamp"] for body in bodies}) == 500
    assert {body["event_type"] for body in bodies} == {name for name, _ in MIX}
    assert {name for name, _ in MIX} <= set(NAMES)


def times(stream: Stream, count: int) -> list[datetime]:
    return [datetime.fromisoformat(json.loads(body)["timestamp"]) for body in stream.take(count)]


def test_no_delivery_of_any_stream_lies_in_the_future():
    """All generated events lie in the past: the product holds deliveries from the future, and the benchmark would measure nothing."""
    drawn = []
    for span in SPANS:
        stream = Stream("workspace", ["campaign"], name="test", span=span)
        drawn += times(stream, 2)
        stream.number = stream.end - 3
        drawn += times(stream, 2)
    assert drawn == sorted(drawn), "streams overlap"
    assert drawn[-1] < datetime.now(UTC)


def test_a_stream_that_runs_out_of_time_is_refused_instead_of_running_into_the_next():
    stream = Stream("workspace", ["campaign"], name="test", span=SPANS[0])
    stream.number = stream.end - 2
    assert len(stream.take(1)) == 1
    with pytest.raises(SystemExit, match="no time left"):
        stream.take(1)


@pytest.mark.parametrize("sizes", plan.PLANS.values(), ids=lambda sizes: sizes.name)
def test_every_plan_draws_fewer_deliveries_than_a_stream_has_time_for(sizes):
    ingest = len(ingesting.CASES) * sizes.rounds * max(ingesting.PREPARED.values()) * sizes.ingest_seconds
    lag = ingesting.RATE * sizes.lag_seconds
    drawn = ingest + lag, sizes.backlog, sizes.worker_events + footprint.BURST, sizes.cost_events * sizes.rounds
    assert max(drawn) + 1000 < SPAN


@pytest.mark.django_db
def test_no_filled_in_message_lies_in_the_future():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({filling.AT}) FROM ({filling.ROWS}) AS r", [0, max(plan.PLANS["full"].messages)])
        latest = cursor.fetchone()[0]
    assert latest < datetime.now(UTC)


@pytest.fixture
def slow_speaker():
    """Run a server that sends each response in two pieces, to show that only complete responses count."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                wire, _ = listening.accept()
            except OSError:
                return
            with wire:
                while wire.recv(65536):
                    wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")
                    wire.sendall(b"ngth: 5\r\n\r\nhello")

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()


def test_the_load_generator_counts_every_answer_once(slow_speaker):
    requests = [loading.post("/there", b"{}") for _ in range(7)]
    outcome = loading.paced(slow_speaker, requests, connections=1, rate=10_000)
    assert (outcome.accepted, len(outcome.latencies)) == (7, 7)
    assert sorted(outcome.answered_at) == list(range(7))


def test_a_fast_machine_ends_its_turn_early_with_the_last_request(slow_speaker):
    """Sending all prepared requests before the time is up is no error: the benchmark runs in CI, on machines of any speed."""
    requests = [loading.post("/there", b"{}") for _ in range(7)]
    outcome = loading.closed(slow_speaker, requests, connections=1, seconds=30.0)
    assert outcome.accepted == 7
    assert 0 < outcome.seconds < 30


def plan_of(sql, *below, **more):
    return {"Query Text": sql, "Plan": {"Node Type": "Result", "Plans": list(below), **more}}


def test_sent_statements_are_distinguished_from_those_of_functions():
    """Statements are recognized by their text, though the client's log has %s where PostgreSQL numbers parameters."""
    scan = {"Node Type": "Seq Scan", "Relation Name": "messaging_message", "Plans": []}
    question = explain.Question("one", "/campaigns")
    question.plans = [
        plan_of("SELECT inner FROM x WHERE y = $1"),
        plan_of("SELECT a,\n  b FROM t WHERE c = $2 AND d LIKE '1%'", scan),
    ]
    question.sent = {explain._without_parameter_marks("SELECT a, b FROM t WHERE c = %s AND d LIKE '1%%'")}
    assert question.outer() == [question.plans[1]]
    assert [node["Node Type"] for node in question.nodes()] == ["Result", "Result", "Seq Scan"]


@pytest.mark.django_db
def test_the_tables_a_part_empties_are_named_with_all_that_refer_to_them():
    """PostgreSQL truncates a table only together with those that refer to it; a forgotten new one would end the benchmark."""
    written = set(checking.WRITTEN.split(", "))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid::regclass::text = ANY (%s)",
            [list(written)],
        )
        assert {table for (table,) in cursor} <= written
