"""Suggest a customer for each unassigned campaign, and a rule for assignments that a person repeated.

Reasons are tried in the order of `REASONS`. A reason that fits two customers gives no suggestion.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from accounts.models import EmailAccount, Organization
from campaigns.assignment_rules import MOST_CAMPAIGNS, Test, campaigns_of, facts_of, plan, rules_of, test_of
from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule, Campaign

SEPARATORS = frozenset("-–—|:/_[](){}#•·")
SHORTEST = 3
"""Minimum of characters of a name, or of its beginning, for a suggestion."""
ENOUGH = 3
"""Number of equal assignments by hand from which on a rule is proposed."""
MOST_PROPOSALS = 10
WORDS = re.compile(r"[^\W_]+")


class Reason(StrEnum):
    """Why a customer is suggested."""

    RULE = "rule"
    PREFIX = "prefix"
    DOMAIN = "domain"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A customer for a campaign. `detail`: the rule, the beginning of the name or the domain; `count`: number of assigned campaigns that
    support it.
    """

    organization_id: UUID
    reason: Reason
    detail: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule equal to what a person assigned by hand `count` times; it would assign `takes` campaigns that have no customer yet."""

    kind: RuleKind
    value: str
    organization_id: UUID
    count: int
    takes: int


def lead_in(name: str) -> str:
    """Return the beginning of a name: the text before its first separator, else its first word; "" if that is too short to be telling."""
    begun = False
    for place, letter in enumerate(name):
        if letter.isalnum():
            begun = True
        elif begun and letter in SEPARATORS:
            head = name[:place].rstrip()
            return head if len(head) >= SHORTEST else ""
    head = name.split(maxsplit=1)[0] if name.strip() else ""
    return head if len(head) >= SHORTEST else ""


class Evidence:
    """The facts suggestions rest on: a workspace's assigned campaigns, email accounts and rules, and the customers' names. Read by a few
    statements.
    """

    def __init__(self, connection_id: UUID) -> None:
        self.campaigns = list(campaigns_of(connection_id)[:MOST_CAMPAIGNS])
        self.rules = rules_of(connection_id, applied=False)
        rows = Organization.objects.filter(is_active=True, is_house=False).order_by("name", "slug")
        self.organizations = list(rows)
        self.assigned = [row for row in self.campaigns if not row.organization.is_house]
        self.unassigned = [row for row in self.campaigns if row.organization.is_house]
        self._prefixes = _owners((lead_in(row.name).casefold(), row.organization_id) for row in self.assigned)
        pairs = [(domain, row.organization_id) for row in self.assigned for domain in facts_of(row).domains]
        accounts: Any = EmailAccount.objects.filter(connection_id=connection_id, organization__is_house=False)
        pairs += [
            (address.rpartition("@")[2], owner) for address, owner in accounts.values_list("address", "organization_id")
        ]
        self._domains = _owners(pairs)
        self._names = [(f" {_words(row.name)} ", row.pk) for row in self.organizations if len(row.name) >= SHORTEST]

    def suggest(self, campaigns: Iterable[Campaign]) -> dict[UUID, Suggestion]:
        """Return a suggestion for each of these campaigns that has a reason; none for a campaign that a person assigned."""
        rows = [row for row in campaigns if not row.is_assigned_by_hand]
        open_ones = {one.pk for one in self.organizations}
        by_rule = {decision.campaign.pk: decision.rule for decision in plan(rows, self.rules)}
        found = {}
        for row in rows:
            rule = by_rule.get(row.pk)
            if rule is not None:
                suggestion: Suggestion | None = Suggestion(rule.organization_id, Reason.RULE, str(rule))
            else:
                suggestion = next(filter(None, (reason(self, row) for reason in REASONS)), None)
            if suggestion is not None and suggestion.organization_id in open_ones:
                found[row.pk] = suggestion
        return found

    def by_prefix(self, campaign: Campaign) -> Suggestion | None:
        """Suggest the one organization whose campaigns have names with the same first part."""
        prefix = lead_in(campaign.name)
        return _only(self._prefixes.get(prefix.casefold(), {}), Reason.PREFIX, prefix) if prefix else None

    def by_domain(self, campaign: Campaign) -> Suggestion | None:
        owners: Counter[UUID] = Counter()
        domains = sorted(domain for domain in facts_of(campaign).domains if domain in self._domains)
        for domain in domains:
            owners.update(self._domains[domain])
        return _only(owners, Reason.DOMAIN, ", ".join(domains[:3]))

    def by_name(self, campaign: Campaign) -> Suggestion | None:
        text = f" {_words(campaign.name)} "
        fitting = [(name, owner) for name, owner in self._names if name in text]
        owners = {
            owner: 1 for name, owner in fitting if not any(name != other and name in other for other, _ in fitting)
        }  # of "Acme North" and "Acme", the one that has the other in it
        return _only(owners, Reason.NAME, "")

    def proposals(self) -> list[Proposal]:
        """Return rules for assignments made by hand ENOUGH times, unless a rule exists for them or another assignment contradicts them."""
        by_hand = [row for row in self.assigned if row.is_assigned_by_hand]
        prefixes = _groups((lead_in(row.name), row) for row in by_hand)
        domains = _groups((domain, row) for row in by_hand for domain in facts_of(row).domains)
        found = [
            *self._proposed(RuleKind.NAME_PREFIX, prefixes),
            *self._proposed(RuleKind.SENDER_DOMAIN, domains),
        ]
        return sorted(found, key=lambda one: (-one.takes, -one.count, one.value))[:MOST_PROPOSALS]

    def _proposed(self, kind: RuleKind, groups: Mapping[str, Sequence[Campaign]]) -> list[Proposal]:
        found = []
        covered = {row.campaign.pk: row.rule.organization_id for row in plan(self.assigned, self.rules)}
        for value, rows in groups.items():
            owners = {row.organization_id for row in rows}
            if len(rows) < ENOUGH or len(owners) != 1:
                continue
            (owner,) = owners
            if all(covered.get(row.pk) == owner for row in rows):
                continue
            test = test_of(AssignmentRule(kind=kind, value=value))
            if not any(_fits(test, row) for row in self.assigned if row.organization_id != owner):
                takes = sum(_fits(test, row) for row in self.unassigned if not row.is_assigned_by_hand)
                found.append(Proposal(kind, value, owner, len(rows), takes))
        return found


REASONS: tuple[Callable[[Evidence, Campaign], Suggestion | None], ...] = (
    Evidence.by_prefix,
    Evidence.by_domain,
    Evidence.by_name,
)


def _fits(test: Test, campaign: Campaign) -> bool:
    return test(facts_of(campaign))


def _owners(pairs: Iterable[tuple[str, UUID]]) -> dict[str, Counter[UUID]]:
    found: dict[str, Counter[UUID]] = defaultdict(Counter)
    for key, owner in pairs:
        if key:
            found[key][owner] += 1
    return found


def _only(owners: Mapping[UUID, int], reason: Reason, detail: str) -> Suggestion | None:
    if len(owners) != 1:
        return None
    ((owner, count),) = owners.items()
    return Suggestion(owner, reason, detail, count)


def _groups(pairs: Iterable[tuple[str, Campaign]]) -> dict[str, list[Campaign]]:
    """Return the campaigns by their common text, compared without case; the first spelling names the group."""
    spelled: dict[str, str] = {}
    found: dict[str, list[Campaign]] = defaultdict(list)
    for key, row in pairs:
        if key:
            found[spelled.setdefault(key.casefold(), key)].append(row)
    return found


def _words(text: str) -> str:
    return " ".join(WORDS.findall(text.casefold()))
