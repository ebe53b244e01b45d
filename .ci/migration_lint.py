"""Settings for django-migration-linter, which CI runs over the migrations.

    manage.py lintmigrations --settings migration_lint

The linter refuses migrations that break a process of the previous release during a rolling update: a dropped column, a NOT NULL
without a default, a lock on a large table.
"""

from salesbrain.settings import *  # noqa: F403
from salesbrain.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]

# Name of a migration -> why what the linter says of it is right there.
ACCEPTED = {
    "0001_shared_state": "makes new tables; the linter reads their NOT NULL",
    "0021_security_events": "the same",
    "0002_read_position": "the same",
}
MIGRATION_LINTER_OPTIONS = {
    "include_apps": ["accounts", "campaigns", "messaging", "instantly", "salesbrain"],
    "ignore_name": list(ACCEPTED),
    "no_cache": True,
    "quiet": ["ok", "ignore"],
}
