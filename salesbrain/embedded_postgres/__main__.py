"""Command line of the embedded PostgreSQL server: start, stop, status, clean.

python -m salesbrain.embedded_postgres start|stop|status|clean
"""

import argparse
import sys

from salesbrain.embedded_postgres import EmbeddedPostgresError, clean, ensure_running, status, stop


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m salesbrain.embedded_postgres", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("start", help="start it where it does not run, and make roles and database")
    actions.add_parser("stop", help="stop it").add_argument(
        "--if-unused", action="store_true", help="only where no program is connected"
    )
    actions.add_parser("status", help="say whether it runs and where its data lie")
    actions.add_parser("clean", help="stop it and forget its data")
    chosen = parser.parse_args()
    doing = {
        "start": lambda: f"The embedded database runs; its socket is in {ensure_running().socket_dir}.",
        "stop": lambda: stop(if_unused=chosen.if_unused),
        "status": status,
        "clean": clean,
    }
    try:
        sys.stdout.write(f"{doing[chosen.action]()}\n")
    except EmbeddedPostgresError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
