"""Fill the embedded database with demo data: `manage.py load_demo`.

Also registers its connections with the emulator.
"""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from salesbrain.local import demo

V1_KEY_IGNORED = (
    "INSTANTLY_API_KEY_V1 is ignored: Instantly's API v1 was switched off on 2026-01-19 and its keys do not open v2. "
    "Make a v2 key in Instantly (Settings > Integrations > API Keys) and set INSTANTLY_API_KEY."
)


class Command(BaseCommand):
    help = (
        "Create the demo's organizations, users and connections where they are missing; write the emulator's workspaces "
        "to .local/emulator.json. With DEMO off: the admin user only, and with INSTANTLY_API_KEY one shared connection with that key. "
        "Only in the embedded database. Example: manage.py load_demo"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if os.environ.get("INSTANTLY_API_KEY_V1"):
            self.stderr.write(V1_KEY_IGNORED)
        try:
            loaded = demo.load()
        except demo.DemoRefused as refusal:
            raise CommandError(str(refusal)) from None
        if not options["verbosity"]:
            return
        created = ", ".join(loaded.created)
        self.stdout.write(f"Created {created}" if created else "Nothing to do: all of it is there.")
        if loaded.emulator:
            self.stdout.write(f"Emulator workspaces: {', '.join(loaded.workspaces)}")
