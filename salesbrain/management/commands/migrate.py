"""Run Django's `migrate` as the database role that owns the tables."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections


class Command(DjangoMigrate):
    help = "Brings the tables up to date, as sb_owner: the one role that owns them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        alias = options["database"]
        # On any other alias the router lets no migration run, and Django would record them as run all the same.
        if connections[alias].settings_dict["USER"] != connections["owner"].settings_dict["USER"]:
            raise CommandError(
                f"Migrations run as the owner of the tables, not through {alias!r}. Leave --database out."
            )
        super().handle(*args, **options)
