"""Database router that lets only the role `owner` migrate."""

from typing import Any


class OwnerMigrates:
    def db_for_read(self, model: Any, **hints: Any) -> None:
        return None

    def db_for_write(self, model: Any, **hints: Any) -> None:
        return None

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow relations between all aliases: they are roles in one database."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
