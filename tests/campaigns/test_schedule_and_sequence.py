"""Parsing a campaign's schedule and steps from the provider's JSON, also malformed."""

import pytest

from campaigns.schedule import SendingTimes, sending_times
from campaigns.sequence import steps, variant_letter
from messaging.web.schedule_words import schedule_lines

WEEK = {"0": False, "1": True, "2": True, "3": True, "4": True, "5": True, "6": False}


def schedule(
    days: object = None, start: object = "08:00", end: object = "17:30", zone: object = "Europe/Berlin"
) -> dict:
    return {
        "schedules": [{"timing": {"from": start, "to": end}, "days": WEEK if days is None else days, "timezone": zone}]
    }


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "Mon–Fri 8:00–17:30, Europe/Berlin"),
        ({"0": True, "6": True}, "Sat, Sun 8:00–17:30, Europe/Berlin"),
        ({"1": True, "3": True, "4": True, "5": True}, "Mon, Wed–Fri 8:00–17:30, Europe/Berlin"),
    ],
)
def test_a_schedule_is_a_line_that_people_read(days, words):
    assert schedule_lines(sending_times(schedule(days))) == [words]


def test_sunday_is_the_last_day_of_the_week():
    assert sending_times(schedule({"0": True})) == [SendingTimes((6,), "8:00", "17:30", "Europe/Berlin")]


STRANGE: tuple[object, ...] = (
    None, [], {}, {"is": "x"}, {"schedules": None}, {"schedules": [None, 1, {}]}, schedule({"9": True}), schedule({"1": "yes"}),
    schedule(start="25:00"), schedule(end=None),
)  # fmt: skip


@pytest.mark.parametrize("value", STRANGE, ids=str)
def test_a_strange_schedule_has_no_times(value):
    assert sending_times(value) == []


def test_a_sequence_has_steps_with_the_days_they_wait():
    found = steps([{"steps": [
        {"delay": 3, "variants": [{"subject": "S", "body": "B"}, {"subject": "T", "body": "C", "v_disabled": True}]},
        {"delay": 5, "variants": [{"subject": "", "body": "D"}]},
    ]}])  # fmt: skip
    assert [(step.number, step.waits) for step in found] == [(1, 0), (2, 3)]
    assert [(variant.letter, variant.subject, variant.is_disabled) for variant in found[0].variants] == [
        ("A", "S", False),
        ("B", "T", True),
    ]


@pytest.mark.parametrize(
    "value", [None, {}, [], [None], [{"is": "x"}], [{"steps": 1}], [{"steps": [None, 2]}]], ids=str
)
def test_a_strange_sequence_has_no_steps(value):
    assert steps(value) == []


def test_strange_parts_of_a_step_are_left_out():
    (step,) = steps([{"steps": [{"delay": "x", "variants": [None, {"subject": 1, "body": None}]}]}])
    assert [(variant.number, variant.subject, variant.body) for variant in step.variants] == [(2, "", "")]


def test_letters_of_variants():
    assert [variant_letter(number) for number in (1, 26, 27)] == ["A", "Z", "27"]
