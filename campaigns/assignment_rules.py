"""Assignment rules of shared workspaces: the campaigns that each rule matches, and conflicts.

Rules are tried by priority, then by age; the first that matches a campaign decides. A campaign that a person assigned stays where it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule, Campaign
from campaigns.name_patterns import fits as fits_pattern

MOST_CAMPAIGNS = 20_000
"""Maximum of campaigns of a workspace that are compared; more than any workspace is known to have."""


class Facts(NamedTuple):
    """The properties of a campaign that rules compare, with letter case folded."""

    provider_id: str
    name: str
    tags: frozenset[str]
    domains: frozenset[str]


Test = Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Decision:
    """The rule that decides on a campaign, and later matching rules that would assign it to another organization."""

    campaign: Campaign
    rule: AssignmentRule
    others: tuple[AssignmentRule, ...] = ()

    @property
    def is_there(self) -> bool:
        """Return whether the campaign belongs to the rule's organization already."""
        return self.campaign.organization_id == self.rule.organization_id

    @property
    def takes(self) -> bool:
        """Return whether applying the rules moves the campaign."""
        return not self.is_there and not self.campaign.is_assigned_by_hand

    @property
    def stays_by_hand(self) -> bool:
        """Return whether the campaign belongs to another organization because a person assigned it."""
        return not self.is_there and self.campaign.is_assigned_by_hand


def facts_of(campaign: Campaign) -> Facts:
    return Facts(
        campaign.provider_id,
        campaign.name.casefold(),
        frozenset(str(tag).casefold() for tag in campaign.tags or ()),
        frozenset(str(sender).rpartition("@")[2].casefold() for sender in campaign.senders or ()),
    )


def test_of(rule: AssignmentRule) -> Test:
    """Return the rule's condition. A rule of a kind that this release does not know matches nothing."""
    value = rule.value.casefold()
    listed = frozenset(rule.listed or ())
    tests: dict[str, Test] = {
        RuleKind.NAME_PREFIX: lambda facts: facts.name.startswith(value),
        RuleKind.NAME_CONTAINS: lambda facts: value in facts.name,
        RuleKind.NAME_PATTERN: lambda facts: fits_pattern(facts.name, value),
        RuleKind.TAG: lambda facts: value in facts.tags,
        RuleKind.SENDER_DOMAIN: lambda facts: any(
            domain == value or domain.endswith(f".{value}") for domain in facts.domains
        ),
        RuleKind.LISTED: lambda facts: facts.provider_id in listed,
    }
    return tests.get(rule.kind, lambda facts: False)


def plan(campaigns: Iterable[Campaign], rules: Sequence[AssignmentRule]) -> list[Decision]:
    """Return a decision for each campaign that a rule matches. `rules`: in the order of `rules_of`."""
    tests = [(rule, test_of(rule)) for rule in rules]
    found = []
    for campaign in campaigns:
        facts = facts_of(campaign)
        fitting = [rule for rule, test in tests if test(facts)]
        if fitting:
            first, *rest = fitting
            others = tuple(rule for rule in rest if rule.organization_id != first.organization_id)
            found.append(Decision(campaign, first, others))
    return found


def rules_of(connection_id: UUID, *, applied: bool) -> list[AssignmentRule]:
    """Return the active rules of a workspace in their order. `applied`: only rules in effect, otherwise also those not applied yet. Rules
    of a closed organization are left out.
    """
    rules = AssignmentRule.objects.filter(
        connection_id=connection_id,
        connection__organization__isnull=True,  # one for a workspace that was made dedicated since takes nothing
        is_active=True,
        organization__is_active=True,
    )
    if applied:
        rules = rules.filter(applied_at__isnull=False)
    return list(rules.select_related("organization").order_by("priority", "created_at", "id"))


def campaigns_of(connection_id: UUID) -> "QuerySet[Campaign]":
    """Return the campaigns of a workspace with the columns that rules and pages need, without the large ones."""
    fields = (
        "id",
        "provider_id",
        "name",
        "senders",
        "tags",
        "assigned_at",
        "assigned_rule",
        "organization",
        "connection",
    )
    found = Campaign.objects.filter(connection_id=connection_id).select_related("organization")
    return found.only(*fields, "organization__name", "organization__is_house", "organization__slug").order_by(
        "name", "id"
    )


def plan_of(connection_id: UUID, *, applied: bool = False) -> list[Decision]:
    """Return the plan over all campaigns of a workspace. Call in a staff scope or SYSTEM."""
    rules = rules_of(connection_id, applied=applied)
    return plan(campaigns_of(connection_id)[:MOST_CAMPAIGNS], rules) if rules else []


def plan_of_new(connection_id: UUID) -> list[Decision]:
    """Return the plan over the campaigns that neither a person nor a rule has assigned yet, by the rules in effect."""
    rules = rules_of(connection_id, applied=True)
    if not rules:
        return []
    new = campaigns_of(connection_id).filter(organization__is_house=True, assigned_at__isnull=True)
    return [decision for decision in plan(new[:MOST_CAMPAIGNS], rules) if decision.takes]
