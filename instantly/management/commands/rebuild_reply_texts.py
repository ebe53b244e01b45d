"""Extract the texts of received mails again by the rules of this release: `rebuild_reply_texts`.

manage.py rebuild_reply_texts [--organization SLUG] [--dry-run]
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from instantly.processing import reply_texts
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Read the texts of received mails again from their deliveries, by the rules of this release: the person's own words, the whole "
        "text, the harmless HTML. Search and triage follow in the background. Mails whose bodies retention removed stay as they are. It "
        "may be run at any time, and again. Example: manage.py rebuild_reply_texts --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="mails of this one only, for example acme")
        parser.add_argument("--dry-run", action="store_true", help="say how many would change, and change none")

    def handle(self, *args: Any, organization: str | None, dry_run: bool, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            slugs = dict(Organization.objects.values_list("slug", "pk"))
        if organization is not None and organization not in slugs:
            raise CommandError(f"There is no organization {organization!r}. There are: {', '.join(sorted(slugs))}.")
        done = reply_texts.rebuild(slugs[organization] if organization else None, dry_run=dry_run)
        verb = "would change" if dry_run else "were changed"
        self.stdout.write(f"{done.read} received mails were read again; the texts of {done.changed} {verb}.")
        if done.left:
            self.stdout.write(
                f"{done.left} stay as they are: not read within a second of CPU, or told in different words at the same time."
            )
        if done.bodiless:
            self.stdout.write(
                f"{done.bodiless} received mails stay as they are: the bodies of their deliveries were removed by retention or an erasure."
            )
        if done.changed and not dry_run:
            self.stdout.write("To judge again which of them are automatic: manage.py rebuild_judgements")
