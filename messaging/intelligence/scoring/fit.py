"""Fit score of a contact, A to C, from its variables: seniority, size and industry of the company.

The page shows each of the three as a row. Every organization maps its own variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from messaging.intelligence.next_steps.tokens import folded

SENIORITY: Mapping[str, int] = {
    word: points
    for points, words in (
        (
            40,
            "ceo cto cfo cmo coo cio cro chro founder cofounder owner president chairman chairwoman partner inhaber inhaberin geschaeftsfuehrer geschaeftsfuehrerin geschaeftsfuehrung geschaeftsleitung "
            "geschaeftsleiter geschaeftsleiterin vorstand vorstaendin vorsitzender vorsitzende gruender gruenderin gesellschafter gesellschafterin prokurist prokuristin unternehmer unternehmerin principal gf chief verwaltungsrat",
        ),
        (
            30,
            "vp svp evp director direktor direktorin head leiter leiterin leitung bereichsleiter bereichsleiterin abteilungsleiter abteilungsleiterin vertriebsleiter vertriebsleiterin marketingleiter marketingleiterin "
            "einkaufsleiter einkaufsleiterin werkleiter werksleiter filialleiter it-leiter personalleiter personalleiterin ressortleiter chef chefin",
        ),
        (20, "manager managerin lead teamleiter teamleiterin teamlead supervisor gruppenleiter gruppenleiterin projektleiter projektleiterin senior"),
        (10, "consultant berater beraterin referent referentin specialist spezialist sachbearbeiter sachbearbeiterin engineer ingenieur ingenieurin analyst koordinator coordinator executive entwickler developer mitarbeiter mitarbeiterin"),
        (0, "intern praktikant praktikantin werkstudent werkstudentin trainee student studentin azubi auszubildende auszubildender lehrling volontaer assistant assistent assistentin assistenz sekretariat"),
    )
    for word in words.split()
}  # fmt: skip
"""Points by folded word of a title; the strongest word counts, except for assistants."""

NOT_THEMSELVES = {
    "assistant",
    "assistent",
    "assistentin",
    "assistenz",
    "sekretariat",
    "intern",
    "praktikant",
    "praktikantin",
    "werkstudent",
    "werkstudentin",
    "trainee",
    "azubi",
}
VICE = {"vice", "stv", "stellvertretender", "stellvertretende", "deputy"}

SIZE_POINTS, INDUSTRY_POINTS = 30, 30
FITS = ((60, "A"), (30, "B"), (0, "C"))


class FitRowName(StrEnum):
    SENIORITY = "seniority"
    SIZE = "size"
    INDUSTRY = "industry"


@dataclass(frozen=True, slots=True)
class FitMapping:
    """The names of an organization's variables that hold title, employees and industry, and the industries it targets."""

    title: str = ""
    employees: str = ""
    industry: str = ""
    employees_from: int = 0
    employees_to: int | None = None
    industries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FitRow:
    name: FitRowName
    points: int
    value: str


@dataclass(frozen=True, slots=True)
class Fit:
    """Fit score of a contact. `points` is the sum of the rows; `grade` A, B or C, None where no mapped variable is known."""

    rows: tuple[FitRow, ...]
    points: int
    grade: str | None


def fit(variables: Mapping[str, str], mapping: FitMapping) -> Fit:
    rows = tuple(row for make in (_seniority, _size, _industry) if (row := make(variables, mapping)))
    points = sum(row.points for row in rows)
    return Fit(rows, points, next(grade for least, grade in FITS if points >= least) if rows else None)


def seniority(title: str) -> int | None:
    """Return the points of a title, 0 to 40; None where no word of it is known."""
    words = "".join(character if character.isalnum() else " " for character in folded(title[:200])).split()
    found = [SENIORITY[word] for word in words if word in SENIORITY]
    if not found:
        return None
    if NOT_THEMSELVES & set(words):
        return 0
    if "president" in words and VICE & set(words):
        found = [points for points in found if points < 40] + [30]
    return max(found)


def _seniority(variables: Mapping[str, str], mapping: FitMapping) -> FitRow | None:
    title = _value(variables, mapping.title)
    points = seniority(title) if title else None
    return None if points is None else FitRow(FitRowName.SENIORITY, points, title)


def _size(variables: Mapping[str, str], mapping: FitMapping) -> FitRow | None:
    value = _value(variables, mapping.employees)
    employees = _number(value)
    if employees is None or not (mapping.employees_from or mapping.employees_to):
        return None
    fits = employees >= mapping.employees_from and (mapping.employees_to is None or employees <= mapping.employees_to)
    return FitRow(FitRowName.SIZE, SIZE_POINTS if fits else 0, value)


def _industry(variables: Mapping[str, str], mapping: FitMapping) -> FitRow | None:
    value = _value(variables, mapping.industry)
    if not value or not mapping.industries:
        return None
    wanted = {folded(industry).strip() for industry in mapping.industries}
    return FitRow(FitRowName.INDUSTRY, INDUSTRY_POINTS if folded(value) in wanted else 0, value)


def _value(variables: Mapping[str, str], name: str) -> str:
    return str(variables.get(name) or "").strip() if name else ""


def _number(value: str) -> int | None:
    """Parse a company size: "51-200" as its lower end, "1.200" and "1,200" as 1200, "10k" as 10000."""
    head = value.strip().lstrip(">~+ ").replace("–", "-").partition("-")[0].strip().rstrip("+ ").lower()
    factor = 1000 if head.endswith("k") else 1
    digits = head.rstrip("k ").replace(".", "").replace(",", "").replace("'", "").replace("’", "")
    return int(digits) * factor if digits.isascii() and digits.isdigit() and len(digits) <= 8 else None
