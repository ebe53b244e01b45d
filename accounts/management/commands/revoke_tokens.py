"""Revoke a user's API tokens: `manage.py revoke_tokens EMAIL`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.management.lookup import find_user
from accounts.tokens import revoke_tokens
from salesbrain import rls


class Command(BaseCommand):
    help = "End every API token of a user, at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose tokens end")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            user = find_user(email)
            count = revoke_tokens(user=user, actor_name="manage.py revoke_tokens")
        self.stdout.write(f"{count} {'token' if count == 1 else 'tokens'} of {user.email} revoked.")
