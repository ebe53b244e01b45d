"""Build inbox conversations for mails of earlier releases: `manage.py build_conversations`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization
from messaging.inbox import build
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Build the conversations of mails that were recorded before this release, in batches beside running work; the jobs process does "
        "the same by itself. Broken off, it goes on where it was. Example: manage.py build_conversations"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=build.BATCH, help="contacts a transaction, 1 to 5000")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        if not 1 <= batch <= 5000:
            raise CommandError(f"--batch {batch} is not possible: give 1 to 5000 contacts a transaction.")
        with rls.scope(rls.SYSTEM):
            names = dict(Organization.objects.values_list("pk", "name"))
        waiting = build.unfinished()
        for id in waiting:
            for done in build.build(id, now=timezone.now(), batch=batch):
                self.stdout.write(f"{names[id]}: {done.built} of {done.total} conversations ({done.percent} %)")
        self.stdout.write("All conversations are built." if waiting else "There was nothing to build.")
