"""Benchmark of contact scoring, in contacts per second: `python -m bench.scoring [CONTACTS]`."""

import random
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time

from messaging.intelligence.scoring.engagement import Event, Signal, engagement

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BUDGET = 60.0
"""Target: seconds for scoring 100,000 contacts."""

CATEGORIES = ("interested", "question", "not_now", "objection", "meeting", "out_of_office")


def events_of(contact: int) -> list[Event]:
    """Return the events of a contact after a year of outreach: a dozen mails, opens by people and machines, some replies."""
    dice = random.Random(contact)
    start = NOW - timedelta(days=dice.randrange(1, 365))
    found = []
    for step in range(dice.randrange(3, 12)):
        sent = start + timedelta(days=3 * step)
        found.append(Event(Signal.SENT, sent, f"s{step}"))
        for number in range(dice.randrange(0, 4)):
            signal = dice.choice((Signal.HUMAN_OPEN, Signal.MACHINE_OPEN, Signal.HUMAN_OPEN, Signal.HUMAN_CLICK))
            found.append(Event(signal, sent + timedelta(hours=dice.randrange(1, 60)), f"o{step}.{number}"))
        if dice.random() < 0.04:
            reply = sent + timedelta(hours=dice.randrange(1, 90))
            found.append(Event(Signal.HUMAN_REPLY, reply, f"r{step}"))
            found.append(Event(Signal.CATEGORY, reply, f"c{step}", dice.choice(CATEGORIES)))
    if dice.random() < 0.03:
        found.append(
            Event(dice.choice((Signal.UNSUBSCRIBED, Signal.BOUNCED, Signal.DECLINED)), NOW - timedelta(days=2), "x")
        )
    return found


def main(contacts: int) -> int:
    histories = [events_of(contact) for contact in range(min(contacts, 10_000))]
    began, cpu = perf_counter(), process_time()
    levels: dict[int | None, int] = {}
    for contact in range(contacts):
        level = engagement(histories[contact % len(histories)], now=NOW).level
        levels[level] = levels.get(level, 0) + 1
    seconds, used = perf_counter() - began, process_time() - cpu
    events = sum(map(len, histories)) / len(histories)
    print(
        f"{contacts} contacts, {events:.1f} events each: {seconds:.1f} s, {used:.1f} s CPU, {contacts / seconds:.0f}/s; levels {levels}"
    )
    return int(seconds > BUDGET * contacts / 100_000)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
