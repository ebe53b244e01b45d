"""Execute the SQL files in sql/ that gap repair (fetching events missed by webhooks) uses."""

from pathlib import Path
from typing import Any

from salesbrain.kernel import db

SQL = db.statements(Path(__file__).with_name("sql"))


def run_statement(name: str, parameters: dict[str, Any]) -> Any:
    """Run a statement of sql/ by its name, prepared; return its cursor."""
    return db.prepared(SQL[name], parameters)
