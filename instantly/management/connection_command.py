"""Base class of management commands that work on connections: selection, output, exit code."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.choices import Provider
from accounts.models import ProviderConnection
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable
from salesbrain import rls

TEMPORARY_FAILURE = 75
"""EX_TEMPFAIL of sysexits.h: try again later."""


class ConnectionCommand(BaseCommand):
    """Base of commands that do one thing to one connection or to all; goes on after a failure, then exits non-zero.

    A subclass implements `handle_connection` (it returns what --json prints and `show` writes) and may extend
    `add_more_arguments`.
    """

    writes_outside = False

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--connection", metavar="NAME", help="one connection, by its name")
        which.add_argument("--all", action="store_true", help="every active connection")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
        if self.writes_outside:
            parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
        self.add_more_arguments(parser)

    def add_more_arguments(self, parser: CommandParser) -> None:
        """Hook: add the arguments of the concrete command."""

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        raise NotImplementedError

    def show(self, result: dict[str, Any]) -> None:
        """Hook: print one result."""
        self.stdout.write(f"{result['connection']}: {result.get('outcome', 'done')}")

    def succeeded(self, result: dict[str, Any]) -> bool:
        return True

    def exit_code(self, error: Exception) -> int:
        """Return the exit code after this failure."""
        return 1

    def handle(self, *args: Any, **options: Any) -> None:
        results, codes = [], []
        connections = chosen(options)
        del options["connection"]  # its name, which the row takes the place of
        for connection in connections:
            try:
                result = self.handle_connection(connection, **options)
            except self.expected() as error:
                codes.append(self.exit_code(error))
                result = {"connection": connection.name, "error": str(error)}
                if not options["json"]:
                    self.stderr.write(f"{connection.name}: {error}")
            else:
                if not self.succeeded(result):
                    codes.append(1)
                if not options["json"]:
                    self.show(result)
            results.append(result)
        if options["json"]:
            self.stdout.write(json.dumps({"connections": results}, indent=2, default=str))
        if codes:
            raise CommandError(
                f"{len(codes)} of {len(results)} connections did not succeed.",
                returncode=TEMPORARY_FAILURE if set(codes) == {TEMPORARY_FAILURE} else 1,
            )

    def expected(self) -> tuple[type[Exception], ...]:
        """Return the exception classes reported in one line; others show their traceback."""
        return (InstantlyError, ConnectionUnusable)


def chosen(options: dict[str, Any]) -> list[ProviderConnection]:
    """Return the connections named by --connection or --all. Raises CommandError if there is none."""
    with rls.scope(rls.SYSTEM):
        ours = ProviderConnection.objects.filter(provider=Provider.INSTANTLY)
        if options["all"]:
            found = list(ours.active().select_related("organization"))
            if not found:
                raise CommandError("There is no active connection. Make one with: manage.py connect_workspace NAME")
            return found
        name = options["connection"]
        found = list(ours.filter(name=name).select_related("organization"))
        names = ", ".join(ours.values_list("name", flat=True)) or "none yet"
    if not found:
        raise CommandError(f"There is no connection {name}. There are: {names}.")
    return found
