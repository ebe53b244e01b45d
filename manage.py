#!/usr/bin/env python
"""Django's command line; starts the embedded PostgreSQL for commands that need a database."""

import argparse
import errno
import os
import sys

# Ask nothing of a database, or see to it themselves.
WITHOUT_DATABASE = {
    "bootstrap",
    "collectstatic",
    "compilemessages",
    "database_roles",
    "diffsettings",
    "help",
    "makemessages",
    "prepare_database",
    "run",
    "run_emulator",
    "startapp",
    "version",
}

# Refusals of the operating system that need no traceback -> what to do.
ONE_LINE = {
    errno.ENOSPC: "Free some space and try again.",
    errno.EDQUOT: "Free some space and try again.",
    errno.EACCES: "It belongs to another user: go on as that user, or let root give the checkout back (chown -R).",
}


def needs_database(arguments: list[str]) -> bool:
    if not arguments or arguments[0].startswith("-") or {"-h", "--help"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_DATABASE


def named_settings(arguments: list[str]) -> str | None:
    """Return the value of --settings, which Django reads only after the settings were needed for the database."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings")
    return parser.parse_known_args(arguments[1:])[0].settings


def require_unprivileged_login() -> None:
    """Exit with one line if DATABASE_URL logs in as a role that bypasses row-level security."""
    import django
    from django.db import DatabaseError, connections

    django.setup()

    from salesbrain.rls.checks import reasons_against_login

    try:
        reasons = reasons_against_login("default")
    except DatabaseError:
        return  # the command says so, where it needs one
    connections["default"].close()  # a command may fork
    if reasons:
        sys.exit("error: " + " ".join(f"{text} {hint}" for _, text, hint in reasons))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")
    if named := named_settings(sys.argv):
        os.environ["DJANGO_SETTINGS_MODULE"] = named
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError

        from salesbrain.embedded_postgres import EmbeddedPostgresError, ensure_running
        from salesbrain.kernel.database_errors import in_one_sentence
    except ImportError as error:
        sys.exit(
            f"error: {error}. `make run` installs everything; then call .venv/bin/python manage.py, not another Python."
        )
    try:
        try:
            embedded = settings.EMBEDDED_DATABASE
        except ValueError as error:
            sys.exit(f"error: a setting in the environment or in .env is not of its kind: {error}. See .env.example.")
        if needs_database(sys.argv[1:]):
            if embedded:
                ensure_running()
            else:
                require_unprivileged_login()
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if (sentence := in_one_sentence(error)) is None:
            raise
        sys.exit(f"error: {sentence}")
    except (ImproperlyConfigured, EmbeddedPostgresError) as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in ONE_LINE:
            raise
        sys.exit(f"error: {error.strerror}: {error.filename}. {ONE_LINE[error.errno]}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
