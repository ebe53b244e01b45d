"""Run a named SQL statement of gap repair from the folder sql/."""

from pathlib import Path
from typing import Any

from salesbrain.kernel import db

SQL = db.statements(Path(__file__).with_name("sql"))


def run_statement(name: str, parameters: dict[str, Any]) -> Any:
    """Run a statement of sql/ by its name, prepared; return its cursor."""
    return db.prepared(SQL[name], parameters)
