"""Install or repair what a server needs before the first start.

manage.py bootstrap [--admin EMAIL]
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import connections
from django.utils import timezone

from accounts.choices import StaffRole
from accounts.models import User
from accounts.password_reset import create_password_reset_link
from salesbrain.kernel.env import env
from salesbrain.management.server_setup import SetupRefused, set_up

ACTOR = "manage.py bootstrap"


class Command(BaseCommand):
    help = (
        "Make roles and database (with SETUP_DATABASE_URL, a superuser's address, which only this command reads), bring the tables to this "
        "release, collect the static files, and make the first staff user with a link that sets the password. It says what each step did, "
        "and may be run again at any time. Example: manage.py bootstrap --admin anna@agency.example"
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin", metavar="EMAIL", help="the first staff user; not needed where there is one")

    def handle(self, *args: Any, admin: str | None, **options: Any) -> None:
        if settings.EMBEDDED_DATABASE:
            raise CommandError(
                "DATABASE_URL and DATABASE_OWNER_URL are not set: `make run` sees to the embedded database by itself."
            )
        if not settings.PUBLIC_URL:
            raise CommandError(
                "PUBLIC_URL is not set, so the first user's link would lead nowhere: set it to the address people open."
            )
        if admin:
            _require_address(admin)
        if setup := env.str("SETUP_DATABASE_URL", default=""):
            logins = {"sb_owner": connections["owner"].settings_dict, "sb_app": connections["default"].settings_dict}
            try:
                for line in set_up(setup, logins):
                    self.stdout.write(line)
            except SetupRefused as error:
                raise CommandError(str(error)) from error
        call_command("prepare_database", verbosity=0)
        self.stdout.write("Tables: of this release.")
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Static files: in {settings.STATIC_ROOT}.")
        self._first_user(admin)

    def _first_user(self, email: str | None) -> None:
        admins = User.objects.filter(role=StaffRole.ADMIN, is_active=True)
        if (found := admins.order_by("created_at").first()) is not None and (
            email is None or found.has_usable_password()
        ):
            self.stdout.write(f"Staff: {found.email} is there. A new link: manage.py password_reset_link {found.email}")
            return
        if not email:
            raise CommandError("Nobody could log in: name the first staff user with --admin EMAIL.")
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            user = User.objects.create_superuser(email)
        elif user.role != StaffRole.ADMIN or not user.is_active:
            raise CommandError(f"{user.email} is a user already and no active admin: name another address.")
        link = create_password_reset_link(user, now=timezone.now(), actor_name=ACTOR)
        self.stdout.write(f"Staff: {user.email} sets a password at this address, once and within 72 hours:\n{link}")


def _require_address(email: str) -> None:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise CommandError(f"--admin {email}: an e-mail address is expected.") from error
