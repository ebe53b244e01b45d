"""Print a password reset link: `manage.py password_reset_link EMAIL`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_user
from accounts.password_reset import create_password_reset_link


class Command(BaseCommand):
    help = "Print a link that sets a new password for a user. It works once and for 72 hours; a second factor stays needed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose password it sets")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if not settings.PUBLIC_URL:
            raise CommandError(
                "PUBLIC_URL is not set, so a link would lead nowhere: set it to the address people open."
            )
        user = find_user(email)
        if not user.is_active:
            raise CommandError(f"{user.email} is deactivated: activate the user in the admin first.")
        link = create_password_reset_link(user, now=timezone.now(), actor_name="manage.py password_reset_link")
        self.stdout.write(link)
