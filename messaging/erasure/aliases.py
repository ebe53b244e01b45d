"""Pseudonymous addresses of erased people, made of a keyed hash that cannot be reversed.

The key is a secret of the installation, stored encrypted. Key rotation re-encrypts it, so the hash of an address never changes;
without it (a copied table, a dump) an address cannot even be guessed. It is the same in every organization, so that a campaign
moved to another one keeps its anonymous people; whether a person is erased is looked up per organization.
"""

import hmac
from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

import orjson

from accounts.models import InstallationSecret
from salesbrain.kernel import db
from salesbrain.kernel.encryption import decrypt

LOCK = 0x5A1E5B02  # as in migrations/sql/erasure_secret_1.sql
SECRET = "erasure"  # noqa: S105  its name
DOMAIN = "@erased.invalid"

Person = tuple[UUID, str]
"""An organization and an address, in lower case."""

ERASED = """
SELECT s.organization_id, s.email FROM json_to_recordset(%s::json) AS p (organization_id uuid, email text)
    JOIN messaging_suppression s USING (organization_id, email) WHERE s.reason = 'erased'
"""


def aliases(people: Iterable[Person]) -> dict[Person, str]:
    """Return the alias of each of `people` who was erased; the others are left out.

    One query if nobody was ever erased, else two. Call in a transaction and SYSTEM scope: no erasure starts before the transaction ends, so
    that rows it writes are either erased afterwards or belong to the anonymous contact.
    """
    stored = (db.prepared("SELECT sb_erasure_secret()").fetchone() or (None,))[0]
    if stored is None:
        return {}
    secret = _decrypted_key(stored)
    known = {person: person[1] for person in people if person[1].endswith(DOMAIN)}
    named = {person: _alias(person[1], secret) for person in people if person[1] and person not in known}
    rows = [{"organization_id": organization, "email": alias} for (organization, _), alias in named.items()]
    if rows:
        found = set(db.prepared(ERASED, [orjson.dumps(rows).decode()]))
        known |= {person: alias for person, alias in named.items() if (person[0], alias) in found}
    return known


def begin(email: str) -> str:
    """Block recording of events until the transaction ends, and return the alias for this address."""
    db.prepared("SET LOCAL lock_timeout = '60s'")
    db.prepared("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return _alias(email, InstallationSecret.objects.value_of(SECRET))


def _alias(email: str, secret: str) -> str:
    """Return the alias of an address, with 160 bits of a hash: short, and without collisions in practice."""
    return hmac.digest(secret.encode(), email.encode("utf-8", "surrogatepass"), "sha256")[:20].hex() + DOMAIN


@lru_cache(maxsize=2)
def _decrypted_key(stored: str) -> str:
    """Decrypt the key; cached, so that this happens once per process."""
    return decrypt(stored)
