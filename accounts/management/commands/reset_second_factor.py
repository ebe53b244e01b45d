"""Remove a staff member's second factor: `manage.py reset_second_factor EMAIL`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import second_factor
from accounts.management.lookup import find_user
from accounts.services import record_audit
from salesbrain import rls


class Command(BaseCommand):
    help = "Take a user's second factor away: the authenticator and all recovery codes. A new one is set up at the next login."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            user = find_user(email)
            had = second_factor.reset(user)
            if had:
                record_audit(
                    action="second_factor.reset",
                    actor_name="manage.py reset_second_factor",
                    target=user,
                    detail={"name": user.email},
                )
        self.stdout.write(
            f"{user.email}: the second factor was taken away." if had else f"{user.email} had no second factor."
        )
