"""Fit score: seniority by German and English titles, company size and industry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.intelligence.next_steps.tokens import folded
from messaging.intelligence.scoring.fit import SENIORITY, FitMapping, fit, seniority

MAPPING = FitMapping("position", "employees", "industry", 50, 500, frozenset({"Maschinenbau", "Food & Beverage"}))


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("Geschäftsführerin", 40), ("CEO & Co-Founder", 40), ("Inhaber", 40), ("Mitglied der Geschäftsleitung", 40), ("Head of Sales", 30), ("Leiter Einkauf", 30), ("VP Marketing", 30),
        ("Vice President Sales", 30), ("Bereichsleiter Vertrieb (DACH)", 30), ("Teamleiter Support", 20), ("Account Manager", 20), ("Sachbearbeiterin", 10), ("Werkstudent Marketing", 0),
        ("Assistentin der Geschäftsführung", 0), ("Assistant to the CEO", 0), ("Zauberer", None), ("", None),
    ],
)  # fmt: skip
def test_seniority_of_titles(title: str, points: int | None) -> None:
    assert seniority(title) == points


def test_title_words_are_folded() -> None:
    assert [word for word in SENIORITY if folded(word) != word] == []


@pytest.mark.parametrize(
    ("variables", "points", "grade"),
    [
        ({"position": "CEO", "employees": "51-200", "industry": "maschinenbau"}, 100, "A"),
        ({"position": "Leiter IT", "employees": "1.200"}, 30, "B"),
        ({"position": "Praktikant", "industry": "Banken"}, 0, "C"),
        ({"employees": "120"}, 30, "B"),
        ({"position": "CEO", "employees": "plenty"}, 40, "B"),
        ({"other": "CEO"}, 0, None),
        ({}, 0, None),
    ],
)
def test_fit_by_mapped_variables(variables: dict[str, str], points: int, grade: str | None) -> None:
    found = fit(variables, MAPPING)
    assert (found.points, found.grade) == (points, grade)


def test_unmapped_variables_add_no_row() -> None:
    assert fit({"position": "CEO", "employees": "100"}, FitMapping(title="position")).points == 40


@given(st.dictionaries(st.sampled_from(["position", "employees", "industry"]), st.text(max_size=40)))
def test_points_are_the_sum_of_the_rows(variables: dict[str, str]) -> None:
    found = fit(variables, MAPPING)
    assert found.points == sum(row.points for row in found.rows)
    assert (found.grade is None) == (not found.rows)
