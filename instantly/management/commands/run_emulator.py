"""Run the emulator of Instantly over HTTP, without a database: `manage.py run_emulator`."""

import signal
import threading
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from instantly.emulator import FakeInstantly, Habits, SystemClock
from instantly.emulator.entry_points import history
from instantly.emulator.entry_points.process import EmulatorProcess, Pace
from instantly.emulator.entry_points.server import EmulatorServer
from instantly.emulator.entry_points.snapshot import StateFile, UnreadableSnapshot, write_privately
from instantly.emulator.entry_points.workspace_file import InvalidWorkspaceFile, WorkspaceFile

SAVED_EVERY = 30.0
"""Seconds between two snapshots of a demo with its history: one takes half a second, and a minute of it brings three events."""

EXAMPLE = """example:
  manage.py run_emulator --port 8002 --key KEY --deliver-to http://127.0.0.1:8001/webhooks/instantly/webhook --secret S
  curl -H "Authorization: Bearer KEY" http://127.0.0.1:8002/api/v2/campaigns
  curl http://127.0.0.1:8002/_emulator/truth"""


class Command(BaseCommand):
    help = "Run a stand-in for Instantly: its API, its webhooks, and campaigns that live. Needs no database."
    requires_system_checks: list[str] = []  # the emulator does not use the rest of the product
    stealth_options = ("stop_event",)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(
            prog_name, subcommand, epilog=EXAMPLE, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8002, help="port to listen on (default 8002; 0: any free one)")
        parser.add_argument("--key", help="API key of the one workspace; without it and --workspaces one is made up")
        parser.add_argument("--workspaces", type=Path, metavar="FILE", help="JSON file of workspaces with their keys")
        parser.add_argument("--seed", default=0, help="same seed, same ids and same life (default 0)")
        parser.add_argument("--campaigns", type=int, metavar="N", help="that many plain campaigns, not the demo's")
        parser.add_argument("--accounts", type=int, metavar="N", help="that many plain email accounts, likewise")
        parser.add_argument("--deliver-to", metavar="URL", help="register a webhook for all events at this address")
        parser.add_argument("--secret", help="sent with it as X-Webhook-Secret")
        parser.add_argument(
            "--rate", type=float, help="events a second (default: 4, later 1, after an hour 0.2; 0: none)"
        )
        parser.add_argument("--state", type=Path, metavar="FILE", help="carry on from this file and save into it")
        parser.add_argument(
            "--history",
            type=Path,
            metavar="FILE",
            help="the product's demo: where there is no state yet, make three months of life and write what happened to this "
            "file; afterwards live at the pace of real days, no email account beyond its limit. Needs --workspaces and --state",
        )
        parser.add_argument("--no-rate-limits", action="store_true", help="never answer 429 by itself")

    def handle(self, *, stop_event: threading.Event | None = None, **options: Any) -> None:
        is_demo = options["history"] is not None
        if is_demo and not (options["workspaces"] and options["state"]):
            raise CommandError("--history needs --workspaces FILE and --state FILE.")
        fake = FakeInstantly(
            options["seed"],
            SystemClock(),
            limits=not options["no_rate_limits"],
            assumptions=history.live_assumptions() if is_demo else None,
            habits=Habits.real_time() if is_demo else None,
        )
        generated_key = self._create_workspaces(fake, options)
        state = StateFile(fake, options["state"], SAVED_EVERY if is_demo else 5.0) if options["state"] else None
        if is_demo and not options["state"].exists():
            self._make_history(options)
        restored = self._restore(state)
        self._register_webhooks(fake, options)
        server = self._listen(fake, options["host"], options["port"])
        pace = self._pace(options["rate"], is_demo)
        process = EmulatorProcess(fake, server, pace=pace, state=state)
        end = stop_event or threading.Event()
        if stop_event is None:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: end.set())
        process.start()
        names = ", ".join(space.name for space in fake.workspaces.values())
        self.stdout.write(f"Instantly emulator on {server.url} (workspaces: {names}{', carried on' * restored})")
        if generated_key:
            self.stdout.write(f"API key, made up for this run: {generated_key}")
        self.stdout.flush()
        end.wait()
        try:
            process.stop()
        except OSError as error:
            raise CommandError(f"Could not save the state to {options['state']}: {error}") from error

    def _create_workspaces(self, fake: FakeInstantly, options: dict[str, Any]) -> str | None:
        """Create the workspaces; returns the key if one was generated."""
        if options["workspaces"]:
            try:
                WorkspaceFile.read(options["workspaces"]).create_workspaces(fake)
            except InvalidWorkspaceFile as error:
                raise CommandError(str(error)) from error
            return None
        wanted = options["campaigns"], options["accounts"]
        bulk = None if wanted == (None, None) else (wanted[0] or 0, wanted[1] or 0)
        access = fake.add_workspace("demo", key=options["key"], bulk=bulk)
        return None if options["key"] else access.key

    def _make_history(self, options: dict[str, Any]) -> None:
        """Generate the history. The state file is written last, so where it exists, the file of events is complete."""
        try:
            workspaces = WorkspaceFile.read(options["workspaces"])
            now = datetime.now(UTC)
            content = history.make(workspaces, seed=options["seed"], now=now, history=options["history"])
            write_privately(options["state"], content)
        except OSError as error:
            raise CommandError(f"Could not write the demo's history: {error}") from error

    def _pace(self, rate: float | None, is_demo: bool) -> Pace:
        if rate is not None:
            return Pace.steady(rate)
        return Pace.steady(history.LIVE_RATE) if is_demo else Pace()

    def _restore(self, state: StateFile | None) -> bool:
        try:
            return state is not None and state.read()
        except UnreadableSnapshot as error:
            aside = state.set_aside() if state else None
            self.stderr.write(f"Cannot carry on from the state file: {error}. Kept as {aside}; beginning anew.")
            return False

    def _register_webhooks(self, fake: FakeInstantly, options: dict[str, Any]) -> None:
        if not options["deliver_to"]:
            return
        headers = {"X-Webhook-Secret": options["secret"]} if options["secret"] else {}
        for space in fake.workspaces.values():
            fake.register_webhook(space.id, options["deliver_to"], headers)

    def _listen(self, fake: FakeInstantly, host: str, port: int) -> EmulatorServer:
        try:
            return EmulatorServer(fake, host, port)
        except (OSError, OverflowError) as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error}. Choose another --port.") from error
