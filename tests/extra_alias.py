"""Database aliases that exist for a test only: another way to the database of `default`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import override_settings

from salesbrain.embedded_postgres.paths import PORT
from salesbrain.replica import watch
from salesbrain.replica.watching import ALIAS
from tests.standby import Standby


def connect_if_needed(connection: BaseDatabaseWrapper) -> None:
    """Do what Django's `ensure_connection` does. While a test runs, that refuses aliases which were not known when the test began."""
    if connection.connection is None:
        with connection.wrap_database_errors:
            connection.connect()


@contextmanager
def extra_alias(name: str, options: dict[str, Any], **changed: Any) -> Iterator[None]:
    """Add an alias with the settings of `default`, but for its address, these options and settings."""
    own: Any = connections["default"].settings_dict
    kept = {key: value for key, value in own["OPTIONS"].items() if key not in ("host", "port")}
    connections.settings[name] = {**own, **changed, "OPTIONS": {**kept, **options}}
    try:
        with mock.patch.object(type(connections["default"]), "ensure_connection", connect_if_needed):
            yield
    finally:
        connections[name].close()
        del connections[name]
        del connections.settings[name]


@contextmanager
def replica_at(standby: Standby, *, role: str = "", lag_seconds: float = 3600) -> Iterator[None]:
    """Read from the standby during the block; `role`: log in there as another one than `default` does."""
    options = {"options": "-c default_transaction_read_only=on", "connect_timeout": 2}
    as_role = {"USER": role} if role else {}
    try:
        with (
            extra_alias(ALIAS, options, HOST=str(standby.folder), PORT=PORT, CONN_HEALTH_CHECKS=False, **as_role),
            override_settings(DATABASE_REPLICA_URL=standby.url(), DATABASE_REPLICA_LAG_SECONDS=lag_seconds),
        ):
            yield
    finally:
        watch.forget()
