"""Rules of feed, keys and drift, beside those of messaging/findings/rules.py."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import ConnectionStatus
from instantly.choices import AlertKind
from instantly.job_titles import TITLES
from messaging.choices import FindingTarget
from messaging.findings.rules import Rule, Unit, register

CRITICAL = frozenset({
    AlertKind.WEBHOOK_DISABLED, AlertKind.CONNECTION_REFUSED, AlertKind.DEAD_DELIVERIES, AlertKind.QUEUE_STALLED,
    AlertKind.STEP_FAILING, AlertKind.WORKSPACE_MISMATCH,
})  # fmt: skip
HELPS = {
    AlertKind.SYNC_FAILED: "sync",
    AlertKind.SYNC_EMPTY: "sync",
    AlertKind.WEBHOOK_DISABLED: "webhook",
    AlertKind.CONNECTION_REFUSED: "test",
}
"""Staff action that fixes each kind of alert."""
OF_ALERTS: dict[AlertKind, Rule] = {
    kind: Rule(
        str(kind), kind.label, _("Occurrences: %(figure)s."), limit=0,
        fixes={FindingTarget.CONNECTION.value: HELPS[kind]} if kind in HELPS else {},
    )
    for kind in AlertKind
    if kind not in (AlertKind.CONNECTION_REFUSED, AlertKind.FEED_GAP)
}  # fmt: skip
REFUSED_KEY = Rule(
    str(AlertKind.CONNECTION_REFUSED), AlertKind.CONNECTION_REFUSED.label, _("%(reason)s."),
    fixes={FindingTarget.CONNECTION.value: "test"}, reasons={str(value): label for value, label in ConnectionStatus.choices},
)  # fmt: skip
FEED_GAP = Rule(
    str(AlertKind.FEED_GAP), AlertKind.FEED_GAP.label,
    _("Times without deliveries that are not repaired yet: %(figure)s. Gap repair runs twice an hour."),
)  # fmt: skip
DRIFT = Rule(
    "drift", _("Our stats differ from Instantly's"),
    _("Campaigns that differ: %(figure)s, at the latest comparison of the last 7 days."),
    fixes={FindingTarget.CONNECTION.value: "drift"},
)  # fmt: skip
EXPIRING_SECRET = Rule(
    "expiring_secret", _("Webhook secret is about to expire"),
    _("The last valid secret of this connection ends in %(figure)s; deliveries are refused afterwards. The rule: less than %(limit)s."),
    Unit.DAYS, limit=7, fixes={},
)  # fmt: skip
MISSED_JOB = Rule(
    "missed_job", _("Scheduled job does not succeed"),
    _("%(reason)s: no run has succeeded for %(figure)s. Its page shows the latest error. Is `manage.py run_jobs` running?"),
    Unit.HOURS, reasons=TITLES,
)  # fmt: skip
OWN = (*OF_ALERTS.values(), REFUSED_KEY, FEED_GAP, DRIFT, EXPIRING_SECRET, MISSED_JOB)
register(OWN)
