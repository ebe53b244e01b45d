"""Say in a sentence whether one variant of a step is answered significantly more often."""

from django.utils.translation import gettext, ngettext

from campaigns.sequence import variant_letter
from messaging.comparison import Sample, Verdict
from messaging.step_comparison import StepFigures
from salesbrain.web.figures import NOTHING, number, percent


def comparison_sentence(step: StepFigures) -> str:
    """Return the result of the comparison as a sentence; empty if there is nothing to compare."""
    found = step.comparison
    if found.verdict is Verdict.ALONE:
        return ""
    names = {
        "leader": variant_letter(found.leader.name) if found.leader else "",
        "other": variant_letter(found.runner_up.name) if found.runner_up else "",
        "sends": number(found.fewest),
        "rate": percent(found.leader.rate) if found.leader else "",
        "other_rate": percent(found.runner_up.rate) if found.runner_up else "",
    }
    if found.verdict is Verdict.DECIDED:
        return (
            gettext("%(leader)s is better: %(rate)s against %(other_rate)s of %(other)s, more than chance explains.")
            % names
        )
    if found.leader is None:
        return gettext("No difference so far.")
    if found.verdict is Verdict.TOO_FEW:
        return (
            ngettext(
                "%(leader)s leads, but %(sends)s send is too few to tell.",
                "%(leader)s leads, but %(sends)s sends are too few to tell.",
                found.fewest,
            )
            % names
        )
    return gettext("%(leader)s leads, but after %(sends)s sends each it may still be chance.") % names


def interval_words(sample: Sample) -> str:
    """Return the 95 % interval of a rate: "1.2–6.0 %"."""
    found = sample.interval
    if found is None:
        return NOTHING
    low, high = (percent(edge) for edge in found)
    return f"{low.rstrip(chr(0xA0) + '%')}–{high}"
