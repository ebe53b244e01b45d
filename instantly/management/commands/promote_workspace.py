"""Promote a customer out of a shared workspace into one of its own: `manage.py promote_workspace`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_connection, find_organization
from accounts.models import Organization, ProviderConnection
from instantly.actions.promotion.candidates import candidates
from instantly.actions.promotion.checks import as_steps
from instantly.actions.promotion.requests import (
    Choice,
    begin,
    confirm,
    connections_of,
    request_continue,
    request_undo,
)
from instantly.actions.promotion.run import STOPS, load, run
from instantly.choices import PromotionState
from instantly.models import Promotion
from salesbrain import rls

ACTOR = "promote_workspace"
LATER = ("continue", "undo", "confirm")


class Command(BaseCommand):
    help = (
        "Move a customer's email accounts from a shared workspace into their own one, pause and copy their campaigns. Their old "
        "campaigns stay where they are, with their history. Killed at any point, the same command with --continue goes on. Look first: "
        "manage.py promote_workspace acme --from agency --to acme-own --admin-key agency --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", metavar="ORGANIZATION", help="the customer, by its slug")
        parser.add_argument("--from", dest="source", metavar="NAME", help="connection of the shared workspace")
        parser.add_argument(
            "--to", dest="destination", metavar="NAME", help="connection of the customer's own workspace"
        )
        parser.add_argument(
            "--admin-key", metavar="NAME", help="connection with the key of the admin workspace of both"
        )
        parser.add_argument("--keep-accounts", action="store_true", help="move no email account")
        parser.add_argument("--copy", action="store_true", help="copy every campaign as a draft, without its leads")
        parser.add_argument("--pause", action="store_true", help="pause campaigns that are active")
        parser.add_argument(
            "--dry-run", action="store_true", help="ask Instantly whether it would work; change nothing"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--continue", action="store_true", help="go on with the open promotion, or with its undo")
        what.add_argument("--undo", action="store_true", help="take the open promotion back")
        what.add_argument("--confirm", action="store_true", help="close the open promotion; it cannot be undone then")

    def handle(self, *args: Any, organization: str, **options: Any) -> None:
        with rls.scope(rls.SYSTEM):
            customer = find_organization(organization)
        try:
            if any(options[name] for name in LATER):
                promotion = self._open_one(customer, options)
            elif options["dry_run"]:
                return self._dry_run(customer, options)
            else:
                with rls.scope(rls.SYSTEM):
                    promotion = begin(self._choice(customer, options), actor=None, actor_name=ACTOR)
            if not options["confirm"]:
                promotion = run(promotion.pk, actor=None, actor_name=ACTOR, progress=self._progress(options))
        except STOPS as error:
            raise CommandError(str(error)) from None
        self._show(load(promotion.pk), options)

    def _open_one(self, customer: Organization, options: dict[str, Any]) -> Promotion:
        """Return the customer's open promotion, after confirming, undoing or continuing it. Raises CommandError, CannotPromote."""
        now = timezone.now()
        with rls.scope(rls.SYSTEM):
            open_ones = Promotion.objects.exclude(state__in=[PromotionState.CONFIRMED, PromotionState.UNDONE])
            promotion = open_ones.filter(organization=customer).first()
            if promotion is None:
                raise CommandError(f"{customer.name} has no open promotion.")
            if options["confirm"]:
                confirm(promotion, actor=None, actor_name=ACTOR, now=now)
            elif options["undo"]:
                request_undo(promotion, actor=None, actor_name=ACTOR, now=now)
            elif promotion.state != PromotionState.RUNNING:  # a killed run still says that it is running
                request_continue(promotion, now=now)
        return promotion

    def _choice(self, customer: Organization, options: dict[str, Any]) -> Choice:
        """Return everything of the customer in the shared workspace, as far as the options want it. Raises CommandError."""
        if not options["source"] or not options["destination"]:
            raise CommandError("Name both workspaces: --from NAME (the shared one) and --to NAME (the customer's own).")
        source, destination = find_connection(options["source"]), find_connection(options["destination"])
        admin = find_connection(options["admin_key"]) if options["admin_key"] else None
        there = candidates(customer, source)
        return Choice(
            organization_id=customer.pk,
            source_id=source.pk,
            destination_id=destination.pk,
            admin_id=admin.pk if admin else None,
            accounts=[] if options["keep_accounts"] else [one.account.pk for one in there.accounts if one.is_free],
            copied=[one.campaign.pk for one in there.campaigns] if options["copy"] else [],
            paused=[one.campaign.pk for one in there.campaigns if one.is_sending] if options["pause"] else [],
        )

    def _dry_run(self, customer: Organization, options: dict[str, Any]) -> None:
        with rls.scope(rls.SYSTEM):
            choice = self._choice(customer, options)
            _organization, source, _destination, _admin = connections_of(choice)
            there = candidates(customer, source)
            keyed = ProviderConnection.objects.in_bulk(
                key for key in (choice.source_id, choice.destination_id, choice.admin_id) if key is not None
            )
        chosen = [one.account.address for one in there.accounts if one.account.pk in set(choice.accounts)]
        admin = keyed[choice.admin_id] if choice.admin_id else None
        steps = as_steps(keyed[choice.source_id], keyed[choice.destination_id], admin, chosen)
        told = {
            "organization": customer.slug,
            "email_accounts": chosen,
            "blocked": {
                one.account.address: [campaign.name for campaign in one.used_by]
                for one in there.accounts
                if not one.is_free
            },
            "campaigns_copied": [one.campaign.name for one in there.campaigns if one.campaign.pk in set(choice.copied)],
            "campaigns_paused": [one.campaign.name for one in there.campaigns if one.campaign.pk in set(choice.paused)],
            "checks": steps,
        }
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2, default=str))
        else:
            self.stdout.write(
                f"{customer.name}: {len(chosen)} email accounts would move, {len(told['campaigns_copied'])} campaigns would be "
                f"copied, {len(told['campaigns_paused'])} paused; {len(told['blocked'])} email accounts stay because somebody else's "
                "campaign uses them."
            )
            for step in steps:
                self.stdout.write(f"  {'ok' if step['ok'] else 'FAILED'}  {step['step']}: {step['detail']}")
        if not all(step["ok"] for step in steps):
            raise CommandError("It would not work; see above.")

    def _progress(self, options: dict[str, Any]) -> Any:
        def show(done: int, of: int) -> None:
            if not options["json"] and options["verbosity"] > 1:
                self.stdout.write(f"  {done} of {of} steps")

        return show

    def _show(self, promotion: Promotion, options: dict[str, Any]) -> None:
        if options["json"]:
            told = {
                "promotion": str(promotion.pk),
                "organization": promotion.organization.slug,
                "state": promotion.state,
                "outcome": str(promotion.outcome),
                "left": [str(one) for one in promotion.left],
            }
            self.stdout.write(json.dumps(told, indent=2))
            return
        self.stdout.write(f"{promotion.organization.name}: {promotion.state}. {promotion.outcome}")
        for one in promotion.left:
            self.stdout.write(f"  {one}")
        if promotion.state == PromotionState.DONE:
            slug = promotion.organization.slug
            self.stdout.write(f"Next: manage.py promote_workspace {slug} --confirm, or --undo.")
