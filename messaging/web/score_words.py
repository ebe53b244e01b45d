"""Scores in words: fit with its rows, outcome by band, and whether the score predicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.intelligence.scoring import bands
from messaging.intelligence.scoring.bands import LIFT
from messaging.intelligence.scoring.engagement import Engagement
from messaging.intelligence.scoring.fit import Fit, FitRowName
from messaging.intelligence.scoring.learning import LEAST_CONTACTS, LEAST_POSITIVES
from messaging.models import ScoringSettings
from messaging.scores.outcomes import band
from messaging.web import words
from salesbrain.web.figures import number, percent

FIT_ROWS: words.Words = {
    FitRowName.SENIORITY: _("Seniority"),
    FitRowName.SIZE: _("Company size"),
    FitRowName.INDUSTRY: _("Industry"),
}


def shown(found: Fit, engagement: Engagement) -> dict[str, Any]:
    """Return band and rows of fit for the template contact.html."""
    return {
        "band": band(found.grade, engagement),
        "grade": found.grade,
        "fit_rows": [(FIT_ROWS[row.name], row.value, row.points) for row in found.rows],
        "fit_points": found.points,
    }


def quarter(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored quarter for the template: a row for each band that had contacts."""
    rows = [
        {
            "band": row["band"],
            "contacts": row["contacts"],
            "positives": row["positives"],
            "rate": percent(row["rate"]),
            "interval": gettext("%(low)s to %(high)s") % {"low": percent(row["low"]), "high": percent(row["high"])},
        }
        for row in stored["bands"]
        if row["contacts"]
    ]
    title = gettext("Quarter %(quarter)s of %(year)s") % {"quarter": stored["quarter"], "year": stored["year"]}
    return {"title": title, "rows": rows, "verdict": verdict(stored)}


def verdict(stored: Mapping[str, Any]) -> str:
    """Return whether the score predicts, in a sentence; empty where nobody was written to."""
    if not any(row["contacts"] for row in stored["bands"]):
        return ""
    named = {"top": percent(stored["top_rate"]), "base": percent(stored["base_rate"]), "lift": number(int(LIFT))}
    if not stored.get("enough", True):
        return gettext(
            "Too few cases to judge the score: it takes %(contacts)s contacts, %(positives)s of them positive."
        ) % {
            "contacts": number(bands.LEAST_CONTACTS),
            "positives": number(bands.LEAST_POSITIVES),
        }
    if stored["predicts"]:
        return gettext("The best band reaches %(top)s, at least %(lift)s times the %(base)s of all.") % named
    return (
        gettext(
            "This score does not predict for you: the best band reaches %(top)s, all together %(base)s. It sorts nothing."
        )
        % named
    )


def learned(settings: ScoringSettings | None) -> str:
    """Return a sentence: whether the score uses learned or shipped weights, and why."""
    named = {
        "contacts": number(settings.contacts if settings else 0),
        "positives": number(settings.positives if settings else 0),
        "least_contacts": number(LEAST_CONTACTS),
        "least_positives": number(LEAST_POSITIVES),
    }
    if settings and settings.factors:
        return (
            gettext("The weights are learned from %(contacts)s contacts of yours, %(positives)s of them positive.")
            % named
        )
    return (
        gettext(
            "The weights are the shipped ones: own ones need %(least_contacts)s contacts and %(least_positives)s positive outcomes, and "
            "there are %(contacts)s and %(positives)s."
        )
        % named
    )


def calibration(settings: ScoringSettings | None) -> Sequence[dict[str, str]]:
    """Return expected and observed shares of positive outcomes, from the lowest fifth of contacts to the highest; empty without learned
    weights.
    """
    bins = ((settings.calibration or {}).get("bins") or []) if settings else []
    return [
        {
            "contacts": number(row["contacts"]),
            "expected": percent(row["expected"]),
            "observed": percent(row["observed"]),
        }
        for row in bins
    ]


def outcomes(settings: ScoringSettings | None) -> Sequence[dict[str, Any]]:
    return [quarter(stored) for stored in settings.outcome] if settings else []
