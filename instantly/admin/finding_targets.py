"""Objects of findings in the admin: their pages, and open findings in their lists."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import StaffAdmin, badge
from accounts.models import EmailAccount, Organization, ProviderConnection, User
from campaigns.models import Campaign
from instantly.actions.action import Action
from instantly.actions.registry import ACTIONS
from instantly.admin.undo import admin_page
from instantly.choices import AlertKind, HeldReason, SyncTrigger
from messaging.choices import FindingTarget, Severity
from messaging.findings.rules import REPLIES_WAITING, registered
from messaging.findings.snoozes import open_findings
from messaging.findings.words import figure, label, sentence
from messaging.models import Finding

MODELS: dict[str, Any] = {
    FindingTarget.ORGANIZATION: Organization,
    FindingTarget.CAMPAIGN: Campaign,
    FindingTarget.EMAIL_ACCOUNT: EmailAccount,
    FindingTarget.CONNECTION: ProviderConnection,
    FindingTarget.USER: User,
}
TYPES: dict[Any, str] = {model: str(name) for name, model in MODELS.items()}
TONES = {Severity.CRITICAL: "bad", Severity.WARNING: "warn", Severity.NOTICE: "quiet"}
ORDER = {severity: place for place, severity in enumerate(Severity)}
ANY = "any"
MOST_FOUND = 500
"""Maximum of open findings that a filter reads, so that rows can be compared with all of them."""


def _held(reason: HeldReason) -> Callable[[Finding], str]:
    def address(finding: Finding) -> str:
        return (
            f"{reverse('admin:instantly_held_changelist')}?reason__exact={reason.value}&connection={finding.target_id}"
        )

    return address


def _repairs(finding: Finding) -> str:
    query = f"?connection={finding.target_id}&trigger__exact={SyncTrigger.RECONCILE.value}"
    return reverse("admin:instantly_syncrun_changelist") + query


SETTLING_PAGES: Mapping[str, tuple[Promise | str, Callable[[Finding], str]]] = {
    REPLIES_WAITING.name: (
        _("Open them in the inbox"),
        lambda row: reverse("admin:messaging_finding_inbox", args=[row.pk]),
    ),
    str(AlertKind.DEAD_DELIVERIES): (_("Show the deliveries"), _held(HeldReason.DEAD)),
    str(AlertKind.WORKSPACE_MISMATCH): (_("Show the deliveries"), _held(HeldReason.WORKSPACE_MISMATCH)),
    str(AlertKind.OVER_BUDGET): (_("Show the deliveries"), _held(HeldReason.OVER_BUDGET)),
    str(AlertKind.QUEUE_STALLED): (_("Show the queue"), lambda row: reverse("admin:instantly_pending_changelist")),
    str(AlertKind.FEED_GAP): (_("Show the repairs"), _repairs),
}
"""By rule: label and address of the page where a person settles the finding."""


def target_url(finding: Finding) -> str:
    """Return the admin URL of the object a finding is about; of the page of scheduled jobs if that is the installation."""
    model = MODELS.get(finding.target_type)
    if model is None:
        return reverse("admin:jobs")
    return reverse(admin_page(model, "change"), args=[finding.target_id])


def finding_url(finding: Finding) -> str:
    return reverse("admin:messaging_finding_change", args=[finding.pk])


def fix_of(finding: Finding, request: HttpRequest) -> Action | None:
    """Return the staff action that fixes a finding; None if there is none, the finding is closed or the user lacks the permission."""
    rule = registered().get(finding.rule)
    kind = rule.fix(finding.target_type, finding.reason) if rule else ""
    action = ACTIONS.get(kind)
    if action is None or finding.until is not None or not request.user.has_perm(action.permission):
        return None
    return action


def settling_page(finding: Finding) -> tuple[Promise | str, str] | None:
    """Return label and URL of the page where a person settles an open finding that no action fixes; None: the object's page suffices."""
    found = SETTLING_PAGES.get(finding.rule)
    return None if found is None or finding.until is not None else (found[0], found[1](finding))


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda row: (ORDER[Severity(row.severity)], row.since, str(row.pk)))


def shown(findings: Sequence[Finding]) -> SafeString | str:
    """Return the findings as badges, worst first, each linked to its page and with the rule as tooltip."""
    return format_html_join(
        " ",
        '<a class="sb-finding" href="{}" title="{}">{}</a>',
        ((finding_url(row), sentence(row), _badge(row)) for row in worst_first(findings)),
    )


def listed(findings: Sequence[Finding], *, named: bool = False) -> SafeString | str:
    """Return the findings as an HTML list, worst first, each with its rule in words; `named`: also with the name of its object."""
    rows = (
        (finding_url(row), _badge(row), f"{row.target_name}: " if named else "", sentence(row))
        for row in worst_first(findings)
    )
    items = format_html_join("", '<li><a href="{}">{}</a> {}{}</li>', rows)
    return format_html('<ul class="sb-findings">{}</ul>', items) if findings else ""


def _badge(finding: Finding) -> SafeString:
    text = f"{label(finding.rule)} {figure(finding)}".strip()
    return badge(text, TONES[Severity(finding.severity)])


class FindingFilter(admin.SimpleListFilter):
    """Filter a list to rows with an open finding, of any rule or of one rule. The findings it reads are shown in the rows as well."""

    found: list[Finding]
    title = _("finding")
    parameter_name = "finding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.target = TYPES[model_admin.model]
        self.found = list(_open_findings(self.target)[: MOST_FOUND + 1])
        if self.is_complete:
            rules = sorted({row.rule for row in self.found})
        else:
            rules = list(_open_findings(self.target).order_by("rule").values_list("rule", flat=True).distinct())
        return [(ANY, str(_("Any"))), *((rule, label(rule)) for rule in rules)]

    @property
    def is_complete(self) -> bool:
        """Return whether `found` has every open finding on such objects."""
        return len(self.found) <= MOST_FOUND

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        if not self.value():
            return None
        found = _open_findings(self.target)
        if self.value() != ANY:
            found = found.filter(rule=self.value())
        return queryset.filter(pk__in=found.values("target_id"))


def _found(rows: list[Any]) -> list[Finding] | None:
    """Return the open findings that the list's filter has read; None if it has read none or not all of them."""
    read = [each for each in getattr(rows, "filters", ()) if isinstance(each, FindingFilter) and each.is_complete]
    return read[0].found if read else None


def _open_findings(target_type: str) -> "QuerySet[Finding]":
    return open_findings(timezone.now()).filter(target_type=target_type)


class FindingsMixin(StaffAdmin):
    """Mix in before a page's own class: its list and its rows' pages show open findings."""

    def decorate(self, rows: list[Any]) -> None:
        super().decorate(rows)
        by_row: dict[Any, list[Finding]] = {}
        read = _found(rows)
        if read is None:
            read = list(_open_findings(TYPES[self.model]).filter(target_id__in=[row.pk for row in rows]))
        for finding in read:
            by_row.setdefault(finding.target_id, []).append(finding)
        for row in rows:
            row.open_findings = by_row.get(row.pk, [])

    @admin.display(description=_("findings"))
    def findings(self, row: Any) -> SafeString | str:
        return shown(row.open_findings)

    @admin.display(description=_("findings"))
    def findings_listed(self, row: Any) -> SafeString | str:
        if not hasattr(row, "open_findings"):
            FindingsMixin.decorate(self, [row])
        return listed(row.open_findings) or badge(_("None"), "good")
