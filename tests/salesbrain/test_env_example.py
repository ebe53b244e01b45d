"""Settings in .env.example: every one that is read, none that is not, each with a comment."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from salesbrain.kernel.env import BASE_DIR

EXAMPLE = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
SETTING = re.compile(r"^#? ?([A-Z][A-Z_]+)=", re.MULTILINE)
NAME = re.compile(r"[A-Z][A-Z_]{2,}")
READERS = {"switch", "count", "days", "at_least", "share", "secret", "required"}
"""Functions of salesbrain.kernel.env that read one setting, beside the methods of `env`."""

PACKAGES = ("salesbrain", "accounts", "campaigns", "messaging", "instantly")
OF_OTHERS = {"DJANGO_SETTINGS_MODULE", "OMP_NUM_THREADS", "PATH"}
"""Variables of Django, of a library and of the system."""


def names_read(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and node.args and isinstance(first := node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            known = called.startswith(("env.", "os.environ.")) or called in READERS
            if known and isinstance(first.value, str) and NAME.fullmatch(first.value):
                yield first.value


@cache
def code() -> tuple[str, ...]:
    """Return the text of every file that may read a setting."""
    files = [path for package in PACKAGES for path in (BASE_DIR / package).rglob("*.py")]
    return tuple(path.read_text(encoding="utf-8") for path in files)


def test_the_search_finds_every_way_of_reading():
    assert set(names_read('switch("HTTPS", default=True); env.str("A_B"); os.environ.get("C_D"); print("E_F")')) == {
        "HTTPS",
        "A_B",
        "C_D",
    }


def test_every_setting_that_is_read_is_in_the_example():
    read = {name for text in code() for name in names_read(text)}
    assert read - set(SETTING.findall(EXAMPLE)) == OF_OTHERS


@pytest.mark.parametrize("name", SETTING.findall(EXAMPLE))
def test_a_setting_in_the_example_is_read_somewhere(name):
    assert any(re.search(rf"\b{name}\b", text) for text in code())


@pytest.mark.parametrize("name", SETTING.findall(EXAMPLE))
def test_a_setting_in_the_example_has_a_comment(name):
    """The comment stands on the setting's line, above it, or above its group of settings."""
    block = next(block for block in EXAMPLE.split("\n\n") if re.search(rf"^#? ?{name}=", block, re.MULTILINE))
    line = next(line for line in block.splitlines() if re.match(rf"#? ?{name}=", line))
    above = [line for line in block.splitlines() if line.startswith("#") and not SETTING.match(line)]
    assert above or "#" in line.lstrip("# "), line


def test_no_setting_is_listed_twice():
    names = SETTING.findall(EXAMPLE)
    assert len(names) == len(set(names))
