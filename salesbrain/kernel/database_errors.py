"""Sentences for database errors that an operator can mend: what happened, and what to do."""

POOLER = (
    "The address goes through a pooler that cannot keep prepared statements (PgBouncer before 1.21 in transaction mode): "
    "set DATABASE_PREPARE=false, and DATABASE_LISTEN_URL to an address without the pooler."
)
OF_THE_ROLE = "the address of that role: DATABASE_URL for sb_app, DATABASE_OWNER_URL for sb_owner"

ADVICE = (
    ("password authentication failed", f"Correct the password in {OF_THE_ROLE}."),
    ("no password supplied", f"Put the password into {OF_THE_ROLE}."),
    ("SASL authentication failed", f"Correct the password in {OF_THE_ROLE}."),
    ("no pg_hba.conf entry", "Let this host in with a line in pg_hba.conf; where it says 'no encryption', add ?sslmode=require."),
    ("does not support SSL", "Switch TLS on at the server, or take sslmode=require out of the address."),
    ("certificate verify failed", "Give the authority's certificate with sslrootcert=/path/to/ca.pem in the address."),
    ("root certificate file", "Give the authority's certificate with sslrootcert=/path/to/ca.pem in the address."),
    ("no such database", "Name a database that the pooler's configuration has."),
    ("no such user", "Add the role to the pooler's auth_file."),
    ("unsupported startup parameter", "Set ignore_startup_parameters = extra_float_digits,options in pgbouncer.ini."),
    ("prepared statement", POOLER),
    ("role \"", "Make the roles with the SQL that `manage.py database_roles` prints."),
    ("database \"", "Make it with `createdb --owner sb_owner`, or correct the name in DATABASE_URL and DATABASE_OWNER_URL."),
    ("resolve host", "Correct the host name in DATABASE_URL and DATABASE_OWNER_URL."),
    ("translate host name", "Correct the host name in DATABASE_URL and DATABASE_OWNER_URL."),
    ("remaining connection slots", "Raise max_connections of the server, or start fewer processes."),
    ("too many clients", "Raise max_connections of the server, or start fewer processes."),
    ("starting up", "Wait until the server has recovered, and try again."),
    ("shutting down", "Start the server, and try again."),
    ("read-only transaction", "It is a standby: give several hosts and ?target_session_attrs=read-write in the address."),
    ("read-only connection", "It is a standby: give the address of the primary."),
    ("Connection refused", "Start the server, or correct host and port in DATABASE_URL and DATABASE_OWNER_URL."),
    ("No such file or directory", "Start the server, or correct host and port in DATABASE_URL and DATABASE_OWNER_URL."),
    ("timeout expired", "Open the way to it (firewall, network), or correct host and port in DATABASE_URL and DATABASE_OWNER_URL."),
    ("relation \"", "Bring the tables to this release with `manage.py migrate`."),
    ("permission denied", "Give the rights back with `manage.py migrate`, as sb_owner."),
)  # fmt: skip
"""Parts of PostgreSQL's, libpq's and PgBouncer's messages, the specific ones first."""


def in_one_sentence(error: BaseException) -> str | None:
    """Return a known database error with its remedy in one line; None for an unknown error."""
    said = " ".join(str(error).split())
    advice = next((advice for part, advice in ADVICE if part in said), None)
    return f"The database says: {said.rstrip('.')}. {advice}" if advice else None
