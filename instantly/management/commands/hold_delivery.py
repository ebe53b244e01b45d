"""Hold webhook deliveries (set them aside), or dismiss held ones: `manage.py hold_delivery`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from instantly.models import Delivery, Held
from instantly.processing.holding import dismiss, hold_delivery
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Take pending deliveries out of the queue, so that no worker reads them. Nothing is lost: replay_deliveries --id puts them "
        'back. With --dismiss, mark held ones as dismissed. Example: manage.py hold_delivery 4711 --why "stops the worker"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "delivery", type=int, nargs="+", metavar="ID", help="number of a delivery, as the admin shows it"
        )
        parser.add_argument("--why", default="", metavar="TEXT", help="kept with the delivery and in the audit log")
        parser.add_argument(
            "--dismiss", action="store_true", help="dismiss held deliveries instead of holding pending ones"
        )

    def handle(self, *args: Any, delivery: list[int], why: str, dismiss: bool, **options: Any) -> None:
        failed = 0
        for id in delivery:
            done = _dismiss(id, why) if dismiss else hold_delivery(id, why=why, actor_name="hold_delivery")
            if done:
                self.stdout.write(f"#{id} is {'dismissed' if dismiss else 'held'}.")
            else:
                failed += 1
                self.stderr.write(f"#{id} {_state(id)}.")
        if failed:
            raise CommandError(f"{failed} of {len(delivery)} were left as they are.", returncode=1)


def _dismiss(id: int, why: str) -> bool:
    return bool(dismiss([id], why=why, actor_name="hold_delivery"))


def _state(id: int) -> str:
    with rls.scope(rls.SYSTEM):
        if not Delivery.objects.filter(pk=id).exists():
            return "does not exist"
        if held := Held.objects.filter(pk=id).first():
            return f"is held already ({held.get_reason_display().lower()})"
    return "is not pending: it was processed, or a worker is recording it now"
