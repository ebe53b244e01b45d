"""Run the benchmark: `python -m bench [PART …]`, all parts or the named ones.

Parts run in order of dependency. Exit code 1 and one line if a part fails or its check finds events lost, duplicated, held or
miscounted (bench/checking.py).
"""

import argparse
import os
import signal
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from time import monotonic

from bench import plan, results, scratch

PARTS = {
    "ingest": "taking events in, beside a peer and the ORM",
    "cost": "CPU of one event, accepting and processing apart, to compare two checkouts; only when named, and with BENCH=tiny",
    "drain": "working off a full queue, beside the same statements sent by pgbench",
    "growth": "bytes on disk an event, by table; only when named, and with BENCH=tiny",
    "reads": "lists, figures, search and export as the database grows",
    "explain": "plans of the hot questions",
    "sync": "mirroring a large workspace",
    "admin": "every list, filter, order and search of the admin",
    "inbox": "lists, conversations and long threads of a customer with very many conversations",
    "portal": "every page of the largest customer and of the agency, on the server: time and statements",
    "pages": "first load of every page in a browser: bytes and first paint",
    "keys": "time from a key to the next conversation painted, in a browser",
    "live": "time from a reply's webhook to its row on the screen, with web server, worker and browser",
    "footprint": "memory, time to start, size on disk",
    "intelligence": "triage, next steps and scores: cost of a reply, attacks, rescoring, random histories, what scores foretell",
}
UNPUBLISHED = {"cost", "growth"}  # compared between two checkouts, or written into a guide by hand
EXAMPLE = """example, one checkout's CPU an event as JSON:
  BENCH=quick python -m bench cost --out cost.json
  "figures" holds case "accept" (web_cpu, server_cpu) and case "process" (worker_cpu, server_cpu), each the median of its
  rounds in ms an event; server_cpu is PostgreSQL's"""


def main() -> None:
    named, out = _arguments()
    chosen = plan.chosen()
    tiny = chosen.name == "tiny"
    parts = named or [part for part in PARTS if tiny or part not in UNPUBLISHED]
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # as orderly as Ctrl-C: nothing started here is left behind
    began = monotonic()
    found = results.Results()
    with scratch.database() as database:
        machine = _prepare(database)
        for name in sorted(parts, key=list(PARTS).index):
            results.progress(f"{name} …")
            _part(name)(chosen, database, found)
            if not found.has(name):
                raise SystemExit(f"error: {name} measured nothing.")
            path = found.write(machine=machine, plan=asdict(chosen), to=out)
    if tiny:
        results.progress(f"{len(found.figures)} figures of {len(parts)} parts, too few events to mean anything")
    else:
        results.show(found)
    results.progress(f"{monotonic() - began:.0f} seconds; written to {os.path.relpath(path)}")


def _arguments() -> tuple[list[str], Path | None]:
    """Return the parts to run and the file for the results, from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure the product. BENCH=quick in the environment for a look, BENCH=tiny to see that the benchmark works.",
        epilog="parts:\n" + "".join(f"  {name:10} {text}\n" for name, text in PARTS.items()) + f"\n{EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help="none: all but those that are only measured when named"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the results of this run there, as JSON")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    aside = results.ASIDE / f"{'-'.join(given.parts)}.json" if given.parts and set(given.parts) <= UNPUBLISHED else None
    return given.parts, given.out.absolute() if given.out else aside


def _prepare(database: scratch.Scratch) -> dict[str, object]:
    """Set up Django in this process, on the scratch database, and create the tables."""
    import django

    django.setup()
    from django.core.management import call_command

    from bench import machine

    call_command("prepare_database", verbosity=0)
    return machine.facts(database)


def _part(name: str) -> Callable[[plan.Plan, scratch.Scratch, results.Results], None]:
    """Return the function that measures a part; imported late, because it needs Django."""
    return import_module(f"bench.{name}").measure


if __name__ == "__main__":
    main()
