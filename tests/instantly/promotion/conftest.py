"""Cast of the promotion tests: a shared workspace, Acme's own one, the admin workspace of both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import EmailAccount, Organization, ProviderConnection, User
from campaigns.models import Campaign
from instantly.actions.promotion.candidates import candidates
from instantly.actions.promotion.requests import Choice, begin
from instantly.actions.promotion.run import run
from instantly.emulator import FakeInstantly
from instantly.models import Promotion
from messaging.campaign_transfer import move_campaign, move_email_account
from salesbrain import rls
from tests import factories

ANNA, BEN, BOTH, GLO = "anna@acme.example", "ben@acme.example", "both@agency.example", "glo@globex.example"
CONTENT = (
    {"name": "Acme spring", "status": 1, "email_list": [ANNA, BEN]},
    {"name": "Acme autumn", "status": 2, "email_list": [BOTH]},
    {"name": "Globex secret", "status": 1, "email_list": [GLO, BOTH]},
)


@dataclass
class Cast:
    """Rows and workspaces of these tests. `spaces`: the emulator's workspaces by the connection's name."""

    acme: Organization
    globex: Organization
    shared: ProviderConnection
    own: ProviderConnection
    head: ProviderConnection
    boss: User
    fake: FakeInstantly
    spaces: dict[str, Any]

    def campaign(self, name: str, connection: ProviderConnection | None = None) -> Campaign:
        with rls.scope(rls.SYSTEM):
            row: Campaign = Campaign.objects.select_related("organization", "connection").get(
                name=name, connection=connection or self.shared, missing_since__isnull=True
            )
        return row

    def accounts(self) -> dict[str, tuple[str, str]]:
        """Return connection and organization of each email account, by address; an account that is there twice fails."""
        with rls.scope(rls.SYSTEM):
            rows = list(
                EmailAccount.objects.filter(missing_since__isnull=True).values_list(
                    "address", "connection__name", "organization__name"
                )
            )
        assert len(rows) == len({row[0] for row in rows}), rows
        return {address: (connection, organization) for address, connection, organization in rows}

    def at_instantly(self) -> dict[str, set[str]]:
        """Return the addresses of each workspace at Instantly."""
        return {name: {row["email"] for row in space.accounts} for name, space in self.spaces.items()}

    def statuses(self, name: str = "shared") -> dict[str, int]:
        return {row["name"]: row["status"] for row in self.spaces[name].campaigns}

    def choice(self, **changes: Any) -> Choice:
        """Return what a person chooses: every free email account, and to pause and copy the campaign that sends."""
        with rls.scope(rls.SYSTEM):
            there = candidates(self.acme, self.shared)
        spring = self.campaign("Acme spring").pk
        given: dict[str, Any] = {
            "organization_id": self.acme.pk,
            "source_id": self.shared.pk,
            "destination_id": self.own.pk,
            "admin_id": self.head.pk,
            "accounts": {one.account.pk for one in there.accounts if one.is_free},
            "copied": {spring},
            "paused": {spring},
        }
        return Choice(**{**given, **changes})

    def begin(self, **changes: Any) -> Promotion:
        with rls.scope(rls.SYSTEM):
            return begin(self.choice(**changes), actor=self.boss, actor_name=self.boss.email)

    def run(self, promotion: Promotion) -> Promotion:
        return run(promotion.pk, actor=self.boss, actor_name=self.boss.email)


@pytest.fixture
def cast(
    acme: Organization,
    globex: Organization,
    shared_connection: ProviderConnection,
    acme_connection: ProviderConnection,
    admin: User,
    instantly: FakeInstantly,
    workspace: Callable[..., Any],
    sync: Callable[..., Any],
) -> Cast:
    head = factories.connection("head", organization=None)
    spaces = {
        "shared": workspace(
            shared_connection, accounts=[ANNA, BEN, BOTH, GLO], campaigns=[dict(one) for one in CONTENT]
        ),
        "acme": workspace(acme_connection, accounts=[], campaigns=[]),
        "head": workspace(head, accounts=[], campaigns=[]),
    }
    for name in ("shared", "acme"):
        instantly.simulation.add_group_member(head.workspace_id, spaces[name].id, "accepted")
    sync(shared_connection)
    made = Cast(acme, globex, shared_connection, acme_connection, head, admin, instantly, spaces)
    now = timezone.now()
    for name in ("Acme spring", "Acme autumn"):
        move_campaign(made.campaign(name).pk, acme.pk, now=now)
    move_campaign(made.campaign("Globex secret").pk, globex.pk, now=now)
    with rls.scope(rls.SYSTEM):
        keys = dict(EmailAccount.objects.values_list("address", "pk"))
    move_email_account(keys[ANNA], acme.pk, now=now)
    move_email_account(keys[GLO], globex.pk, now=now)
    return made
