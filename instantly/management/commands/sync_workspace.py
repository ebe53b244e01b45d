"""Mirror campaigns and email accounts of a workspace: `manage.py sync_workspace`."""

import sys
from contextlib import nullcontext
from typing import Any

from django.core.management.base import CommandParser
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from accounts.models import ProviderConnection
from instantly.choices import SyncStatus, SyncTrigger
from instantly.management.connection_command import TEMPORARY_FAILURE, ConnectionCommand
from instantly.sync.service import SyncRunning, sync_connection
from salesbrain.kernel import gc_tuning


class Command(ConnectionCommand):
    help = (
        "Sync campaigns and email accounts of one connection or of all. Exit code 0: all of it; 1: something failed or "
        "was incomplete; 75: another sync of the connection is running. "
        "Example: manage.py sync_workspace --connection acme"
    )
    writes_outside = True

    def add_more_arguments(self, parser: CommandParser) -> None:
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--only-campaigns", action="store_true", help="leave the email accounts as they are")
        only.add_argument("--only-email-accounts", action="store_true", help="leave the campaigns as they are")
        parser.add_argument(
            "--believe-empty", action="store_true", help="an empty list is the truth, even where there was something"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        gc_tuning.reduce_gc_frequency()  # a fifth of a large sync's Python
        super().handle(*args, **options)

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with self._progress(connection, options) as progress:
            report = sync_connection(
                connection,
                trigger=SyncTrigger.COMMAND,
                actor_name="sync_workspace",
                campaigns=not options["only_email_accounts"],
                email_accounts=not options["only_campaigns"],
                believe_empty=options["believe_empty"],
                dry_run=options["dry_run"],
                progress=progress,
            )
        return report.as_data() | {"lines": list(report.lines())}

    def show(self, result: dict[str, Any]) -> None:
        for line in result["lines"]:
            self.stdout.write(line)

    def succeeded(self, result: dict[str, Any]) -> bool:
        return result["status"] == SyncStatus.SUCCEEDED

    def exit_code(self, error: Exception) -> int:
        return TEMPORARY_FAILURE if isinstance(error, SyncRunning) else 1

    def expected(self) -> tuple[type[Exception], ...]:
        return (*super().expected(), SyncRunning)

    def _progress(self, connection: ProviderConnection, options: dict[str, Any]) -> Any:
        """Print a counting line, on a terminal only."""
        if options["json"] or not sys.stderr.isatty():
            return nullcontext()
        return _Counting(connection.name)


class _Counting:
    def __init__(self, name: str) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar, self._name = Progress(*columns, transient=True), name
        self._task = self._bar.add_task(f"{name}: asking Instantly", total=None)

    def __enter__(self) -> Any:
        self._bar.start()
        return self._count

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _count(self, kind: str, listed: int) -> None:
        self._bar.update(self._task, description=f"{self._name}: {listed:,} {kind.replace('_', ' ')}")
