"""manage.py prove_isolation"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.services import record_audit
from salesbrain import rls
from salesbrain.admin_site.isolation import prove
from salesbrain.admin_site.isolation.report import markdown


class Command(BaseCommand):
    help = (
        "Prove on this database that no customer sees another: every table, every verb, every route, as everybody. Leaves nothing "
        "behind but the report, which staff find in the admin. Exits 1 on a breach."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, metavar="FILE", help="also write the report there, as Markdown")

    def handle(self, *args: Any, output: Path | None, **options: Any) -> None:
        seen = prove().as_json()
        with rls.scope(rls.SYSTEM):
            record_audit(
                action="isolation.prove",
                actor_name="manage.py prove_isolation",
                detail={"name": "isolation", "report": seen},
            )
        if output:
            try:
                output.write_text(markdown(seen), encoding="utf-8")
            except OSError as error:
                raise CommandError(
                    f"The report cannot be written to {output}: {error.strerror}. Staff find it in the admin."
                ) from error
        counted = f"{seen['statements']:,} statements and {seen['requests']:,} requests"
        if seen["breaches"]:
            raise CommandError(f"{counted}: {len(seen['breaches'])} breaches.\n" + "\n".join(seen["breaches"][:50]))
        self.stdout.write(f"{counted}: no row, mark or id of one organization reached the other.")
