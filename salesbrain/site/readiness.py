"""Readiness checks beside the database's state: static files, encryption key, clock, replica."""

import time
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.db import connections

from accounts.models import ProviderConnection
from salesbrain import replica
from salesbrain.kernel.encryption import WrongEncryptionKey

LOOKED_AT = 20
"""Number of stored keys that are decrypted as a test, because an unfinished rotation leaves some under the old key."""
CLOCK_MAY_DIFFER = 60.0
"""Seconds between this host's clock and the database's."""

NO_STATIC_FILES = "The static files are not collected, so every page is an error: run `manage.py bootstrap` (or `manage.py collectstatic`)."
WRONG_KEY = (
    "None of SALESBRAIN_ENCRYPTION_KEYS opens what is stored: nobody can log in with a second factor, and no workspace can be asked. Put "
    "the key it was written with back into the list."
)
REPLICA_UNUSED = (
    "Customers' reads go to the primary: the replica of DATABASE_REPLICA_URL does not answer, is too far behind, or must not be read. "
    "The log says which."
)


def reasons(*, using: str) -> list[str]:
    """Return why this process must not serve although its database is in order. Needs SYSTEM scope."""
    found = []
    if _lacks_static_files(staticfiles_storage):
        found.append(NO_STATIC_FILES)
    if not _opens_stored_keys(using):
        found.append(WRONG_KEY)
    return found


def warnings(*, using: str) -> list[str]:
    """Return faults that a person should mend although the process can serve, a sentence each."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        ahead = time.time() - float(cursor.fetchone()[0])
    found = [REPLICA_UNUSED] if settings.DATABASE_REPLICA_URL and not replica.watch.is_usable else []
    if abs(ahead) <= CLOCK_MAY_DIFFER:
        return found
    direction = "ahead of" if ahead > 0 else "behind"
    return [
        *found,
        f"This host's clock is {abs(ahead):.0f} s {direction} the database server's: logins with a second factor fail. "
        "Set both by NTP (timedatectl set-ntp true).",
    ]


def _lacks_static_files(storage: Any) -> bool:
    return isinstance(storage, ManifestFilesMixin) and storage.read_manifest() is None


def _opens_stored_keys(using: str) -> bool:
    keys = ProviderConnection.objects.using(using).exclude(api_key="").order_by("pk").values_list("api_key", flat=True)
    try:
        list(keys[:LOOKED_AT])
    except WrongEncryptionKey:
        return False
    return True
