"""Send the daily digests of follow-ups that are due."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.mails import MailNotSent, are_sent
from messaging.follow_ups import digest


class Command(BaseCommand):
    help = "Send the daily digest of follow-ups to every subscriber whose working day has begun. The job does the same."

    def handle(self, *args: Any, **options: Any) -> None:
        if not are_sent():
            raise CommandError("This installation sends no mails: set EMAIL_URL and DEFAULT_FROM_EMAIL.")
        now = timezone.now()
        sent, failed = 0, 0
        for id in digest.due(now=now):
            try:
                sent += digest.send(id, now=now)
            except MailNotSent as error:
                failed += 1
                self.stderr.write(str(error))
        self.stdout.write(f"{sent} digests sent.")
        if failed:
            raise CommandError(f"{failed} digests were not sent: see above. They are due again tomorrow.")
