"""Isolation checks of the RLS scope: it ends with its block, and without it no row is visible."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from campaigns.models import Campaign
from salesbrain import rls
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import World

NONE = ("", "", "none")


def visible_organizations() -> set[UUID]:
    """Return the organizations whose campaigns a plain query finds now."""
    return set(Campaign.objects.values_list("organization_id", flat=True))


def check_scopes(world: World, notes: Notes) -> None:
    """Run every check of this module (CHECKS), each on a fresh connection outside of any transaction."""
    for check in CHECKS:
        connection.close()
        name = f"scopes.{check.__name__}"
        try:
            held, said = check(world), (check.__doc__ or "").strip()
        except Exception as error:
            held, said = False, f"{type(error).__name__}: {error}"
        notes.check(name, held, (check.__doc__ or "").strip(), "does not hold" if not held else said)
        notes.row("scopes", check=name, means=(check.__doc__ or "").strip(), held=held)
        connection.close()


def no_scope_no_rows(world: World) -> bool:
    """Without a scope there are no rows, inside a transaction and outside."""
    outside = visible_organizations()
    with transaction.atomic():
        return not outside and not visible_organizations()


def a_scope_shows_its_own(world: World) -> bool:
    """A customer's scope shows that organization and no other; a staff scope shows both."""
    mine, both = set(), set()
    with rls.scope(rls.customer(world.a.organization)):
        mine = visible_organizations()
    with rls.scope(rls.staff("sb_viewer")):
        both = visible_organizations()
    return mine == {world.a.organization} and {world.a.organization, world.b.organization} <= both


def nothing_stays_after_a_block(world: World) -> bool:
    """After a block nothing of the scope is left on the connection, and the next query finds no rows."""
    for scope in (rls.customer(world.a.organization), rls.SYSTEM):
        with rls.scope(scope):
            visible_organizations()
        if rls.current() != NONE or visible_organizations():
            return False
    return True


def nothing_stays_after_an_error(world: World) -> bool:
    """After an exception in a block nothing of the scope is left on the connection."""
    try:
        with rls.scope(rls.customer(world.b.organization)):
            raise ZeroDivisionError
    except ZeroDivisionError:
        return rls.current() == NONE and not visible_organizations()
    return False


def nothing_stays_after_a_refused_statement(world: World) -> bool:
    """After PostgreSQL itself refused a statement nothing of the scope is left on the connection."""
    try:
        with rls.scope(rls.customer(world.b.organization)), connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
    except Exception:
        return rls.current() == NONE and not visible_organizations()
    return False


def an_inner_block_gives_way(world: World) -> bool:
    """After an inner block the outer scope applies again."""
    with rls.scope(rls.customer(world.a.organization)):
        with rls.scope(rls.SYSTEM):
            visible_organizations()
        return visible_organizations() == {world.a.organization}


def a_failed_inner_block_gives_way(world: World) -> bool:
    """After an inner block that failed the outer scope applies again."""
    with rls.scope(rls.customer(world.a.organization)):
        try:
            with rls.scope(rls.customer(world.b.organization)):
                raise ZeroDivisionError
        except ZeroDivisionError:
            return visible_organizations() == {world.a.organization}
    return False


def outside_a_transaction_it_is_refused(world: World) -> bool:
    """Outside a transaction, where it would have no effect, setting a scope is an error."""
    try:
        rls.enter(rls.SYSTEM)
    except rls.NoTransaction:
        return rls.current() == NONE
    return False


def a_thread_has_none(world: World) -> bool:
    """A thread started inside a scope does not inherit it."""
    found: list[Any] = []

    def look() -> None:
        try:
            found.append(visible_organizations())
        finally:
            connection.close()

    with rls.scope(rls.SYSTEM):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    return found == [set()]


def a_late_generator_has_none(world: World) -> bool:
    """A query built inside a scope and executed after it finds no rows."""

    def lazily() -> Iterator[UUID]:
        yield from Campaign.objects.values_list("organization_id", flat=True)

    with rls.scope(rls.customer(world.a.organization)):
        generator, queryset = lazily(), Campaign.objects.all()
    return not list(generator) and not list(queryset)


CHECKS: list[Callable[[World], bool]] = [
    no_scope_no_rows, a_scope_shows_its_own, nothing_stays_after_a_block, nothing_stays_after_an_error,
    nothing_stays_after_a_refused_statement, an_inner_block_gives_way, a_failed_inner_block_gives_way,
    outside_a_transaction_it_is_refused, a_thread_has_none, a_late_generator_has_none,
]  # fmt: skip
