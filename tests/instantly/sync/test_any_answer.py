"""Sync of arbitrary list items from Instantly: invalid ones reported with a reason, others mirrored.

An invalid item never marks anything as missing.
"""

import copy
from collections import Counter
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import EmailAccount
from campaigns.models import Campaign
from instantly.choices import SyncStatus
from salesbrain import rls
from tests.instantly import fuzzing

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3600 if fuzzing.MORE > 1 else 300)]

LISTS = {"/api/v2/campaigns": ("campaigns", "id"), "/api/v2/accounts": ("email_accounts", "email")}
NO_KEY: st.SearchStrategy[Any] = st.none() | st.booleans() | st.lists(st.integers(), max_size=2) | st.just({})
"""Invalid ids. A valid other id would be another object, and the first one really missing."""


class Page:
    """The emulator's responses with changed items in the two lists."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        self.changes: dict[str, dict[int, Any]] = {}
        self.whole: dict[str, bytes] = {}
        self.met: dict[str, list[Any]] = {}

    def __call__(self, request: Any) -> Any:
        response = self.handle(request)
        if request.method != "GET" or request.path not in LISTS or response.status != 200:
            return response
        kind, key = LISTS[request.path]
        if kind in self.whole:
            return replace(response, body=self.whole[kind])
        answer = orjson.loads(response.body)
        items = answer["items"]
        keys = [item[key] for item in items]
        for place, change in self.changes.get(kind, {}).items():
            if items:
                place %= len(items)
                self.met.setdefault(kind, []).append(keys[place])
                items[place] = change(items[place], key)
        return replace(response, body=fuzzing.as_json(answer))


@st.composite
def change(draw: Any) -> Any:
    """Draw a change of one listed item."""
    how = draw(st.sampled_from(["value", "value", "value", "gone", "no key", "no object", "more"]))
    junk, dice, word = fuzzing.finite(draw(fuzzing.values)), draw(st.integers(0, 1000)), draw(fuzzing.texts)
    without = draw(NO_KEY)

    def apply(item: Any, key: str) -> Any:
        if not isinstance(item, dict) or not item.keys() - {key}:
            return item  # nothing is left of it
        item = copy.deepcopy(item)
        names = sorted(name for name in item if name != key)
        name = names[dice % len(names)]
        if how == "no object":
            return without
        item |= {"value": {name: junk}, "no key": {key: without}, "more": {word or "x": junk}}.get(how, {})
        if how == "gone":
            del item[name]
        if how == "more" and word == key:
            item[key] = without
        return item

    return apply


def outcome_line(came_of_it: Counter[str]) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in sorted(came_of_it.items()))


def mirrored(model: Any, connection: Any) -> dict[str, Any]:
    with rls.scope(rls.SYSTEM):
        return dict(model.objects.filter(connection=connection).values_list("provider_id", "missing_since"))


def test_any_item_is_mirrored_or_reported_and_marks_nothing_missing(
    acme_connection, workspace, sync, fake, monkeypatch, record_property
):
    workspace(acme_connection)
    assert sync(acme_connection).status == SyncStatus.SUCCEEDED
    before = {model: set(mirrored(model, acme_connection)) for model in (Campaign, EmailAccount)}
    page, came_of_it = Page(fake.handle), Counter[str]()
    monkeypatch.setattr(fake, "handle", page)

    @fuzzing.thoroughly(40)
    @given(*[st.dictionaries(st.integers(0, 9), change(), max_size=4) for _ in LISTS])
    def sync_after_sync(campaigns: dict[int, Any], accounts: dict[int, Any]) -> None:
        page.changes, page.met = {"campaigns": campaigns, "email_accounts": accounts}, {}
        report = sync(acme_connection)
        assert report.status in (SyncStatus.SUCCEEDED, SyncStatus.INCOMPLETE), report.problems
        came_of_it[report.status] += 1
        for kind, counts in report.kinds.items():
            named = [problem for problem in report.problems if problem["kind"] == kind and problem["reason"]]
            assert counts.unchanged >= 0 and len(named) == counts.errors
            assert counts.missing == 0
            assert {problem["id"] for problem in named} <= {"", *page.met.get(kind, [])}, "only what was changed"
        for model, keys in before.items():
            found = mirrored(model, acme_connection)
            assert set(found) == keys and set(found.values()) == {None}
        page.changes = {}
        again = sync(acme_connection)
        assert again.status == SyncStatus.SUCCEEDED and not again.problems

    sync_after_sync()
    record_property("fuzzed", f"{came_of_it.total():,} workspaces with changed items: {outcome_line(came_of_it)}")


@pytest.mark.parametrize("kind", ["campaigns", "email_accounts"])
def test_any_invalid_page_is_a_reported_failure_and_marks_nothing_missing(
    acme_connection, workspace, sync, fake, monkeypatch, record_property, kind
):
    workspace(acme_connection)
    sync(acme_connection)
    before = {model: set(mirrored(model, acme_connection)) for model in (Campaign, EmailAccount)}
    page, came_of_it = Page(fake.handle), Counter[str]()
    monkeypatch.setattr(fake, "handle", page)
    monkeypatch.setattr("time.sleep", lambda seconds: None)

    @fuzzing.thoroughly(20)
    @given(fuzzing.values.map(fuzzing.as_json) | st.binary(max_size=100) | st.builds(
        fuzzing.torn, st.just(b'{"items": [{"id": "one", "email": "one@sender.example"}]}'), st.integers(0, 50), st.integers(0, 255),
        st.sampled_from(["cut", "doubled"]),
    ))  # fmt: skip
    def sync_after_sync(body: bytes) -> None:
        page.whole = {kind: body}
        report = sync(acme_connection)
        for model, keys in before.items():
            found = mirrored(model, acme_connection)
            assert keys <= set(found) and set(found.values()) == {None}
        assert report.status != SyncStatus.SUCCEEDED and report.problems
        came_of_it[report.status] += 1

    sync_after_sync()
    record_property("fuzzed", f"{came_of_it.total():,} pages of {kind} that are none: {outcome_line(came_of_it)}")
