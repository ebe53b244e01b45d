"""Completeness of every event type: handler, payload model, fixture, entry in docs/*/webhooks.md."""

import re
from pathlib import Path

import orjson
import pytest
from django.conf import settings

from instantly.processing import payload_contract
from instantly.processing.vocabulary import ALIASES, NAMES, event_type
from messaging.event_writer import COUNTED_AS
from messaging.events import EventType
from messaging.handlers import HANDLERS
from tests.instantly.event_types.conftest import FIXTURES

SPECIFIED = [
    "email_sent", "email_opened", "email_clicked", "reply_received", "email_bounced", "email_unsubscribed",
    "email_spam_report", "lead_interested", "lead_not_interested", "lead_meeting_booked", "lead_completed", "lead_error",
    "campaign_started", "campaign_paused", "campaign_completed", "account_error", "account_suspended",
]  # fmt: skip
GUIDES = ("en", "de")
# A row of the guide's table: | `our type` | `wire name`, `another` | what it makes | what it counts |
ROW = re.compile(r"^\| `(?P<type>\w+)` \| (?P<names>[^|]+) \| (?P<makes>[^|]+) \| (?P<counts>[^|]+) \|", re.MULTILINE)


def wire_names(type: EventType) -> set[str]:
    return {name for name, meant in NAMES.items() if meant is type}


@pytest.mark.parametrize("type", EventType)
def test_an_event_type_has_a_handler_and_a_payload_model(type):
    assert type in HANDLERS, f"write a function in messaging/handlers and its line in HANDLERS for {type}"
    assert type in payload_contract.FAMILIES, (
        f"say in instantly/processing/payload_contract.py which family {type} is of"
    )


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_wire_name_has_a_fixture_that_is_a_delivery_of_it(name):
    file = FIXTURES / f"{name}.json"
    assert file.exists(), f"write fixtures/instantly/webhooks/{name}.json, a believable body without personal data"
    assert orjson.loads(file.read_bytes())["event_type"] == name


def test_the_fixture_of_a_custom_label_is_not_a_known_event_type():
    assert event_type(orjson.loads((FIXTURES / "custom_label.json").read_bytes())["event_type"]) is EventType.CUSTOM


def test_the_seventeen_events_of_the_specification_are_accepted_under_their_names():
    assert len(SPECIFIED) == 17
    for name in SPECIFIED:
        assert event_type(name).value == name


def test_an_alias_never_hides_a_type_of_that_name():
    assert not set(ALIASES) & {type.value for type in EventType}


@pytest.mark.parametrize("language", GUIDES)
def test_the_guide_has_a_row_for_every_event_type_with_every_wire_name(language):
    text = (Path(settings.BASE_DIR) / "docs" / language / "webhooks.md").read_text(encoding="utf-8")
    rows = {row["type"]: row for row in ROW.finditer(text)}
    assert set(rows) == set(EventType), "one row a type in the table of events, and none for a type that is gone"
    for type, row in rows.items():
        if type == EventType.CUSTOM:
            continue
        told = set(re.findall(r"`([^`]+)`", row["names"]))
        assert told == wire_names(EventType(type)), f"docs/{language}/webhooks.md names other wire names for {type}"
        counted = COUNTED_AS.get(EventType(type))
        assert counted is None or f"`{counted}`" in row["counts"], f"{type} counts as {counted}, which the guide omits"


def test_both_guides_have_the_same_sections():
    shapes = [
        re.findall(r"^#+", (Path(settings.BASE_DIR) / "docs" / language / "webhooks.md").read_text(), re.MULTILINE)
        for language in GUIDES
    ]
    assert shapes[0] == shapes[1]
