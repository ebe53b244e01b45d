"""Fixtures: the team of organization Acme: `customer` is its owner, `member` and `observer`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.choices import MembershipRole
from accounts.models import AuditEntry, Membership, Organization, User
from salesbrain import rls
from tests import factories

NOW = datetime(2026, 7, 13, 9, tzinfo=UTC)


@pytest.fixture
def member(acme: Organization) -> User:
    return factories.customer("member@acme.example", acme, role=MembershipRole.MEMBER)


@pytest.fixture
def observer(acme: Organization) -> User:
    return factories.customer("observer@acme.example", acme, role=MembershipRole.OBSERVER)


@pytest.fixture
def membership() -> Callable[[User, Organization], Membership]:
    def find(user: User, organization: Organization) -> Membership:
        with rls.scope(rls.SYSTEM):
            return Membership.objects.get(user=user, organization=organization)

    return find


@pytest.fixture
def audited() -> Callable[[], list[tuple[str, str, Any]]]:
    """Return the audit log so far as (action, actor, detail)."""

    def read() -> list[tuple[str, str, Any]]:
        with rls.scope(rls.SYSTEM):
            return list(AuditEntry.objects.order_by("id").values_list("action", "actor_name", "detail"))

    return read
