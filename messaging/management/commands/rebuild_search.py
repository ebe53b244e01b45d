"""Index messages for search that have no index row, or one of older rules.

manage.py rebuild_search [--organization SLUG] [--dry-run]
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from messaging import search
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Queue every message that search does not find by the rules of this release; the worker writes the rows in the background. "
        "It may be run at any time, and again. Example: manage.py rebuild_search --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="messages of this one only, for example acme")
        parser.add_argument("--dry-run", action="store_true", help="say how many there are, and queue none")

    def handle(self, *args: Any, organization: str | None, dry_run: bool, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            slugs = dict(Organization.objects.values_list("slug", "pk"))
            if organization is not None and organization not in slugs:
                raise CommandError(f"There is no organization {organization!r}. There are: {', '.join(sorted(slugs))}.")
            owner = slugs[organization] if organization else None
            found = search.outdated(owner)
            queued = 0 if dry_run else search.rebuild(owner)
        self.stdout.write(
            f"{found} messages have no search row of this release"
            + (f"; {queued} of them were queued, {found - queued} waited already." if not dry_run else ".")
        )
