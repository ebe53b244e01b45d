"""Categorize received replies now, without waiting for the worker: `manage.py triage_replies`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.intelligence.triage import weights
from messaging.intelligence.triage.pending import note_again, triage_pending
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Categorize the received messages that are pending; with --again first note those that no engine of this version has "
        "read, as after an upgrade. Example: manage.py triage_replies --again"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="also messages that another version categorized")

    def handle(self, *args: Any, again: bool, **options: Any) -> None:
        try:
            weights.shipped()
        except weights.UnusableModel as error:
            raise CommandError(str(error)) from error
        done = self._drain()
        while again and self._note():
            done += self._drain()
        self.stdout.write(f"{done} messages categorized.")

    def _note(self) -> int:
        with rls.scope(rls.SYSTEM):
            return note_again()

    def _drain(self) -> int:
        total = 0
        while taken := triage_pending():
            total += taken
        return total
