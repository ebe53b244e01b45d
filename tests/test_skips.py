"""Skipped tests for files that are not beside the checkout: reported once per test file."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest

MISSING = pytest.mark.skipif(True, reason=f"the documents are not beside this checkout ({conftest.OUTSIDE})")
HERE = pytest.mark.skipif(False, reason=f"the documents are not beside this checkout ({conftest.OUTSIDE})")
OTHER = pytest.mark.skipif(True, reason="no PgBouncer here")


class Item:
    """The part of a collected test that the hook uses."""

    fixturenames: tuple[str, ...] = ()

    def __init__(self, file: str, name: str, *marks: pytest.MarkDecorator) -> None:
        self.path, self.nodeid, self.marks = file, f"{file}::{name}", [decorator.mark for decorator in marks]

    def iter_markers(self, name: str) -> list[Any]:
        return [mark for mark in self.marks if mark.name == name]

    def get_closest_marker(self, name: str) -> None:
        return None


def test_missing_external_files_are_reported_once_per_test_file():
    dropped: list[Any] = []
    config: Any = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: dropped.extend(items)))
    items: list[Any] = [
        *(Item("a.py", f"test[{n}]", MISSING) for n in (2, 1, 3)),
        Item("b.py", "test", MISSING),
        *(Item("c.py", f"test[{n}]", HERE) for n in range(3)),
        *(Item("d.py", f"test[{n}]", OTHER) for n in range(3)),
    ]
    conftest.pytest_collection_modifyitems(config, items)
    assert [item.nodeid for item in items if item.path in ("a.py", "b.py")] == ["a.py::test[1]", "b.py::test"]
    assert len(items) == 8 and [item.nodeid for item in dropped] == ["a.py::test[2]", "a.py::test[3]"]
