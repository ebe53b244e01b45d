"""Assign a campaign of a shared workspace to an organization: `manage.py assign_campaign`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_one
from accounts.models import Organization
from campaigns.models import Campaign
from messaging.campaign_transfer import CannotMove, move_campaign
from salesbrain import rls

HOUSE = "house"


class Command(BaseCommand):
    help = (
        "Give a campaign of a shared workspace, with its contacts, messages, events and numbers, to an organization, or back "
        "to the house. Example: manage.py assign_campaign 'Q3 Outbound' acme"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", metavar="CAMPAIGN", help="our id, Instantly's id, or the exact name")
        parser.add_argument(
            "organization", metavar="ORGANIZATION", help=f"slug, exact name or id; {HOUSE}: nobody's yet"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, campaign: str, organization: str, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            chosen = find_one(Campaign.objects.all(), campaign, "campaign", ("provider_id", "name"))
            owner = find_one(Organization.objects.all(), organization, "organization", ("slug", "name"))
        try:
            moved = move_campaign(chosen.pk, owner.pk, now=timezone.now(), actor_name="assign_campaign")
        except CannotMove as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            facts = {"events": moved.events, "messages": moved.messages, "people": moved.people}
            self.stdout.write(
                json.dumps({"campaign": str(chosen.pk), "organization": owner.slug, "changed": moved.changed, **facts})
            )
        elif moved.changed:
            what = f"{moved.people} contacts, {moved.messages} messages, {moved.events} events"
            self.stdout.write(f"{chosen.name} is {owner.name}'s now, with {what}.")
        else:
            self.stdout.write(f"{chosen.name} was {owner.name}'s already.")
