"""Model of a contact's search row, which finds contacts by a part of their name and by mistyped names."""

from uuid import UUID

from django.db import connection, models

from accounts.models import Organization
from salesbrain.rls.models import CompositeForeignKey, TenantModel

SHORTEST = 3
"""Minimum of characters that the trigram index can search."""

FEW = 2000
"""Maximum of matching contacts that are looked up by their ids; of more, the first ones in an order are found faster by scanning in that
order.
"""


def contacts_containing(text: str) -> list[UUID] | None:
    """Return the contacts of the scope with this text in name, company or address, whatever the spelling of umlauts and signs.

    None: more than FEW of them, or a text that is too short for the index.
    """
    if len(text) < SHORTEST:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT CASE WHEN cardinality(found) <= %s THEN found END FROM app_search_contacts(%s, %s) AS found",
            [FEW, text, FEW + 1],
        )
        (found,) = cursor.fetchone()
        return None if found is None else list(found)


def count_contacts_containing(text: str, *, up_to: int) -> int | None:
    """Return the number of contacts of the scope with this text, at most `up_to`; None where the text is too short for the index."""
    if len(text) < SHORTEST:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(app_search_contacts(%s, %s))", [text, up_to])
        (count,) = cursor.fetchone()
        return None if count is None else int(count)


class ContactSearch(TenantModel):
    """Name, company and address of a contact for trigram search, in a table of its own, so that recording events stays fast."""

    id = models.UUIDField(primary_key=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    who = models.TextField()

    class Meta:
        constraints = [
            CompositeForeignKey(
                field="id", to="messaging.Contact", name="contact_search_contact_fk", on_delete="CASCADE", deferred=True
            )
        ]

    def __str__(self) -> str:
        return self.who
