"""Command report_drift while mails arrive: those in flight are no drift, missing ones are."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from instantly.reconciliation import drift
from instantly.reconciliation.drift import Drift

Look = dict[str, tuple[int, int]]


@pytest.fixture
def looks(monkeypatch, space) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Return a function that sets the totals of both sides for each comparison, and returns exit code and report."""

    def report(*given: Look, settle: str = "30") -> tuple[int, dict[str, Any]]:
        left = [*given]

        def compare(connection: Any, client: Any) -> list[Drift]:
            now = left.pop(0) if len(left) > 1 else left[0]
            figures = {
                name: {"local": ours, "instantly": theirs, "delta": ours - theirs}
                for name, (ours, theirs) in now.items()
            }
            return [Drift("c", "Campaign", figures)]  # type: ignore[arg-type]

        monkeypatch.setattr(drift, "compare_totals", compare)
        monkeypatch.setattr(drift.compare_until_settled, "__kwdefaults__", {"sleep": lambda seconds: None})
        out = StringIO()
        try:
            call_command(
                "report_drift", "--connection", "acme", "--json", "--settle", settle, stdout=out, stderr=StringIO()
            )
            code = 0
        except CommandError as error:
            code = error.returncode
        return code, json.loads(out.getvalue())["connections"][0]["campaigns"][0]

    return report


pytestmark = pytest.mark.django_db(transaction=True)


def test_equal_totals_are_compared_once_and_pass(looks):
    assert looks({"sent": (5, 5)}, {"sent": (5, 9)})[0] == 0


def test_a_mail_in_flight_is_not_drift(looks):
    code, row = looks({"sent": (4, 5)}, {"sent": (5, 5)})
    assert (code, row["differs"]) == (0, False)


def test_successive_mails_in_flight_are_not_drift(looks):
    code, row = looks({"sent": (4, 5)}, {"sent": (5, 6)}, {"sent": (6, 7)})
    assert (code, row["in_flight"]) == (0, ["sent"])


@pytest.mark.parametrize("settle", ["0", "3", "30"])
def test_missing_mails_are_drift_however_often_counted(looks, settle):
    code, row = looks({"sent": (4, 5), "auto_replies": (1, 1)}, settle=settle)
    assert (code, row["differs"], row["in_flight"]) == (1, True, [])


def test_more_missing_mails_than_can_be_in_flight_are_drift_under_traffic(looks):
    counts: list[Look] = [{"sent": (100 + n, 150 + n)} for n in range(12)]
    assert looks(*counts)[0] == 1


def test_a_figure_in_flight_does_not_excuse_another(looks):
    code, row = looks({"sent": (4, 5), "leads_bounced": (0, 1)}, {"sent": (5, 5), "leads_bounced": (0, 1)})
    assert (code, row["differs"]) == (1, True)
