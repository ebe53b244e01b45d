"""Train on organizations' corrections of reply categories: `manage.py learn_triage`."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization
from messaging.intelligence.triage import learning, weights
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Learn from the corrections of organizations that have new ones, or of one named; a model that errs more on replies held back "
        "is discarded. Example: manage.py learn_triage --organization acme"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="this one, whether it has new corrections or not")

    def handle(self, *args: Any, organization: str | None, **options: Any) -> None:
        now = timezone.now()
        with rls.scope(rls.SYSTEM):
            slugs = dict(Organization.objects.values_list("pk", "slug"))
        if organization is None:
            chosen = learning.due(now=now)
        else:
            chosen = [pk for pk, slug in slugs.items() if slug == organization]
            if not chosen:
                raise CommandError(
                    f"There is no organization {organization!r}. There are: {', '.join(sorted(slugs.values()))}."
                )
        try:
            for pk in chosen:
                self.stdout.write(_line(slugs.get(pk, str(pk)), learning.learn_for(pk, now=now)))
        except weights.UnusableModel as error:
            raise CommandError(str(error)) from error
        if not chosen:
            self.stdout.write("No organization has corrections to learn from.")


def _line(name: str | UUID, outcome: learning.Outcome) -> str:
    if not outcome.held_back:
        return f"{name}: {outcome.corrections} corrections are too few to learn from."
    judged = f"{outcome.errors_before} errors before and {outcome.errors_after} after on {outcome.held_back} replies held back"
    return f"{name}: {outcome.corrections} corrections; {judged}; {'adopted' if outcome.adopted else 'discarded'}."
