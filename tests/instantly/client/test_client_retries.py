"""Retries of the client's calls: conditions, attempts, pauses (recorded, not slept)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from instantly.client import errors, retry

WORKSPACE = {"id": "w-1", "name": "Acme"}
CAMPAIGN = {"id": "c-1", "name": "Spring", "status": 2}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 520])
def test_a_read_is_tried_three_times_and_then_reports_the_status(client, server, answers, time_, status):
    server.always = answers.json({"message": "later"}, status)

    with pytest.raises(errors.RateLimited if status == 429 else errors.ServerError) as caught:
        client.current_workspace()

    assert caught.value.status == status and caught.value.retryable
    assert len(server.received) == 3
    assert len(time_.slept) == 2


def test_a_read_succeeds_when_the_third_attempt_does(client, server, answers):
    server.will(answers.json({}, 500), answers.json({}, 429), answers.json(WORKSPACE))

    assert client.current_workspace().id == "w-1"


def test_a_read_by_post_is_tried_again_like_a_get(client, server, answers):
    server.will(answers.json({}, 500), answers.reset(), answers.json({"items": []}))

    assert list(client.leads(campaign="c-1")) == []
    assert len(server.received) == 3


def test_a_write_is_tried_again_after_429_only(client, server, answers, time_):
    server.will(answers.json({}, 429), answers.json({}, 429, Retry_After="2"), answers.json(CAMPAIGN))

    assert client.pause_campaign("c-1").id == "c-1"
    assert len(server.received) == 3
    assert time_.slept[1] >= 2


@pytest.mark.parametrize("call", ["create", "update", "delete"])
def test_no_kind_of_write_is_repeated_after_a_server_error(client, server, answers, call):
    server.always = answers.json({}, 502)
    calls = {
        "create": lambda: client.create_campaign(name="x", campaign_schedule={}),
        "update": lambda: client.update_campaign("c-1", name="x"),
        "delete": lambda: client.delete_campaign("c-1"),
    }

    with pytest.raises(errors.ServerError) as caught:
        calls[call]()

    assert caught.value.uncertain
    assert len(server.received) == 1


def test_pauses_grow_and_differ(server, answers, new_client, time_):
    server.always = answers.json({}, 503)
    for _ in range(8):
        with pytest.raises(errors.ServerError):
            new_client().current_workspace()
    first, second = time_.slept[0::2], time_.slept[1::2]

    assert all(0.5 <= pause <= 1.0 for pause in first)
    assert all(1.0 <= pause <= 1.5 for pause in second)
    assert len(set(time_.slept)) == len(time_.slept)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_honoured(client, server, answers, time_, status):
    server.will(answers.json({}, status, Retry_After="7"), answers.json(WORKSPACE))

    client.current_workspace()

    assert 7 <= time_.slept[0] <= 7.25


def test_retry_after_as_a_date_is_honoured(client, server, answers, time_):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=11), usegmt=True)
    server.will(answers.json({}, 429, Retry_After=moment), answers.json(WORKSPACE))

    client.current_workspace()

    assert 8 < time_.slept[0] < 11.5


def test_an_absurd_retry_after_is_capped(client, server, answers, time_):
    server.will(answers.json({}, 429, Retry_After="999999999"), answers.json(WORKSPACE))

    client.current_workspace()

    assert retry.RETRY_AFTER_CAP <= time_.slept[0] <= retry.RETRY_AFTER_CAP + 0.25


def test_the_error_carries_retry_after(new_client, server, answers, time_):
    server.always = answers.json({}, 429, Retry_After="120")

    with pytest.raises(errors.RateLimited, match="wait 120 seconds") as caught:
        new_client(clock=time_.clock).current_workspace()

    assert caught.value.retry_after == 120


def test_no_pause_is_begun_that_the_deadline_has_no_room_for(new_client, server, answers, time_):
    server.always = answers.json({}, 429, Retry_After="9")

    with pytest.raises(errors.RateLimited):
        new_client(clock=time_.clock, deadline=5).current_workspace()

    assert time_.slept == []
    assert len(server.received) == 1


def test_pauses_count_for_the_deadline(new_client, server, answers, time_):
    server.always = answers.json({}, 429, Retry_After="18")

    with pytest.raises(errors.RateLimited):
        new_client(clock=time_.clock, deadline=30).current_workspace()

    assert len(time_.slept) == 1
    assert len(server.received) == 2


NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("NaN", None),
        ("1e3", None),
        ("٣", None),
        ("5, 6", None),
        ("0", 0),
        (" 3 ", 3),
        ("1.5", 1.5),
        ("86400", 3600),
        ("9" * 12, 3600),
        ("9" * 400, None),
        ("Thu, 01 Jan 2026 12:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 12:01:00 -0000", 60),
        ("Thu, 01 Jan 2026 14:01:00 +0200", 60),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0),
        ("Thu, 01 Jan 2099 11:00:00 GMT", 3600),
        ("Thu, 99 Jan 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_never_believed_beyond_an_hour(value, seconds):
    assert retry.parse_retry_after(value, NOW) == seconds


def test_an_error_survives_being_copied_to_another_process():
    import pickle

    error = errors.error_for_status(503, "POST /api/v2/campaigns", retry_after=4, safe=False)

    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is errors.ServerError
    assert (str(copy), copy.status, copy.retry_after, copy.uncertain) == (str(error), 503, 4, True)
