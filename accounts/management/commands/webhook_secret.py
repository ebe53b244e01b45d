"""Print a connection's webhook secret, or issue a new one: `manage.py webhook_secret CONNECTION`."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_connection
from accounts.tokens import current_webhook_secret, rotate_webhook_secret
from salesbrain import rls


class Command(BaseCommand):
    help = "Print, alone on stdout, what deliveries of a connection must carry in X-Webhook-Secret; issue it where there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("connection", help="its name, for example acme")
        parser.add_argument("--rotate", action="store_true", help="issue a new one; the old stay valid for --keep days")
        parser.add_argument(
            "--keep", type=float, default=7, metavar="DAYS", help="with --rotate (default: 7; 0 ends the old at once)"
        )

    def handle(self, *args: Any, connection: str, rotate: bool, keep: float, **options: Any) -> None:
        if not 0 <= keep <= 365:
            raise CommandError(f"--keep {keep:g}: give a number of days from 0 to 365.")
        now = timezone.now()
        with rls.scope(rls.SYSTEM):
            found = find_connection(connection)
            if rotate:
                secret = rotate_webhook_secret(
                    connection=found, now=now, keep=timedelta(days=keep), actor_name="manage.py webhook_secret --rotate"
                )
            else:
                secret = current_webhook_secret(connection=found, now=now, actor_name="manage.py webhook_secret")
        self.stdout.write(secret)
