"""Database indexes of all models: none redundant."""

from django.db import connection

SUPERFLUOUS = """
    SELECT one.indexrelid::regclass::text, other.indexrelid::regclass::text
    FROM pg_index one JOIN pg_index other ON other.indrelid = one.indrelid AND other.indexrelid <> one.indexrelid
        JOIN pg_class c ON c.oid = one.indrelid AND c.relnamespace = 'public'::regnamespace
    WHERE one.indnatts = 1 AND NOT one.indisunique AND one.indpred IS NULL AND other.indpred IS NULL
        AND one.indkey[0] = other.indkey[0] AND one.indclass[0] = other.indclass[0]
        AND c.relname ~ '^(accounts|campaigns|messaging|instantly)_'"""


def test_no_index_repeats_the_beginning_of_another(db):
    """Django creates an index for each ForeignKey: set db_index=False where another index begins with the same column.

    A redundant index is also harmful: while a table has no statistics, PostgreSQL considers the smaller index as good as the exact one.
    Contacts were then looked up by organization alone, and recording events took four times as long after 8,000.
    """
    with connection.cursor() as cursor:
        cursor.execute(SUPERFLUOUS)
        assert cursor.fetchall() == []
