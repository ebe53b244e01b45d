"""Model fields that store translatable sentences (kernel/messages.py) as key and parameters.

The column holds the stored form; Python sees Messages.
"""

from typing import Any

from django.db import models

from salesbrain.kernel.messages import restored, stored


class MessageField(models.TextField):
    """Text column of a sentence. For migrations and the database it is an ordinary TextField."""

    def deconstruct(self) -> Any:
        name, _, arguments, keywords = super().deconstruct()
        return name, "django.db.models.TextField", arguments, keywords

    def from_db_value(self, value: Any, *args: Any) -> Any:
        return restored(value)

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(stored(value))


class MessagesField(models.JSONField):
    """JSON column in which any text may be a Message."""

    def deconstruct(self) -> Any:
        name, _, arguments, keywords = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, keywords

    def from_db_value(self, value: Any, *args: Any) -> Any:
        return restored(super().from_db_value(value, *args))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(stored(value), connection, prepared)
