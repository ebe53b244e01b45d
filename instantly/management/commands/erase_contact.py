"""Erase a person in one organization: `manage.py erase_contact EMAIL --organization SLUG`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Organization
from instantly.erasure import erase_contact
from salesbrain import rls
from salesbrain.kernel.addresses import NotAnAddress


class Command(BaseCommand):
    help = (
        "Erase a person from one organization: names, mail texts, raw bodies, and the address where other people's mails quote it. Counts "
        "stay, and a keyed hash of the address: it stays refused, and later events of it are recorded on an anonymous contact. Prints "
        "what was removed, as JSON. May be run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="whose")
        parser.add_argument("--organization", required=True, metavar="SLUG", help="for example acme")

    def handle(self, *args: Any, email: str, organization: str, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            found = Organization.objects.filter(slug=organization).first()
            if found is None:
                slugs = ", ".join(Organization.objects.values_list("slug", flat=True)[:20])
                raise CommandError(f"There is no organization {organization!r}. Organizations: {slugs}.")
        try:
            report = erase_contact(
                organization=found, email=email, now=timezone.now(), actor_name="manage.py erase_contact"
            )
        except NotAnAddress as error:
            raise CommandError(f"Nobody is known by such an address: {error}") from error
        if report is None:
            raise CommandError(f"{found.name} knows nobody at {email}. Nothing was changed.")
        self.stdout.write(json.dumps(report, indent=2))
