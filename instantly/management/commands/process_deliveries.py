"""Run the worker that processes stored webhook deliveries: `manage.py process_deliveries`."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from instantly.processing import worker
from salesbrain.kernel import allocator
from salesbrain.rls.self_check import self_check


class Command(BaseCommand):
    help = "Process deliveries as they come (the worker), or with --once what is pending now. Example: manage.py process_deliveries --once"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="process what is pending, say how many, and end")
        parser.add_argument(
            "--batch", type=int, default=worker.BATCH, help="deliveries a transaction (default %(default)s)"
        )

    def handle(self, *args: Any, once: bool, batch: int, **options: Any) -> None:
        if not 0 < batch <= 10_000:
            raise CommandError("--batch must be between 1 and 10000.")
        if reasons := self_check.check():
            raise CommandError("This worker does not start:\n" + "\n".join(reasons))
        if once:
            self.stdout.write(f"{worker.drain(batch)} deliveries processed.")
            return
        allocator.give_back_large_blocks(large=worker.LARGE)
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, frame: stopping.append(received))
        worker.run(stopped=lambda: bool(stopping), limit=batch)
