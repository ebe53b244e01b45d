"""`python -m bench [PART …]`: all parts, or those named, in the order in which they build on each other."""

import argparse
import signal
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from time import monotonic

from bench import plan, results, scratch

PARTS = ("ingest", "drain", "reads", "explain", "sync", "footprint")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the product; BENCH=quick for a look.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; none: all")
    named = parser.parse_args().parts or list(PARTS)
    if unknown := set(named) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    chosen = plan.chosen()
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # as orderly as Ctrl-C: nothing started here is left behind
    began = monotonic()
    found = results.Results()
    with scratch.database() as database:
        machine = _prepare(database)
        for name in sorted(named, key=PARTS.index):
            results.tell(f"{name} …")
            _part(name)(chosen, database, found)
            path = found.write(machine=machine, plan=asdict(chosen))
    results.show(found)
    results.tell(f"{monotonic() - began:.0f} seconds; written to {path.relative_to(scratch.CHECKOUT)}")


def _prepare(database: scratch.Scratch) -> dict[str, object]:
    """Bring up Django in this process, on the scratch database, and make the tables."""
    import django

    django.setup()
    from django.core.management import call_command

    from bench import machine

    call_command("prepare_database", verbosity=0)
    return machine.facts(database)


def _part(name: str) -> Callable[[plan.Plan, scratch.Scratch, results.Results], None]:
    """Return what measures a part; imported late, because it needs Django."""
    return import_module(f"bench.{name}").measure


if __name__ == "__main__":
    main()
