"""System check of the replica: part of `check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from salesbrain.kernel import db
from salesbrain.replica.watching import ALIAS, REPLAYED
from salesbrain.rls.checks import reasons_against_login

NO_STANDBY = "DATABASE_REPLICA_URL names a server that is no standby."
SILENT = "The replica of DATABASE_REPLICA_URL does not answer: {}"


@register(Tags.database)
def check_replica(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check which role logs in at the replica, and whether it is a standby. A silent one is a warning: the primary is read."""
    if not settings.DATABASE_REPLICA_URL or not databases or "default" not in databases:
        return []
    try:
        found: list[CheckMessage] = [Error(text, hint=hint, id=id) for id, text, hint in reasons_against_login(ALIAS)]
        row = db.first(REPLAYED, using=ALIAS)
    except DatabaseError as error:
        said = " ".join(str(error).split())
        return [Warning(SILENT.format(said), hint="Start it, or correct the address.", id="salesbrain.W012")]
    if row is None or not row[0]:
        hint = "Name a hot standby of the server of DATABASE_URL."
        found.append(Error(NO_STANDBY, hint=hint, id="salesbrain.E012"))
    return found
