"""Recount the daily stats and repair differences: `manage.py rebuild_stats`."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from campaigns.models import Campaign
from messaging import organization_stats
from messaging.stats_rebuild import Difference, differences, rebuild
from salesbrain import rls

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Recount the daily figures from messages and the event log and set right what differs; with --check only say "
        "what does, and end with exit code 1 if anything does. Example: manage.py rebuild_stats --check"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 where figures differ")
        parser.add_argument("--organization", metavar="SLUG", help="this one's figures only, for example acme")

    def handle(self, *args: Any, check: bool, organization: str | None, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            organizations = dict(Organization.objects.values_list("pk", "slug"))
            campaigns = dict(Campaign.objects.values_list("pk", "name"))
        ids = {slug: pk for pk, slug in organizations.items()}
        if organization is not None and organization not in ids:
            raise CommandError(f"There is no organization {organization!r}. There are: {', '.join(sorted(ids))}.")
        whose = ids[organization] if organization else None
        found = (differences if check else rebuild)(whose)
        for difference in found[:SHOWN]:
            self.stdout.write(line(difference, organizations, campaigns))
        if len(found) > SHOWN:
            self.stdout.write(f"… and {len(found) - SHOWN} more.")
        wrong = self._wrong_sums(whose, organizations) if check else 0
        if not found and not wrong:
            self.stdout.write("The figures are what rows and log come to.")
        elif check:
            rows = f"{len(found)} rows of figures" if found else f"{wrong} sums of an organization's day"
            raise CommandError(f"{rows} differ. Set them right with: manage.py rebuild_stats")
        else:
            self.stdout.write(f"{len(found)} rows of figures differed and are set right.")

    def _wrong_sums(self, whose: UUID | None, organizations: dict[Any, str]) -> int:
        """Write the days whose sums over an organization's campaigns are not what its daily stats come to; return their number."""
        with rls.scope(rls.SYSTEM):
            found = organization_stats.differences(whose)
        for organization, day in found[:SHOWN]:
            self.stdout.write(f"{day} · {organizations.get(organization, organization)}: wrong sum over the campaigns")
        return len(found)


def line(difference: Difference, organizations: dict[Any, str], campaigns: dict[Any, str]) -> str:
    """Return a difference as a line: where it is, and by how much each stat is too high or too low."""
    where = [
        str(difference.day),
        organizations.get(difference.organization_id, str(difference.organization_id)),
        campaigns.get(difference.campaign_id, "no campaign") if difference.campaign_id else "no campaign",
        difference.email_account or "no sender",
        f"step {difference.step} variant {difference.variant}",
    ]
    figures = ", ".join(f"{figure} {value:+d}" for figure, value in difference.figures.items())
    return f"{' · '.join(where)}: {figures} against the recount"
