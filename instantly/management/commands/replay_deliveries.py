"""Queue webhook deliveries again that were held or given up: `manage.py replay_deliveries`."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.management.lookup import find_connection
from instantly.choices import HeldReason
from instantly.models import Delivery
from instantly.processing.replay import Choice, Outcome, ReplayPlan, forecast_replay, requeue
from salesbrain import rls

NAMED = 20


class Command(BaseCommand):
    help = (
        "Put deliveries back into the queue; what had its effect already is left alone. What is named must all fit. "
        "Exit code 1 with --dry-run where something would not be booked. "
        "Example: manage.py replay_deliveries --dead --connection acme --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failed", action="store_true", help="those that failed and wait for their next try")
        parser.add_argument("--dead", action="store_true", help="those that were given up, or could not be read")
        parser.add_argument("--over-budget", action="store_true", help="those whose mail cost too much to read")
        parser.add_argument(
            "--id", type=int, action="append", default=[], metavar="N", help="this one; may be repeated"
        )
        parser.add_argument(
            "--since", metavar="TIME", help="received since, for example 2026-07-14 or 2026-07-14T08:00Z"
        )
        parser.add_argument("--connection", metavar="NAME", help="of this connection")
        parser.add_argument("--dry-run", action="store_true", help="say of each what would change, and change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        choice = self._choice(options)
        found = choice.plan()
        self._report_skipped(found)
        if dry_run:
            self._foresee(found)
            return
        queued = requeue(found.open)
        already = len(found.open) - queued
        self.stdout.write(
            f"{queued} put into the queue"
            + (f", {already} were in it" if already else "")
            + "; the worker processes them."
        )

    def _choice(self, options: dict[str, Any]) -> Choice:
        reasons = {
            HeldReason.FAILED: options["failed"],
            HeldReason.DEAD: options["dead"],
            HeldReason.OVER_BUDGET: options["over_budget"],
        }
        if not (any(reasons.values()) or options["id"] or options["since"] or options["connection"]):
            raise CommandError(
                "Say which deliveries: --failed, --dead, --over-budget, --id N, --since TIME or --connection NAME."
            )
        with rls.scope(rls.SYSTEM):
            connection = find_connection(options["connection"]) if options["connection"] else None
            known = set(Delivery.objects.filter(pk__in=options["id"]).values_list("pk", flat=True))
        if missing := sorted(set(options["id"]) - known):
            raise CommandError(f"There is no delivery {', '.join(map(str, missing))}.")
        return Choice(
            reasons=frozenset(reason for reason, wanted in reasons.items() if wanted),
            ids=tuple(options["id"]),
            since=_moment(options["since"]) if options["since"] else None,
            connection_id=connection.pk if connection else None,
        )

    def _report_skipped(self, found: ReplayPlan) -> None:
        if found.done:
            self.stdout.write(f"{found.done} are done already: nothing would change.")
        if found.pruned:
            named = ", ".join(f"#{id}" for id in found.pruned[:NAMED]) + (", …" if len(found.pruned) > NAMED else "")
            why = "because their bodies were removed by retention or an erasure"
            self.stdout.write(f"{len(found.pruned)} cannot be replayed, {why}: {named}.")

    def _foresee(self, found: ReplayPlan) -> None:
        booked = 0
        for forecast in forecast_replay(found.open):
            booked += forecast.outcome in (Outcome.BOOKED, Outcome.DONE)
            self.stdout.write(str(forecast))
        self.stdout.write(
            f"Of {len(found.open)} that can be replayed {booked} would have their effect. Nothing was changed."
        )
        if booked < len(found.open) or found.pruned:
            raise CommandError(f"{len(found.open) - booked + len(found.pruned)} would not be booked.", returncode=1)


def _moment(text: str) -> datetime:
    """Read a day or a time; without a zone it is UTC. Raises CommandError."""
    try:
        day = parse_date(text) if "T" not in text and " " not in text else None
        moment = datetime.combine(day, datetime.min.time()) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"--since {text!r} is no time. Write for example 2026-07-14 or 2026-07-14T08:00Z.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
