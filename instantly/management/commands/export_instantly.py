"""Export all data of an organization or a connection to files: `manage.py export_instantly`."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.lookup import find_one
from accounts.models import Organization, ProviderConnection
from accounts.services import record_audit
from instantly.management.connection_command import chosen
from messaging import full_export
from salesbrain import rls
from salesbrain.exporting import FORMATS


class Command(BaseCommand):
    help = (
        "Write campaigns, email accounts, contacts, messages, events and numbers to a new folder, one file a kind, with a "
        "manifest of counts and hashes. Example: manage.py export_instantly --organization acme --output acme-export"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--organization", metavar="SLUG", help="what one organization has")
        whose.add_argument("--connection", metavar="NAME", help="what one workspace has, whoseever it is")
        whose.add_argument("--all", action="store_true", help="every active connection, a folder each")
        parser.add_argument(
            "--output", type=Path, required=True, metavar="FOLDER", help="a folder that does not exist yet"
        )
        parser.add_argument("--format", choices=list(FORMATS), default="ndjson", dest="form", help="default: ndjson")
        parser.add_argument("--json", action="store_true", help="print the manifests instead of text")

    def handle(self, *args: Any, output: Path, form: str, **options: Any) -> None:
        manifests = []
        for folder, owner, connection in self._parts(output, options):
            try:
                manifest = full_export.export(
                    folder, form=form, now=timezone.now(), organization=owner, connection=connection
                )
            except FileExistsError:
                raise CommandError(
                    f"{folder} exists already; name a folder that does not, so that nothing is mixed."
                ) from None
            except OSError as error:
                raise CommandError(f"Could not write {folder}: {error.strerror or error}") from error
            manifests.append(manifest)
            self._write_down(manifest, form, owner, connection)
            if not options["json"]:
                self.stdout.write(f"{folder}: {manifest['rows']} rows in {len(manifest['files'])} files")
        if options["json"]:
            self.stdout.write(json.dumps({"exports": manifests}, indent=2))

    def _write_down(
        self, manifest: dict[str, Any], form: str, owner: Organization | None, connection: ProviderConnection | None
    ) -> None:
        with rls.scope(rls.SYSTEM):
            record_audit(
                action="export",
                actor_name="manage.py export_instantly",
                target=connection,
                organization_id=owner.pk if owner else None,
                detail={"kind": "everything", "format": form, "rows": manifest["rows"]},
            )

    def _parts(
        self, output: Path, options: dict[str, Any]
    ) -> list[tuple[Path, Organization | None, ProviderConnection | None]]:
        if options["organization"]:
            with rls.scope(rls.SYSTEM):
                owner = find_one(Organization.objects.all(), options["organization"], "organization", ("slug", "name"))
            return [(output, owner, None)]
        connections = chosen(options)
        if not options["all"]:
            return [(output, None, connections[0])]
        return [(output / connection.name, None, connection) for connection in connections]
