"""Issue an API token: `manage.py create_token EMAIL`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.lookup import find_user
from accounts.tokens import issue_token, longest_days
from salesbrain import rls


class Command(BaseCommand):
    help = "Create an API token for a user and print it, alone, on stdout. It is shown once and stored hashed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose token it is")
        parser.add_argument("--days", type=int, help="valid for so many days (default: API_TOKEN_DAYS)")
        parser.add_argument("--name", default="", help="what it is for; written to the audit log")

        parser.add_argument("--read-only", action="store_true", help="it changes nothing, whatever its user's role")

    def handle(
        self, *args: Any, email: str, days: int | None, name: str, read_only: bool = False, **options: Any
    ) -> None:
        if days is not None and not 1 <= days <= longest_days():
            raise CommandError(f"--days {days}: give a number from 1 to {longest_days()} (API_TOKEN_MAX_DAYS).")
        with rls.scope(rls.SYSTEM):
            user = find_user(email)
            if not user.is_active:
                raise CommandError(
                    f"{user.email} is deactivated: a token would open nothing. Activate the user in the admin first."
                )
            issued = issue_token(
                user=user, days=days, name=name, read_only=read_only, actor_name="manage.py create_token"
            )
        self.stdout.write(issued.token)
