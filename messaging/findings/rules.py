"""Table of rules: thresholds, sample floors, words and fixes; other apps register theirs beside these."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from campaigns.choices import CampaignStatus, NotSending
from messaging.choices import FindingTarget

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Unit(StrEnum):
    """Unit in which a rule's figure and limit are written."""

    SHARE = "share"
    NUMBER = "number"
    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by which findings are made. `sentence` has the placeholders figure, limit, sample, floor and reason. Beyond `limit` a finding
    is a warning, beyond `severe` it is critical. `floor`: smaller samples are not judged. `fixes`: by target, the kind of the staff
    action that fixes the finding (instantly/actions/registry.py); a target without one is only displayed. `fixes_by_reason`: another
    kind of action for some reasons, empty: no action. `reasons`: text of each reason.
    """

    name: str
    label: "_StrPromise"
    sentence: "_StrPromise"
    unit: Unit = Unit.NUMBER
    limit: float = 0
    severe: float | None = None
    floor: int = 0
    fixes: Mapping[str, str] = field(default_factory=dict)
    fixes_by_reason: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, "_StrPromise | str"] = field(default_factory=dict)

    def fix(self, target_type: str, reason: str) -> str:
        """Return the kind of the staff action that fixes a finding of this rule; empty if there is none."""
        return self.fixes_by_reason.get(reason, self.fixes.get(target_type, ""))


PAUSES = {FindingTarget.EMAIL_ACCOUNT.value: "account_pause", FindingTarget.CAMPAIGN.value: "campaign_pause"}

BOUNCES = Rule(
    "bounces", _("Too many bounces"),
    _("%(figure)s of %(sample)s emails sent in 7 days came back; the rule: more than %(limit)s, from %(floor)s sent and three bounces."),
    Unit.SHARE, limit=0.03, severe=0.05, floor=50, fixes=PAUSES,
)  # fmt: skip
FEWEST_BOUNCES = 3
"""Minimum of bounces for a finding: of a healthy mailbox (1 %), two of 50 mails bounce by chance in one week of 11, three in one of 70."""
COMPLAINTS = Rule(
    "complaints", _("Spam complaints"),
    _("%(figure)s of %(sample)s emails sent in 28 days were reported as spam; the rule: more than %(limit)s, from %(floor)s sent and two "
      "complaints. Instantly never reports complaints: these come from labels and from what replies say."),
    Unit.SHARE, limit=0.001, severe=0.003, floor=3000,
)  # fmt: skip
"""Google's limits for senders: below 0.1 %, never 0.3 % (https://support.google.com/a/answer/81126)."""
FEWEST_COMPLAINTS = 2
REPLIES_HALVED = Rule(
    "replies_halved", _("Reply rate has halved"),
    _("%(figure)s of %(sample)s emails sent in 7 days were answered; the rule: less than half of the four weeks before (that is %(limit)s) "
      "and beyond chance, from %(floor)s sent in both."),
    Unit.SHARE, limit=0.5, floor=200,
)  # fmt: skip
OVER_DAILY = Rule(
    "over_daily", _("Email account sends too much a day"),
    _("%(figure)s emails on one of the last two days; the rule: more than %(limit)s."),
    Unit.NUMBER, limit=50, fixes=PAUSES,
)  # fmt: skip
OVER_DAILY_YOUNG, YOUNG_DAYS = 20, 30
"""Daily limit of a young email account, and the days for which it counts as young."""
WARMUP_FALLING = Rule(
    "warmup_falling", _("Warm-up score is falling"),
    _("The score is %(figure)s; the rule: more than 10 points below its highest of 14 days (so less than %(limit)s), from %(floor)s days."),
    Unit.NUMBER, limit=10, floor=3, fixes=PAUSES,
)  # fmt: skip
ACCOUNT_BROKEN = Rule(
    "account_broken", _("Email account cannot send"), _("%(reason)s."),
    fixes={FindingTarget.EMAIL_ACCOUNT.value: "account_resume"}, fixes_by_reason={"gone": ""},
    reasons={
        "connection_error": _("Instantly cannot connect to it"),
        "soft_bounce_error": _("Instantly stopped it after soft bounces"),
        "sending_error": _("Sending fails"),
        "error": _("Instantly reported an error"),
        "suspended": _("Suspended"),
        "gone": _("Not in the workspace any more"),
    },
)  # fmt: skip
NOT_SENDING = Rule(
    "not_sending", _("Campaign is active and does not send"),
    _("Nothing sent for %(figure)s: %(reason)s. The rule: more than %(limit)s, or stopped by a problem."),
    Unit.DAYS, limit=4, fixes={FindingTarget.CAMPAIGN.value: "campaign_activate"},
    fixes_by_reason={"waiting_for_lead": "leads_add", "outside_schedule": "", "unsaid": "", "error": "", "unknown": ""},
    reasons={
        **{str(value): label for value, label in (*CampaignStatus.choices, *NotSending.choices)},
        "unsaid": _("Instantly gives no reason"),
    },
)  # fmt: skip
LEADS_LEFT = Rule(
    "leads_left", _("Leads run out"),
    _("Leads for %(figure)s are left, at the pace of the last 7 days (%(sample)s started); the rule: less than %(limit)s, from %(floor)s "
      "started."),
    Unit.DAYS, limit=7, severe=2, floor=20, fixes={FindingTarget.CAMPAIGN.value: "leads_add"},
)  # fmt: skip
REPLIES_WAITING = Rule(
    "replies_waiting", _("Replies wait for an answer"),
    _("Replies that wait: %(sample)s, the oldest for %(figure)s; the rule: longer than %(limit)s."),
    Unit.HOURS, limit=24, severe=72, floor=1,
)  # fmt: skip
UNASSIGNED = Rule(
    "unassigned", _("Campaign is assigned to nobody"),
    _("It is in a shared workspace and belongs to no customer yet, so no customer sees it."),
    fixes={FindingTarget.CAMPAIGN.value: "campaign_assign"},
)  # fmt: skip
EXPIRING_TOKEN = Rule(
    "expiring_token", _("API token is about to expire"),
    _("The last valid token of this user ends in %(figure)s; the rule: less than %(limit)s."), Unit.DAYS, limit=7,
)  # fmt: skip
DECIDED_VARIANT = Rule(
    "decided_variant", _("One variant is clearly better"),
    _("Step and variant %(reason)s: %(figure)s answered, the next one %(limit)s, a difference beyond chance, from %(floor)s sent of each. "
      "Switch the others off in Instantly."),
    Unit.SHARE, floor=100,
)  # fmt: skip

_rules: dict[str, Rule] = {}


def register(rules: Iterable[Rule]) -> None:
    """Add an app's rules. Raises ValueError where another rule has the name."""
    for rule in rules:
        if _rules.setdefault(rule.name, rule) is not rule:
            raise ValueError(f"Two rules are called {rule.name}.")


def registered() -> Mapping[str, Rule]:
    """Return every rule by its name."""
    return dict(_rules)


OWN = (
    BOUNCES, COMPLAINTS, REPLIES_HALVED, OVER_DAILY, WARMUP_FALLING, ACCOUNT_BROKEN, NOT_SENDING, LEADS_LEFT, REPLIES_WAITING, UNASSIGNED,
    EXPIRING_TOKEN, DECIDED_VARIANT,
)  # fmt: skip
register(OWN)
