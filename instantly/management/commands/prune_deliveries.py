"""Delete the bodies of old webhook deliveries: `manage.py prune_deliveries`."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from instantly.processing.pruning import prunable, prune

CHUNK = 1000


class Command(BaseCommand):
    help = (
        "Set the bodies of done deliveries to NULL. Events, messages and figures stay, and so does what makes a copy a "
        "copy; held and queued deliveries keep their bodies. What is pruned cannot be replayed. "
        "Example: manage.py prune_deliveries --older-than 90"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--older-than", type=float, required=True, metavar="DAYS", help="received longer ago than this"
        )
        parser.add_argument(
            "--chunk", type=int, default=CHUNK, metavar="N", help="so many a transaction (default: %(default)s)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say how many it would be and change nothing")

    def handle(self, *args: Any, older_than: float, chunk: int, dry_run: bool, **options: Any) -> None:
        if not 0 <= older_than <= 36_500:
            raise CommandError("--older-than must be between 0 and 36500 days.")
        if not 0 < chunk <= 100_000:
            raise CommandError("--chunk must be between 1 and 100000.")
        before = timezone.now() - timedelta(days=older_than)
        if dry_run:
            count, size = prunable(before)
            self.stdout.write(
                f"{count} bodies would be dropped ({size / 1_000_000:.1f} MB before compression). Nothing was changed."
            )
            return
        dropped = sum(prune(before, chunk=chunk))
        self.stdout.write(f"{dropped} bodies dropped.")
