"""Rate limit of the client's requests: never exceeded in any window, first come, first served."""

import threading

import pytest

from instantly.client import InstantlyClient, LocalRateBudget, errors, transport


@pytest.fixture
def limited(time_):
    return LocalRateBudget(clock=time_.clock, sleep=time_.sleep)


def stamps(budget, time_, kind: str, count: int) -> list[float]:
    moments = []
    for _ in range(count):
        budget.acquire(kind, timeout=1000)
        moments.append(time_.now)
    return moments


@pytest.mark.parametrize(("kind", "limit", "seconds"), [("general", 10, 1.0), ("emails", 20, 60.0)])
def test_no_window_of_time_ever_holds_more_than_the_limit(limited, time_, kind, limit, seconds):
    moments = stamps(limited, time_, kind, 5 * limit)

    for place in range(len(moments) - limit):
        assert moments[place + limit] - moments[place] >= seconds - 1e-9
    assert moments[limit - 1] == moments[0], "what is free is given at once"


def test_the_kinds_do_not_take_from_each_other(limited, time_):
    stamps(limited, time_, "general", 10)
    stamps(limited, time_, "emails", 20)

    assert time_.slept == []


def test_a_wait_that_is_too_long_is_refused_at_once_and_takes_nothing(limited, time_):
    stamps(limited, time_, "emails", 20)

    with pytest.raises(errors.BudgetExhausted) as caught:
        limited.acquire("emails", timeout=30)

    assert caught.value.retryable and caught.value.retry_after == pytest.approx(61)
    assert caught.value.status is None
    assert time_.slept == []
    assert limited.usage("emails").used == 20


def test_usage_and_remaining_requests_are_visible(limited, time_):
    stamps(limited, time_, "emails", 5)
    time_.now += 30
    stamps(limited, time_, "emails", 3)

    use = limited.usage("emails")
    assert (use.used, use.left, use.limit) == (8, 12, 20)
    time_.now += 40
    assert (limited.usage("emails").used, limited.usage("emails").left) == (3, 17)
    assert limited.usage("general").left == 10


def test_threads_share_one_budget(time_):
    """Turns are assigned under a lock: a hundred requests at one moment are spread over nine seconds."""
    waits: list[float] = []
    budget = LocalRateBudget(clock=lambda: 0.0, sleep=waits.append)
    threads = [
        threading.Thread(target=lambda: [budget.acquire("general", timeout=99) for _ in range(25)]) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(waits) == [float(second) for second in range(1, 10) for _ in range(10)]


def test_limits_are_settings_and_have_to_allow_something(time_):
    budget = LocalRateBudget(general_per_second=2, emails_per_minute=1, clock=time_.clock, sleep=time_.sleep)
    assert budget.usage("general").limit == 2
    with pytest.raises(ValueError):
        LocalRateBudget(general_per_second=0)
    with pytest.raises(ValueError):
        LocalRateBudget(emails_per_minute=0)


def test_every_attempt_asks_the_budget_and_only_the_list_of_mails_asks_the_narrow_one(client, server, answers, budget):
    server.will(
        answers.json({}, 500), answers.json({"items": []}), answers.json({}, 429), answers.json({"items": []}),
        answers.json({"count": 1}),
    )  # fmt: skip

    list(client.campaigns())
    list(client.emails())
    client.unread_count()

    assert budget.asked == ["general", "general", "emails", "emails", "general"]


def test_a_client_without_a_budget_keeps_the_default_one(server, answers, time_):
    server.always = answers.json({"count": 1})
    with InstantlyClient("key-for-a-test", base_url=server.url, sleep=time_.sleep, clock=time_.clock) as client:
        for _ in range(25):
            client.unread_count()

    assert sum(time_.slept) == pytest.approx(2.0)


def test_waiting_for_a_general_turn_counts_for_the_call(new_client, server, answers, time_):
    class Slow:
        def acquire(self, kind, *, timeout):
            assert timeout == 5
            time_.now += timeout

    with pytest.raises(errors.CallTimeout, match="waiting for a turn") as caught:
        new_client(budget=Slow(), clock=time_.clock, deadline=5).pause_campaign("c-1")

    assert not caught.value.uncertain
    assert server.received == []


def test_waiting_for_one_of_the_twenty_turns_of_the_mail_list_does_not(new_client, server, answers, time_):
    limited = LocalRateBudget(clock=time_.clock, sleep=time_.sleep)
    mail = {"timestamp_created": "2026-01-01T00:00:00Z"}
    server.will(
        *(answers.json({"items": [{"id": str(n), **mail}], "next_starting_after": str(n)}) for n in range(45)),
        answers.json({"items": []}),
    )

    found = new_client(budget=limited, clock=time_.clock, deadline=30).emails()

    assert len(list(found)) == 45
    assert found.complete
    assert max(time_.slept) > 30


def test_waiting_for_the_mail_list_ends_with_its_own_or_the_outer_deadline(new_client, server, time_):
    waits = []

    class Full:
        def acquire(self, kind, *, timeout):
            waits.append(timeout)
            raise errors.BudgetExhausted("Full; come back later.", retryable=True)

    client = new_client(budget=Full(), clock=time_.clock)
    for seconds in (900, 10):
        with client.within(seconds=seconds), pytest.raises(errors.BudgetExhausted):
            list(client.emails())

    assert waits == [transport.EMAILS_QUEUE_SECONDS, 10]
    assert server.received == []
