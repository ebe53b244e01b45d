"""Run the whole product in this checkout: `manage.py run`, called by `make run`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from salesbrain.embedded_postgres import EmbeddedPostgresError
from salesbrain.local.run.errors import RunError
from salesbrain.local.run.launcher import run


class Command(BaseCommand):
    help = "Runs database, migrations, demo data, web, worker and emulator until Ctrl-C. `make run` calls this."
    requires_system_checks = []  # nothing can be checked before the database is there

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = run(self.stdout.write)
        except (RunError, EmbeddedPostgresError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:  # before the processes ran; afterwards it is an orderly stop
            return
        if code:
            raise SystemExit(code)
