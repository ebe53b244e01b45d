"""SQL statements sent directly through libpq: the same rows and errors as a Django cursor."""

from uuid import UUID

import pytest
from django.db import DataError, OperationalError, connections, transaction

from salesbrain.kernel import db

pytestmark = pytest.mark.django_db(transaction=True)

ID = UUID("5a1e5b01-0000-4000-8000-00000000beef")
UNNEST = "SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[])"


@pytest.fixture(params=[True, False], ids=["prepared", "behind a pooler"])
def alias(request, settings):
    settings.DATABASE_PREPARE = request.param
    yield "inbox"
    connections["inbox"].close()


def test_arrays_arrive_as_they_are(alias):
    values = [
        db.array(db.UUID, [ID.bytes, ID.bytes, None]),
        db.array(db.BYTEA, [b"\0\xff", b"", None]),
        db.array(db.TEXT, ["Grüße".encode(), b"", None]),
    ]
    for _ in range(2):
        rows = db.execute_binary("unnest", UNNEST, values, using=alias)
        assert rows == [(ID.bytes, b"\0\xff", "Grüße".encode()), (ID.bytes, b"", b""), (None, None, None)]
    assert db.prepared(UNNEST.replace("$1", "%s").replace("$2", "%s").replace("$3", "%s"), [
        [ID, ID, None], [b"\0\xff", b"", None], ["Grüße", "", None]
    ], using=alias).fetchall() == [(ID, b"\0\xff", "Grüße"), (ID, b"", ""), (None, None, None)]  # fmt: skip


def test_a_refused_statement_raises_and_the_connection_stays_usable(alias):
    with pytest.raises(DataError) as refused:
        db.execute_binary("text", "SELECT $1::text", [b"\0"], using=alias)
    assert not db.is_transient(refused.value) and not db.is_disconnected(refused.value)
    assert db.execute_binary("text", "SELECT $1::text", [b"x"], using=alias) == [(b"x",)]


def test_a_dead_connection_is_reported_and_a_new_one_prepares_again(alias):
    db.execute_binary("text", "SELECT $1::text", [b"x"], using=alias)
    number = connections[alias].connection.info.backend_pid
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [number])
    with pytest.raises(OperationalError) as gone:
        db.execute_binary("text", "SELECT $1::text", [b"x"], using=alias)
    assert db.is_disconnected(gone.value) and db.is_transient(gone.value)
    connections[alias].close()
    assert db.execute_binary("text", "SELECT $1::text", [b"x"], using=alias) == [(b"x",)]


def test_binary_statements_are_refused_inside_transactions():
    with transaction.atomic(using="inbox"), pytest.raises(RuntimeError):
        db.execute_binary("text", "SELECT $1::text", [b"x"], using="inbox")
