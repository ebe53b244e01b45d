"""Module docstrings of the whole tree: a summary line that is a noun phrase or an imperative."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
TREES = (".ci", "accounts", "bench", "campaigns", "instantly", "messaging", "requirements", "salesbrain", "tests")
LONGEST = 100


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CLAUSE_OPENERS = words("""
    what who whom whose whoever whatever whichever how whether where when which why that if it they there this these those
    we you he she nobody nothing somebody something everybody anybody
    takes lets gets gives says tells makes keeps finds puts brings ends has does goes comes shows is are was were can may must
""")
"""First words that begin a question, a clause with a pronoun, or a sentence without its subject."""

PREDICATES = words("""
    is are was were has have had do does did can cannot could may must shall should will would
    say says said tell tells told go goes went gone get gets got come comes came become becomes stay stays
    finds keeps lets gives gave takes took makes knows knew sees saw meets depends decides disagree behave behaves differs hold hear
""")
"""Verbs that, before any subordinate clause, turn a summary into a full sentence."""

SUBORDINATORS = words("""
    that which who whom whose where when while what whatever whoever how why whether if until once because before after as since
    so than
""")
"""Words after which a verb belongs to a clause inside the phrase."""


def modules() -> Iterator[Path]:
    yield CHECKOUT / "manage.py"
    for tree in TREES:
        yield from sorted((CHECKOUT / tree).rglob("*.py"))


def problems(docstring: str) -> Iterator[str]:
    """Yield what is wrong with a module docstring; nothing for a good one."""
    summary, _, rest = docstring.partition("\n")
    if len(summary) > LONGEST:
        yield f"the first line has {len(summary)} characters, {LONGEST} are allowed: move the rest below a blank line"
    if rest.strip() and not rest.startswith("\n"):
        yield "the second line is not blank: the first line must stand alone"
    if not summary.endswith("."):
        yield "the first line does not end with a full stop"
    phrase = re.split(r"[.:;](?:\s|$)", re.sub(r"`+[^`]*`+", "code", summary))[0]
    first, *others = re.findall(r"[\w'-]+", phrase.lower()) or [""]
    if not first or first in CLAUSE_OPENERS:
        yield f"it begins with {first!r}: begin with a noun or an imperative"
    for word in others:
        if word in SUBORDINATORS:
            break
        if word in PREDICATES:
            yield f"it is a sentence with the verb {word!r}: write a noun phrase or an imperative"
            break


def test_every_module_docstring_is_a_short_noun_phrase_or_imperative():
    found = []
    for path in modules():
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")), clean=False)
        if docstring is not None:
            found += [f"{path.relative_to(CHECKOUT)}: {problem}" for problem in problems(docstring)]
    assert not found, "\n".join(found)


def test_every_module_with_code_has_a_docstring():
    missing = [
        str(path.relative_to(CHECKOUT))
        for path in modules()
        if path.parent.name != "migrations"
        and (tree := ast.parse(path.read_text(encoding="utf-8"))).body
        and ast.get_docstring(tree) is None
    ]
    assert not missing, f"Say in one line what these modules hold: {', '.join(missing)}"


def test_every_package_of_the_checkout_is_looked_at():
    packages = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")}
    assert packages <= set(TREES)


@pytest.mark.parametrize(
    "docstring",
    [
        "What a page of email accounts sent today.",
        "Whether a connection works, step by step.",
        "It stores deliveries.",
        "Takes deliveries from the queue.",
        "Every rule finds its example.",
        "The schema is true.",
        "Two wordings of one thing must agree.",
        "Rate limits per token",
        "Rate limits per token\nor address.",
        f"{'Rate limits ' * 9}.",
    ],
)
def test_sentences_questions_and_long_lines_are_refused(docstring: str):
    assert list(problems(docstring))


@pytest.mark.parametrize(
    "docstring",
    [
        "Group commit: concurrent calls share one commit; a lone call never waits for others.",
        "Tune the garbage collector for processes that have few reference cycles.",
        "Rate limits per token or address.\n\nWhat is counted is in PostgreSQL.\n",
        "Actors that try the tables: the product's scopes, and some it never sets.",
        "Issue an API token: `manage.py create_token EMAIL`.",
    ],
)
def test_noun_phrases_and_imperatives_are_accepted(docstring: str):
    assert not list(problems(docstring))
