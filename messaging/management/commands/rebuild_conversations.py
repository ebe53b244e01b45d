"""Recompute conversations from messages and events, repair differences: `rebuild_conversations`."""

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from messaging.inbox.build import unfinished
from messaging.inbox.recount import Difference, differences, rebuild
from salesbrain import rls

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Work the conversations out again from mails, log and categories and set right what differs; with --check only say what does, and "
        "end with exit code 1 if anything does. Example: manage.py rebuild_conversations --check"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit code 1 where conversations differ"
        )
        parser.add_argument("--organization", metavar="SLUG", help="this one's conversations only, for example acme")

    def handle(self, *args: Any, check: bool, organization: str | None, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            slugs = dict(Organization.objects.values_list("pk", "slug"))
        ids = {slug: pk for pk, slug in slugs.items()}
        if organization is not None and organization not in ids:
            raise CommandError(f"There is no organization {organization!r}. There are: {', '.join(sorted(ids))}.")
        one = ids[organization] if organization else None
        if left := [slugs[id] for id in unfinished() if one in (None, id)]:
            raise CommandError(f"Not all are built yet ({', '.join(left)}): run manage.py build_conversations first.")
        found = iter(differences(one) if check else rebuild(one))
        count = 0
        for difference in islice(found, SHOWN):
            self.stdout.write(line(difference, slugs))
            count += 1
        more = sum(1 for _ in found)
        if more:
            self.stdout.write(f"… and {more} more.")
        self._end(count + more, check=check)

    def _end(self, count: int, *, check: bool) -> None:
        if not count:
            self.stdout.write("The conversations are what mails, log and categories come to.")
        elif check:
            raise CommandError(f"{count} conversations differ. Set them right with: manage.py rebuild_conversations")
        else:
            self.stdout.write(f"{count} conversations differed and are set right.")


def line(difference: Difference, slugs: dict[Any, str]) -> str:
    """Return a difference as a line: organization, contact, and each field as stored and as recounted."""
    whose = slugs.get(difference.organization_id, str(difference.organization_id))
    if "row" in difference.fields:
        stored, _ = difference.fields["row"]
        return f"{whose} · {difference.contact_id}: {'there must be none' if stored else 'is missing'}"
    fields = ", ".join(f"{name} {was} against {should}" for name, (was, should) in sorted(difference.fields.items()))
    return f"{whose} · {difference.contact_id}: {fields}"
