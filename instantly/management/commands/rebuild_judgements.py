"""Re-apply the rules for automatic replies and lead labels to all recorded events.

manage.py rebuild_judgements [--organization SLUG] [--dry-run]
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization, ProviderConnection
from instantly.reconciliation.labels import judge_again
from messaging import judgements, stats_rebuild
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Judge again, by the rules of this release, which replies are automatic and which undocumented events are lead labels, and recount "
        "the figures. Nothing a provider said is lost, so it may be run at any time. Example: manage.py rebuild_judgements --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--organization", metavar="SLUG", help="replies and figures of this one only, for example acme"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, organization: str | None, dry_run: bool, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            slugs = dict(Organization.objects.values_list("slug", "pk"))
            connections = list(ProviderConnection.objects.order_by("name").values_list("pk", flat=True))
        if organization is not None and organization not in slugs:
            raise CommandError(f"There is no organization {organization!r}. There are: {', '.join(sorted(slugs))}.")
        owner = slugs[organization] if organization else None
        replies = judgements.automatic_replies(owner, dry_run=dry_run)
        labels = 0 if organization else sum(judge_again(pk, dry_run=dry_run) for pk in connections)
        if not dry_run:
            stats_rebuild.rebuild(owner)
        verb = "would be" if dry_run else "were"
        self.stdout.write(f"{replies} replies and {labels} undocumented events {verb} judged otherwise.")
