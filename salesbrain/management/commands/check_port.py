"""Check that the web server's port is free, and name the program that has it: `manage.py check_port`."""

import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from salesbrain.local.run.ports import HOST, program_on


class Command(BaseCommand):
    help = "Check that nothing listens at PORT, before the web server is started there. Example: manage.py check_port"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        port = settings.PORT
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} cannot be used ({error.strerror}): {program_on(port)} has it. Stop that, or choose another PORT "
                    "here and in nginx."
                ) from None
        self.stdout.write(f"Nothing listens at port {port}.")
