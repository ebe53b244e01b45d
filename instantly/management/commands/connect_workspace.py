"""Store an Instantly workspace's API key: `manage.py connect_workspace`."""

import getpass
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from accounts.management.lookup import find_one
from accounts.models import Organization
from accounts.services import record_audit
from instantly.client.errors import InstantlyError
from instantly.connections.services import ConnectionUnusable, connect_workspace
from salesbrain import rls


class Command(BaseCommand):
    help = (
        "Connect an Instantly workspace under a name. The key is read from standard input or asked for, never from the command "
        "line, where others could see it. Example: manage.py connect_workspace acme --organization acme < key.txt"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what commands will call it, for example acme")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--organization", metavar="SLUG", help="all of the workspace is this organization's")
        whose.add_argument("--shared", action="store_true", help="its campaigns are assigned one by one")
        whose.add_argument("--replace", action="store_true", help="NAME exists: store a new key of the same workspace")
        parser.add_argument("--acts-as", default="", metavar="ID", help="sub-workspace that this admin key acts as")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            validate_slug(name)
        except Exception:
            raise CommandError(f"{name!r} is no name for a connection: letters, digits, - and _ only.") from None
        owner = self._owner(options["organization"])
        try:
            connection = connect_workspace(
                name, self._key(), organization=owner, acts_as=options["acts_as"], replace=options["replace"]
            )
        except (ConnectionUnusable, InstantlyError) as error:
            raise CommandError(str(error)) from None
        with rls.scope(rls.SYSTEM):
            record_audit(
                action="connection.replace_key" if options["replace"] else "connection.create",
                actor_name="connect_workspace",
                target=connection,
                detail={"workspace": connection.workspace_id, "key": f"…{connection.api_key_last4}"},
            )
        if options["json"]:
            facts = {
                "connection": name,
                "workspace_id": connection.workspace_id,
                "workspace": connection.workspace_name,
            }
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(
                f"{name} is the workspace {connection.workspace_name} ({connection.workspace_id}). "
                f"Next: manage.py sync_workspace --connection {name}; manage.py register_webhook --connection {name}"
            )

    def _owner(self, said: str | None) -> Organization | None:
        if said is None:
            return None
        with rls.scope(rls.SYSTEM):
            found: Organization = find_one(Organization.objects.customers(), said, "organization", ("slug", "name"))
            return found

    def _key(self) -> str:
        key = getpass.getpass("API key (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
        if not key.strip():
            raise CommandError("No key was given. Pipe it in, or run this on a terminal to be asked for it.")
        return key.strip()
