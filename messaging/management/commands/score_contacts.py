"""Score the contacts of organizations anew."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization
from messaging.scores import scoring
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Score the contacts of organizations whose scores are due, or of one named. The job does the same. "
        "Example: manage.py score_contacts --organization acme"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="this one, whether its scores are due or not")

    def handle(self, *args: Any, organization: str | None, **options: Any) -> None:
        now = timezone.now()
        with rls.scope(rls.SYSTEM):
            slugs = dict(Organization.objects.values_list("pk", "slug"))
        named = [pk for pk, slug in slugs.items() if slug == organization]
        if organization is not None and not named:
            raise CommandError(
                f"There is no organization {organization!r}. There are: {', '.join(sorted(slugs.values()))}."
            )
        chosen = named or scoring.due(now=now)
        for pk in chosen:
            began = monotonic()
            count = scoring.score_organization(pk, now=now)
            self.stdout.write(f"{slugs[pk]}: {count:,} contacts scored in {monotonic() - began:.1f} s.")
        if not chosen:
            self.stdout.write("No organization's scores are due.")
