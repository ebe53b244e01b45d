"""Formatting of numbers, times and charts for people."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils import dateformat, formats, timezone, translation

from salesbrain.web import charts, figures

NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", ["1,234", "7.3\u00a0%", "–", "–"]), ("de", ["1.234", "7,3\u00a0%", "–", "–"])]
)
def test_numbers_are_written_as_the_language_does(language, expected):
    with translation.override(language):
        assert [figures.number(1234), figures.percent(0.0734), figures.number(None), figures.percent(None)] == expected


@pytest.mark.parametrize(("language", "expected"), [("en", "10 Jul 2026, 14:00"), ("de", "10. Jul 2026, 14:00")])
def test_a_time_is_in_the_users_zone(language, expected):
    with translation.override(language), timezone.override(ZoneInfo("Europe/Berlin")):
        assert figures.moment(NOW).replace(".", "", 0).startswith(expected[:3])
        assert figures.moment(NOW).endswith("2026, 14:00")


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.29, "29.0"), (0.0739, "7.4"), (0.99999, "100.0"), (1 / 3, "33.3"), (0.0, "0.0"), (12.5, "1,250.0")],
    ids=str,
)
def test_a_rate_is_rounded_and_not_cut_off(fraction, expected):
    with translation.override("en"):
        assert figures.percent(fraction) == f"{expected}\u00a0%"


@pytest.mark.parametrize(
    ("language", "form", "short"), [("en", "j M Y, H:i", "D j M"), ("de", "j. M Y, H:i", "D j. M")], ids=["en", "de"]
)
def test_days_are_written_as_django_writes_them(language, form, short):
    with translation.override(language), timezone.override(ZoneInfo("Europe/Berlin")):
        for at in (NOW + timedelta(days=29 * n, minutes=37 * n) for n in range(14)):
            local = timezone.localtime(at)
            assert figures.moment(at) == dateformat.format(local, form)
            assert figures.day(at) == figures.calendar_day(local.date()) == dateformat.format(local, form[:-5])
            assert figures.weekday_and_day(local.date()) == dateformat.format(local, short)


@pytest.mark.parametrize("language", ["en", "de"])
def test_numbers_are_written_as_django_writes_them(language):
    with translation.override(language):
        for value in (0, 7, 999, 1000, 1234567, -4321):
            assert figures.number(value) == formats.number_format(value, force_grouping=True)


@pytest.mark.parametrize(
    ("age", "english", "german"),
    [
        (timedelta(seconds=20), "just now", "gerade eben"),
        (timedelta(minutes=3, seconds=59), "3 min ago", "vor 3 Min."),
        (timedelta(hours=23, minutes=59), "23 h ago", "vor 23 Std."),
        (timedelta(days=1), "1 day ago", "vor 1 Tag"),
        (timedelta(days=6), "6 days ago", "vor 6 Tagen"),
    ],
)
def test_an_age_is_written_in_a_suitable_unit(age, english, german):
    with translation.override("en"):
        assert figures.ago(NOW - age, NOW) == english
    with translation.override("de"):
        assert figures.ago(NOW - age, NOW) == german


def test_ages_of_never_and_of_long_ago():
    assert figures.ago(None, NOW) == "never"
    assert figures.ago(NOW - timedelta(days=30), NOW) == "10 Jun 2026"


CHART = charts.Chart(
    "Emails </script><b>", [date(2026, 7, 9), date(2026, 7, 10)], [charts.Series("Sent", [1200, None])]
)


def test_a_chart_has_the_same_figures_as_a_table_and_cannot_leave_its_script():
    page = Template("{% load web %}{% chart it %}").render(Context({"it": CHART}))
    assert "</script><b>" not in page and page.count("</script>") == 1
    data = json.loads(page.split('<script type="application/json">')[1].split("</script>")[0])
    assert data["days"] == ["2026-07-09", "2026-07-10"]
    assert data["series"] == [{"label": "Sent", "values": [1200, None]}]
    assert [cells for _, cells in CHART.rows()] == [["–"], ["1,200"]]


def test_a_chart_in_a_series_label_escapes_too():
    text = charts.Chart("x", [], [charts.Series("</script>&", [])]).as_json()
    assert "<" not in text and "&" not in text and json.loads(text)["series"][0]["label"] == "</script>&"


@pytest.mark.parametrize("values", [[], [0, 0], [1], [3, None, 5], [10**9, 1]])
def test_a_sparkline_is_a_line_of_numbers_only(values):
    drawn = charts.sparkline(values)
    assert drawn.startswith("<svg") and "nan" not in drawn and "None" not in drawn
