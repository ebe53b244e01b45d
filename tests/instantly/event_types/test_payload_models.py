"""Agreement of the pydantic models of webhook payloads with the parser."""

import dataclasses
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from instantly.processing import payload_contract
from instantly.processing.fields import MAX_LINE, bounded_id
from instantly.processing.mails import read_unbounded
from instantly.processing.parsing import Claimed, NotYet, Unreadable, parse
from messaging.events import ProviderEvent
from tests.instantly.event_types.conftest import FIXTURES, read

NAMES = sorted(path.stem for path in FIXTURES.glob("*.json"))
NOBODY = UUID(int=0)

# The model's field -> the event's, and what the parser makes of "not told".
SAME = {
    "timestamp": "happened_at",
    "lead_email": "lead_email",
    "email_account": "email_account",
    "step": "step",
    "variant": "variant",
    "email_id": "email_id",
    "first_name": "first_name",
    "last_name": "last_name",
    "company_name": "company",
    "phone": "phone",
    "website": "website",
}
TOUCHED = [
    "timestamp", "lead_email", "email_account", "step", "variant", "email_id", "firstName", "lastName", "companyName", "phone",
    "website", "unibox_url", "is_first", "email_subject", "email_html", "reply_text", "reply_subject", "campaign_id", "campaign_name",
]  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
ADDRESSES = st.sampled_from(["a@lead.example", " Mixed@Case.Example ", "no address", "@", "x" * 400 + "@lead.example"])
TIMES = st.sampled_from(
    ["2026-07-14T07:02:11.482Z", "2026-07-14 07:02:11+02:00", "2026-07-14T07:02", "2026-07-14", "20260714", "1721000000", "x",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "99999-01-01T00:00:00Z"]
) | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda moment: moment.isoformat())  # fmt: skip
WHATEVER = st.one_of(
    TEXT,
    ADDRESSES,
    TIMES,
    st.integers(-5, 40_000),
    st.sampled_from(
        [
            1.0,
            1.7,
            2.5,
            1e300,
            -0.0,
            "1",
            " 2 ",
            "٣",
            "1.0",
            "2.0",
            "1.5",
            "1_0",
            "1e1",
            "+1",
            "-0",
            "",
            None,
            True,
            False,
            [],
            ["a"],
            {},
            {"a": 1},
            10**30,
        ]
    ),
)
BODIES = st.builds(
    lambda name, changes: orjson.loads(read(name)) | changes,
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(TOUCHED), WHATEVER, max_size=6),
)


def parsed(body: dict[str, Any]) -> ProviderEvent:
    return parse(Claimed(1, NOBODY, "", NOBODY, NOBODY, "", "webhook", 0), body, read_unbounded(body))


def as_read(value: Any) -> Any:
    """Return a model's value in the form the parser gives it: texts bounded, times in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value[:MAX_LINE] if isinstance(value, str) else value


@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_fits_its_model_and_keeps_extra_fields(name):
    body = orjson.loads(read(name))
    assert payload_contract.problems(body) == []
    model = payload_contract.family(body).model_validate(body)
    documented = {field.alias or key for key, field in type(model).model_fields.items()}
    assert set(model.model_extra or ()) == set(body) - documented


@settings(max_examples=400, deadline=None)
@given(BODIES)
def test_the_parser_agrees_with_the_models(body):
    try:
        model = payload_contract.family(body).model_validate(body)
    except ValidationError:
        return
    try:
        event = parsed(body)
    except NotYet:
        return
    for field, attribute in SAME.items():
        if field in type(model).model_fields:
            told, read = getattr(model, field), getattr(event, attribute)
            if field == "email_id" and told:
                told = bounded_id(told)
            assert read == as_read(told) if told is not None else not read, field


@settings(max_examples=400, deadline=None)
@given(BODIES)
def test_a_field_that_a_model_refuses_does_not_affect_the_others(body):
    try:
        event = parsed(body)
    except Unreadable:
        assert any(problem.startswith(("timestamp: ", "lead_email: ")) for problem in payload_contract.problems(body))
        return
    except NotYet:
        return
    refused = {problem.split(":")[0] for problem in payload_contract.problems(body)} & {
        "step",
        "variant",
        "phone",
        "website",
        "email_id",
    }
    without = parsed({key: value for key, value in body.items() if key not in refused})
    for field in dataclasses.fields(event):
        if field.name not in refused:
            assert getattr(event, field.name) == getattr(without, field.name), field.name


@pytest.mark.parametrize("value", [["a@lead.example"], {"a": 1}, True])
def test_lists_objects_and_booleans_are_not_accepted_as_addresses(value):
    body = orjson.loads(read("lead_neutral")) | {"lead_email": value, "email": None}
    assert parsed(body).lead_email == ""
    assert [problem.split(":")[0] for problem in payload_contract.problems(body)] == ["lead_email"]


@pytest.mark.parametrize(
    ("told", "step"), [(2, 2), ("2", 2), (2.0, 2), ("2.0", 2), (" 2 ", 2), ("x", 0), ("nan.", 0), (-1, 0), (1e300, 0)]
)
def test_a_step_is_a_number_however_it_is_written(told, step):
    assert parsed(orjson.loads(read("email_opened")) | {"step": told}).step == step


def test_problems_never_show_a_value():
    body = {
        "event_type": "email_sent",
        "timestamp": "somebody's birthday",
        "lead_email": "secret",
        "step": "a phone number",
    }
    told = " ".join(payload_contract.problems(body))
    assert "timestamp" in told and "lead_email" in told and "step" in told
    for value in ("birthday", "secret", "phone number"):
        assert value not in told
