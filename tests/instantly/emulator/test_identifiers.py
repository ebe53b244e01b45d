"""Ids of the emulator: formats, order, reproducibility by seed."""

import uuid

from instantly.emulator.state.identifiers import Identifiers, stable_v4, stable_v7

NOW = 1_772_442_000_000


def test_version_7_ids_are_monotonic_even_if_the_clock_stands_still() -> None:
    ids = Identifiers(1)
    made = [ids.v7(NOW) for _ in range(10_000)] + [ids.v7(NOW - 5)]
    assert made == sorted(set(made))


def test_ids_have_their_version_and_contain_their_time() -> None:
    ids = Identifiers(1)
    four, seven = uuid.UUID(ids.v4()), uuid.UUID(ids.v7(NOW))
    assert (four.version, seven.version) == (4, 7)
    assert {four.variant, seven.variant} == {uuid.RFC_4122}
    assert seven.int >> 80 == NOW
    assert uuid.UUID(stable_v4("a")).version == 4
    assert uuid.UUID(stable_v7(NOW, "a")).int >> 80 == NOW
    assert len(ids.object_id(NOW)) == 24
    assert int(ids.object_id(NOW)[:8], 16) == NOW // 1000


def test_seed_reproduces_ids_and_a_dump_continues_them() -> None:
    first, second, third = Identifiers(1), Identifiers(1), Identifiers(2)
    assert [first.v4(), first.v7(NOW)] == [second.v4(), second.v7(NOW)]
    third.load(first.dump())
    assert [first.v7(NOW) for _ in range(3)] == [third.v7(NOW) for _ in range(3)]


def test_stable_ids_depend_on_every_part() -> None:
    assert stable_v4("a", "b") == stable_v4("a", "b")
    assert len({stable_v4("a", "b"), stable_v4("ab"), stable_v4("a", "c"), stable_v4("b", "a")}) == 4
