"""Fetch events that Instantly's webhooks did not deliver: `manage.py reconcile_feed`."""

from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import ProviderConnection
from instantly.choices import SyncStatus
from instantly.management.connection_command import TEMPORARY_FAILURE, ConnectionCommand
from instantly.reconciliation.service import reconcile_connection
from instantly.sync.lock import SyncRunning

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Earliest permitted start: Instantly did not exist before, and a day can still be subtracted."""


class Command(ConnectionCommand):
    help = (
        "Read Instantly's delivery log, put through what never arrived, switch a disabled webhook on again, fill gaps from "
        "inbox and leads, and say since when the feed is complete. Example: manage.py reconcile_feed --all"
    )
    writes_outside = True

    def add_more_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_day, metavar="YYYY-MM-DD", help="look back to this day (UTC)")
        parser.add_argument("--full", action="store_true", help="ask inbox and leads even where no gap is known")

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        report = reconcile_connection(
            connection,
            actor_name="reconcile_feed",
            since=options["since"],
            full=options["full"],
            dry_run=options["dry_run"],
        )
        return report.as_data()

    def show(self, result: dict[str, Any]) -> None:
        found = f"{result['from_log']} from the log, {result['from_mails']} from the inbox, {result['from_leads']} from leads"
        self.stdout.write(f"{result['connection']}: webhook {result['webhook']}; {found}; {result['outcome']}")
        for problem in result["errors"]:
            self.stdout.write(f"  ! {problem}")

    def succeeded(self, result: dict[str, Any]) -> bool:
        return result["status"] == SyncStatus.SUCCEEDED and not result["errors"]

    def exit_code(self, error: Exception) -> int:
        return TEMPORARY_FAILURE if isinstance(error, SyncRunning) else 1

    def expected(self) -> tuple[type[Exception], ...]:
        return (*super().expected(), SyncRunning)


def _day(text: str) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        day = datetime.min.replace(tzinfo=UTC)
    if day < EARLIEST:
        raise ArgumentTypeError(f"{text!r} is no day since {EARLIEST:%Y-%m-%d}. Write for example 2026-07-14.")
    return day
