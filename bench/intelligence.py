"""Benchmark of triage, next steps and scores: cost, attacks, rescoring, prediction.

Accuracy is measured by `manage.py triage_report`; this part measures cost, what must never happen, and what scores foretell.
"""

import random
import re
import subprocess
from time import process_time

from bench import cast, prediction, processes, rescoring
from bench.checking import Wrong
from bench.plan import Plan
from bench.results import Results, progress
from bench.scratch import CHECKOUT, Scratch
from messaging.intelligence.next_steps.states import Kind, State, state_of
from messaging.intelligence.next_steps.suggestions import suggest
from messaging.intelligence.triage import embeddings
from messaging.intelligence.triage.engine import Engine, Reply
from tests.messaging.intelligence.attacks import DECLINES, HIDDEN, PIECES, STEERING, repeated

PART = "intelligence"
AIM = 9
HISTORIES = {"full": 100_000, "quick": 10_000, "tiny": 300}
CONTACTS = {"full": 100_000, "quick": 10_000, "tiny": 200}
DAYS = {"full": 90, "quick": 45, "tiny": 4}
SECONDS = 60.0
"""Target: seconds for rescoring 100,000 contacts."""

ATTACK = 50.0
"""Target: milliseconds of CPU that a text may cost which was made to be slow."""

LIFT = 3.0
COST = {"with": (60.0, 250.0), "without": (3.0, None)}
"""Targets with and without embeddings: ms of CPU a reply, MiB of the process."""

PRINTED = re.compile(r"CPU a reply [^0-9]*\d+\)\s+([\d.]+) ms\s+memory of the process at its peak\s+(\d+) MiB")


def measure(plan: Plan, scratch: Scratch, results: Results) -> None:
    for mode in COST:
        _cost_of_a_reply(mode, results)
    _attacks(results)
    _histories(HISTORIES[plan.name], results)
    _rescoring(CONTACTS[plan.name], scratch, results)
    _prediction(DAYS[plan.name], results)


def _cost_of_a_reply(mode: str, results: Results) -> None:
    """Judge the held-out replies in a process of its own, whose memory is then that of the triage."""
    if mode == "with" and not embeddings.available():
        results.aim(
            PART, AIM, "CPU of a reply with embeddings, ms", COST[mode][0], None, at_least=False, note="make triage"
        )
        return
    command = [str(processes.PYTHON), "manage.py", "triage_report", "--gold", "fixtures/triage/judge_h.jsonl"]
    command += [] if mode == "with" else ["--without-embeddings"]
    said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    found = PRINTED.search(said)
    if not found:
        raise Wrong("error: triage_report no longer prints CPU and memory as bench/intelligence.py reads them.")
    cpu, memory = map(float, found.groups())
    results.add(PART, f"a reply, {mode} embeddings", "triage", cpu=cpu)
    results.add(PART, f"a reply, {mode} embeddings", "triage", unit="MiB", memory=memory)
    most_cpu, most_memory = COST[mode]
    results.aim(PART, AIM, f"CPU of a reply {mode} embeddings, ms", most_cpu, cpu, at_least=False)
    if most_memory:
        results.aim(PART, AIM, f"memory of the process {mode} embeddings, MiB", most_memory, memory, at_least=False)


def _attacks(results: Results) -> None:
    """Count the answers that a text changed which addresses the classifier or is hidden, and time texts of two megabytes."""
    engine = Engine()
    (plain,) = engine.classify([Reply("Re: Offer", DECLINES)])
    texts = [*(f"{DECLINES}\n\n{each}" for each in STEERING), *(f"{each}{DECLINES}{each}" for each in HIDDEN)]
    said = engine.classify([Reply("Re: Offer", text) for text in texts])
    changed = sum((each.category, each.abstains) != (plain.category, plain.abstains) for each in said)
    slowest = 0.0
    for text in (*texts, *map(repeated, PIECES)):
        began = process_time()
        engine.classify([Reply(text[:5000], text)])
        slowest = max(slowest, 1000 * (process_time() - began))
    results.add(PART, f"{len(texts) + len(PIECES)} attacks", "triage", unit="ms", slowest=slowest)
    results.aim(PART, AIM, f"answers changed by {len(texts)} texts that steer", 0, changed, at_least=False)
    results.aim(PART, AIM, "CPU of the slowest attack, ms", ATTACK, slowest, at_least=False)


def _histories(count: int, results: Results) -> None:
    """Draw random histories and count suggestions for people who refused and whose suppression nobody lifted."""
    from tests.messaging.intelligence.next_steps.test_states import NOW, history

    dice, refused, suggested = random.Random(count), 0, 0
    for _ in range(count):
        happenings = history(dice)
        kinds = {each.kind for each in happenings if each.at <= NOW}
        if Kind.LIFTED in kinds or not kinds & {Kind.UNSUBSCRIBED, Kind.COMPLAINED, Kind.SUPPRESSED}:
            continue
        refused += 1
        found = state_of(happenings, now=NOW)
        suggested += found.state is not State.NEVER or suggest(found, None, today=NOW.date()) is not None
    results.add(PART, f"{count:,} random histories", "next steps", refused=refused, suggested=suggested)
    results.aim(PART, AIM, f"suggestions for {refused:,} people who refused", 0, suggested, at_least=False)


def _rescoring(count: int, scratch: Scratch, results: Results) -> None:
    took = rescoring.measured(scratch, cast.known_or_new()[2], count)
    results.add_all(PART, f"rescoring {count:,} contacts", "scores", took)
    limit = SECONDS * count / 100_000
    reached = took["seconds"] if count >= 1000 else None
    results.aim(PART, AIM, f"rescoring {count:,} contacts, s", limit, reached, at_least=False)


def _prediction(days: int, results: Results) -> None:
    for name, found in zip(
        ("before the first reply", "in the two weeks after a day"), prediction.measured(days), strict=True
    ):
        results.add_all(PART, f"positive {name}, {days} emulated days", "scores", found)
        reached = found["lift"] if days > 30 else None
        results.aim(PART, AIM, f"top decile beside all contacts, {name}", LIFT, reached)
        progress(f"intelligence: {name}: {found}")
