"""Re-encrypt every stored secret with the newest key: `manage.py rotate_encryption_key`."""

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.key_rotation import rotate
from accounts.services import record_audit
from salesbrain import rls
from salesbrain.kernel.encryption import encrypt


class Command(BaseCommand):
    help = (
        "Write every stored provider key and webhook secret again under the first of SALESBRAIN_ENCRYPTION_KEYS. Put a new key "
        "(--new-key prints one) first, keep the old ones behind it, restart, run this, then drop the old ones. May be repeated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-key", action="store_true", help="print a fresh key, alone on stdout, and do nothing else"
        )
        parser.add_argument("--dry-run", action="store_true", help="count, write nothing")

    def handle(self, *args: Any, new_key: bool, dry_run: bool, **options: Any) -> None:
        if new_key:
            self.stdout.write(Fernet.generate_key().decode())
            return
        encrypt("a key that is none is said before the first row is touched")
        done = rotate(dry_run=dry_run)
        if done.rotated and not dry_run:
            with rls.scope(rls.SYSTEM):
                record_audit(
                    action="encryption_key.rotate",
                    actor_name="manage.py rotate_encryption_key",
                    detail={"rotated": done.rotated, "current": done.current, "unreadable": done.unreadable},
                )
        verb = "would be written" if dry_run else "written"
        self.stdout.write(f"{done.rotated} {verb} under the first key, {done.current} were under it already.")
        if done.unreadable:
            named = "\n  ".join(done.unreadable[:20])
            raise CommandError(
                f"{len(done.unreadable)} cannot be read with any of SALESBRAIN_ENCRYPTION_KEYS and are as they were:\n  {named}\n"
                "Put the key they were written with back at the end of the list and run this again, or enter them anew in the admin."
            )
