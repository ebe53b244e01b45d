"""Isolation on a standby: rows of every actor, and every read through the API and the pages."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from salesbrain.embedded_postgres.paths import Places
from salesbrain.isolation import portal, scopes, tables
from salesbrain.isolation.actors import READS, WRITES, actors
from salesbrain.isolation.http_client import HttpActor, as_in_production
from salesbrain.isolation.requests import OTHERS, OWN, Ids, document, operations, questions
from salesbrain.replica import reading, watch
from salesbrain.rls.checks import protected_models
from tests.extra_alias import replica_at
from tests.standby import Standby, standby

UNLOGGED = "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relnamespace = 'public'::regnamespace AND relkind = 'r'"
READ_ONLY = "error 25006"


@pytest.fixture(scope="module")
def replica(world) -> Iterator[Standby]:
    if not settings.EMBEDDED_DATABASE:
        pytest.skip("a standby is made of the embedded server only")
    with standby(Places()) as made, replica_at(made):
        yield made


@pytest.fixture(autouse=True)
def usable(replica: Standby, fresh_connections) -> None:
    replica.catch_up()
    watch.look()
    assert watch.is_usable, watch.reason


@contextmanager
def on_the_standby() -> Iterator[None]:
    primary = connections["default"]
    connections["default"] = connections["replica"]
    try:
        yield
    finally:
        connections["default"] = primary


def unlogged() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(UNLOGGED)
        return {name for (name,) in cursor.fetchall()}


def test_every_table_shows_every_actor_the_same_rows_as_the_primary(world):
    left_out = unlogged()
    models = [model for model in protected_models() if model._meta.db_table not in left_out]
    assert len(models) > 40
    samples = {model: tables._samples(model, world) for model in models}
    wrong = []
    with on_the_standby():
        for actor in actors(world):
            for model in models:
                for verb in READS:
                    reached = tables._try(actor, model, verb, samples[model])
                    if reached != actor.expected(model, verb):
                        wrong.append((actor.name, model._meta.db_table, verb, reached))
    assert wrong == []


def test_nothing_is_written_there_by_anybody(world):
    models = [model for model in protected_models() if model._meta.db_table not in unlogged()]
    samples = {model: tables._samples(model, world) for model in models}
    outcomes = set()
    with on_the_standby():
        for actor in actors(world):
            for model in models[::5]:
                outcomes |= {tables._try(actor, model, verb, samples[model]) for verb in WRITES}
    assert outcomes <= {READ_ONLY, "denied"}


def test_a_scope_ends_with_its_block_there_too(world):
    with on_the_standby():
        failed = [
            check.__name__ for check in scopes.CHECKS if check is not scopes.a_thread_has_none and not check(world)
        ]
    assert failed == []


def test_the_login_may_not_become_another_role_there(world):
    with on_the_standby(), connection.cursor() as cursor:
        for role in ("sb_owner", "postgres", "sb_definer"):
            with pytest.raises(Exception, match="permission denied to set role"), transaction.atomic():
                cursor.execute(f"SET LOCAL ROLE {role}")


@pytest.fixture
def replica_reads(monkeypatch) -> list[bool]:
    """What the reads of a test came to: True for each that the replica answered, False for each that the primary repeated."""
    seen: list[bool] = []
    original = reading._note_failure
    monkeypatch.setattr(reading, "_note_failure", lambda error: (seen.append(False), original(error)))
    entered = reading._require
    monkeypatch.setattr(reading, "_require", lambda needed: (entered(needed), seen.append(True)))
    return seen


def test_no_api_read_through_it_shows_a_row_of_another_organization(world, replica, replica_reads):
    """Every GET of the document, with one's own ids and with the other organization's; none may write or lock."""
    ids = Ids(world.a, world.b)
    replica.catch_up()
    leaks, errors = [], []
    with as_in_production():
        caller = HttpActor(world.a.user)
        for operation in operations(document()):
            if operation.method != "get" or "/admin/" in operation.path:
                continue
            watch.look()
            for question in questions(operation, ids, document()):
                if question.whose not in (OWN, OTHERS):
                    continue
                query = "&".join(f"{name}={value}" for name, value in question.query)
                answer = caller.ask("GET", f"{question.path}?{query}", asked=question.asked)
                if answer.shows(world.b):
                    leaks.append(question)
                if answer.status >= 500:
                    errors.append((question.path, answer.status))
    assert leaks == [] and errors == []
    assert replica_reads.count(True) > 100 and False not in replica_reads


def test_no_page_read_through_it_shows_a_row_of_another_organization(world, replica, replica_reads):
    leaks, errors = [], []
    with as_in_production():
        for route, view in portal.views().items():
            if not issubclass(view, portal.PageView) or "get" not in view.http_method_names or not hasattr(view, "get"):
                continue
            for side in world.sides:
                watch.look()
                path = portal._path(route, side)
                answer = HttpActor(world.a.user, session=True).ask("GET", path, asked=(path,))
                if answer.shows(world.b):
                    leaks.append(path)
                if answer.status >= 500:
                    errors.append((path, answer.status))
    assert leaks == [] and errors == []
    assert replica_reads.count(True) > 15 and False not in replica_reads
