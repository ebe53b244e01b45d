"""Run the isolation proof and write its report: `manage.py prove_isolation`.

For CI, staff and a customer's data protection officer.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from salesbrain.isolation import prove_in_scratch, write
from salesbrain.isolation.scratch_database import NoScratch

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Proves that no customer can see or change another's data: builds two organizations in a database made for it, "
        "tries every API operation, admin page and table as everybody, compares the rules with those of the real database, "
        "and writes what came out as JSON and HTML. Exit code 1 where anything did not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out", type=Path, metavar="FOLDER", help="where to write both files; otherwise .local/isolation"
        )
        parser.add_argument("--without-real", action="store_true", help="do not compare the rules of the real database")

    def handle(self, *args: Any, out: Path | None, without_real: bool, **options: Any) -> None:
        try:
            proof = prove_in_scratch(compare=not without_real)
        except NoScratch as error:
            raise CommandError(str(error)) from error
        try:
            written = write(proof, out)
        except OSError as error:
            raise CommandError(
                f"The proof ran but could not be written to {error.filename}: {error.strerror}. Give --out FOLDER."
            ) from error
        tries = sum(proof.tries.values())
        self.stdout.write(
            f"{tries:,} tries of {len(proof.tries)} checks in {proof.seconds:.0f} s, version {proof.version}, rules {proof.rules}, "
            f"real database: {proof.live}"
        )
        for finding in proof.findings[:SHOWN]:
            self.stderr.write(f"{finding.check}: {finding.where}: {finding.said}")
        if len(proof.findings) > SHOWN:
            self.stderr.write(f"and {len(proof.findings) - SHOWN} more, in {written[1]}")
        self.stdout.write(f"written to {written[1]} and {written[0].name}")
        if not proof.holds:
            raise CommandError(
                f"{len(proof.findings)} tries did not hold: somebody may see or change what is another's."
            )
        self.stdout.write("All held.")
