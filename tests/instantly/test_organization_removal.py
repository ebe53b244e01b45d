"""Removal of an organization: all of it, nothing of others, and nothing brings it back."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.choices import MembershipRole
from accounts.models import AuditEntry, EmailAccount, Membership, Organization, ProviderConnection, User
from campaigns.models import AssignmentRule, Campaign
from instantly import tasks
from instantly.models import Delivery, Held, Pending, StaffAction, SyncRun
from instantly.organization_removal import removal
from instantly.organization_removal.plan import plan_of
from instantly.organization_removal.request import RemovalRefused, request_removal
from instantly.organization_removal.tables import OTHERWISE, TABLES
from instantly.sync.lock import connection_lock
from messaging.campaign_transfer import CannotMove, move_campaign
from messaging.models import Contact, Conversation, DailyStats, Event, OutboxMessage
from salesbrain import rls
from salesbrain.rls.checks import protected_models
from tests import factories
from tests.instantly.webhooks.conftest import fresh_secrets, post, work  # noqa: F401  deliveries over HTTP, and a worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]

NOW = timezone.now()
SECRET_WORD = "zimtstern"
"""Word in every name and address of Acme, found nowhere afterwards."""


class Both:
    """Acme with a workspace of its own and a campaign in the shared one, and Globex with a campaign there."""

    def __init__(self) -> None:
        self.acme = factories.organization(f"Acme {SECRET_WORD}".replace(" ", "-"))
        self.globex = factories.organization("Globex")
        self.own = factories.connection("acme-own", self.acme)
        self.shared = factories.connection("shared", None)
        self.own_campaign = factories.campaign(self.own, f"{SECRET_WORD} own")
        self.shared_campaign = factories.campaign(self.shared, f"{SECRET_WORD} shared", self.acme, status="paused")
        self.theirs = factories.campaign(self.shared, "Globex wave", self.globex)
        self.secrets = {row.pk: factories.webhook_secret(row) for row in (self.own, self.shared)}
        self.customer = factories.customer(f"{SECRET_WORD}@customer.example", self.acme)
        self.both = factories.customer("both@customer.example", self.acme, self.globex)

    def body(self, campaign: Campaign, n: int = 0, **changes: Any) -> dict[str, Any]:
        word = "globex" if campaign == self.theirs else SECRET_WORD
        return {
            "event_type": "reply_received", "timestamp": f"2026-07-10T09:{n:02}:00.000Z", "campaign_id": campaign.provider_id,
            "workspace": campaign.connection.workspace_id, "lead_email": f"{word}-{n}@lead.example", "reply_text": f"Hello {word} {n}",
            "email_id": f"{campaign.name}-{n}", "firstName": word,
        } | changes  # fmt: skip

    def secret(self, campaign: Campaign) -> str:
        return self.secrets[campaign.connection_id]


@pytest.fixture
def both(db, post, work) -> Both:  # noqa: F811
    """Set up both, with mails, replies, an audit trail and everything people write."""
    world = Both()
    for campaign in (world.own_campaign, world.shared_campaign, world.theirs):
        for n in range(3):
            assert post(world.secret(campaign), world.body(campaign, n)).status_code == 200
    work()
    with rls.scope(rls.SYSTEM):
        people = list(Contact.objects.all())
    for person in people:
        conversation = factories.conversation(person)
        is_acmes = person.organization_id == world.acme.pk
        author = world.customer if is_acmes else world.both
        factories.access_entry(conversation, author, at=NOW)
        factories.outbox_message(person, author, email_account="sender@sender.example")
    for organization in (world.acme, world.globex):
        factories.snippet(organization)
    factories.email_account(world.own, f"{SECRET_WORD}@own.example")
    factories.email_account(world.shared, f"{SECRET_WORD}@shared.example", organization=world.acme)
    with rls.scope(rls.SYSTEM):
        AssignmentRule.objects.create(connection=world.shared, organization=world.acme, value=SECRET_WORD)
        SyncRun.objects.create(connection=world.own, trigger="schedule", status="succeeded", finished_at=NOW)
        person = Contact.objects.filter(organization=world.acme).earliest("email")
        contact_type = ContentType.objects.get_for_model(Contact)
        LogEntry.objects.create(
            user=world.both,
            content_type=contact_type,
            object_id=str(person.pk),
            object_repr=person.email,
            action_flag=CHANGE,
        )
    AccessAttempt.objects.create(username=world.customer.email, ip_address="192.0.2.1", failures_since_start=1)
    return world


def request(world: Both, **options: Any) -> Any:
    return request_removal(world.acme.pk, confirmation=world.acme.name, now=NOW, actor_name="test", **options)


def removed(world: Both) -> None:
    request(world)
    assert removal.remove(world.acme.pk, batches=None)


def rows_of(organization_id: Any) -> dict[str, list[Any]]:
    """Return every row of an organization, as text, by table."""
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        found: dict[str, list[Any]] = {}
        for model in protected_models():
            table = model._meta.db_table
            columns = {field.column for field in model._meta.concrete_fields}
            if "organization_id" in columns:
                cursor.execute(
                    f"SELECT t::text FROM {table} t WHERE organization_id = %s ORDER BY 1", [organization_id]
                )
                found[table] = cursor.fetchall()
        return found


def everything_with(word: str) -> Iterator[str]:
    """Yield each table in which a row has the word in its text or, decoded, in its bytes."""
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT 1 FROM {table} t WHERE t::text ILIKE %s LIMIT 1", [f"%{word}%"])
            if cursor.fetchone():
                yield table
        cursor.execute(
            "SELECT 1 FROM instantly_delivery WHERE convert_from(body, 'UTF8') LIKE %s LIMIT 1", [f"%{word}%"]
        )
        if cursor.fetchone():
            yield "instantly_delivery.body"


def test_every_table_of_an_organization_has_a_place_in_the_order():
    """Enter a new table in instantly/organization_removal/tables.py: its place in the order, or the code that removes its rows."""
    fields = {model: {field.attname for field in model._meta.concrete_fields} for model in apps.get_models()}
    belonging = {model for model, names in fields.items() if "organization_id" in names} | {Organization}
    assert belonging == {*TABLES, *OTHERWISE}
    assert len(TABLES) == len(set(TABLES))


def test_all_rows_of_the_organization_go_and_those_of_others_stay(both):
    before = rows_of(both.globex.pk)
    removed(both)
    assert {table: rows for table, rows in rows_of(both.acme.pk).items() if rows}.keys() == {"accounts_auditentry"}
    after = rows_of(both.globex.pk)
    assert after == before
    with rls.scope(rls.SYSTEM):
        assert not Organization.objects.filter(pk=both.acme.pk).exists()
        assert not ProviderConnection.objects.filter(pk=both.own.pk).exists()
        assert not Delivery.objects.filter(connection_id=both.own.pk).exists()
        assert set(Delivery.objects.exclude(body=None).values_list("campaign", flat=True)) == {both.theirs.provider_id}


def test_the_name_and_addresses_are_left_only_in_what_instantly_still_has(both):
    """Campaign and email account of the shared workspace: the agency's own mirror, which every sync would write again."""
    removed(both)
    assert set(everything_with(SECRET_WORD)) == {"campaigns_campaign", "accounts_emailaccount"}


def test_audit_entries_of_the_removal_hold_numbers_and_no_names(both):
    removed(both)
    with rls.scope(rls.SYSTEM):
        entries = list(AuditEntry.objects.filter(action__startswith="organization.").order_by("id"))
    assert [entry.action for entry in entries] == ["organization.removal_requested", "organization.removed"]
    assert all(entry.organization_id == both.acme.pk for entry in entries)
    said = " ".join(f"{entry.detail} {entry.target_id} {entry.target_type} {entry.actor_name}" for entry in entries)
    assert SECRET_WORD not in said.lower() and "@" not in said.replace(entries[0].detail.get("run_by", ""), "")
    assert entries[0].detail["rows"]["messages"] == 12


def test_users_who_log_in_nowhere_else_go_with_their_failed_logins_and_others_stay(both, admin):
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=admin, organization=both.acme, role=MembershipRole.OWNER)
    removed(both)
    assert set(User.objects.values_list("email", flat=True)) == {both.both.email, admin.email}
    assert not AccessAttempt.objects.exists()
    with rls.scope(rls.SYSTEM):
        assert list(Membership.objects.filter(user=both.both).values_list("organization__slug", flat=True)) == [
            "globex"
        ]


def test_from_the_request_on_its_workspace_is_refused_and_its_replies_are_not_sent(both, post):  # noqa: F811
    request(both)
    from instantly.webhooks.auth import secrets

    secrets.forget()
    assert post(both.secret(both.own_campaign), both.body(both.own_campaign, 9)).status_code == 401
    with rls.scope(rls.SYSTEM):
        assert not OutboxMessage.objects.filter(organization=both.acme, state="queued").exists()
        assert OutboxMessage.objects.filter(organization=both.globex, state="queued").count() == 3
        assert not Organization.objects.get(pk=both.acme.pk).is_active


@pytest.mark.parametrize("moment", ["before the request", "after the request", "after the removal"])
@pytest.mark.parametrize("kind", ["reply_received", "email_sent", "something_new"])
def test_webhooks_of_a_shared_workspace_do_not_bring_it_back(both, post, work, moment, kind):  # noqa: F811
    def arrives() -> None:
        late = both.body(both.shared_campaign, 30, event_type=kind)
        assert post(both.secret(both.shared_campaign), late).status_code == 200

    if moment == "before the request":
        arrives()  # and waits in the queue
    request(both)
    if moment == "after the request":
        arrives()
    assert removal.remove(both.acme.pk, batches=None)
    if moment == "after the removal":
        arrives()
    work()
    with rls.scope(rls.SYSTEM):
        assert not Event.objects.filter(campaign=both.shared_campaign).exists()
        assert not Contact.objects.filter(email__startswith=SECRET_WORD).exists()
        assert not DailyStats.objects.filter(campaign=both.shared_campaign).exists()
        assert not Pending.objects.exists()
        late = Delivery.objects.latest("pk")
        assert (late.body, Held.objects.get(pk=late.pk).reason) == (None, "dismissed")
    assert set(everything_with(SECRET_WORD)) == {"campaigns_campaign", "accounts_emailaccount"}


def test_a_delivery_that_was_recorded_is_a_copy_still(both, post, work):  # noqa: F811
    removed(both)
    with rls.scope(rls.SYSTEM):
        before = Delivery.objects.count()
    assert post(both.secret(both.shared_campaign), both.body(both.shared_campaign, 1)).status_code == 200
    assert work() == 0
    with rls.scope(rls.SYSTEM):
        assert Delivery.objects.count() == before


def test_deliveries_of_the_dedicated_workspace_that_wait_are_dropped(both, post, work):  # noqa: F811
    post(both.secret(both.own_campaign), both.body(both.own_campaign, 20))
    post(both.secret(both.own_campaign), both.body(both.own_campaign, 21, campaign_id="unknown"))
    request(both)
    assert removal.remove(both.acme.pk, batches=None)
    work()
    with rls.scope(rls.SYSTEM):
        assert not Pending.objects.exists() and not Held.objects.exists()
        assert not Contact.objects.filter(email__startswith=SECRET_WORD).exists()


def test_a_worker_that_records_after_the_request_leaves_nothing_behind(both, post, work):  # noqa: F811
    """Between request and removal the worker still runs: mails without a campaign go to the organization, and with it."""
    post(
        both.secret(both.own_campaign),
        both.body(both.own_campaign, 25, campaign_id=None, event_type="untracked_reply_received"),
    )
    request(both)
    work()
    assert removal.remove(both.acme.pk, batches=None)
    assert set(everything_with(SECRET_WORD)) == {"campaigns_campaign", "accounts_emailaccount"}


def test_a_sync_keeps_the_campaign_in_the_house_and_brings_nothing_back(both, workspace, sync):
    workspace(both.shared, campaigns=[])
    removed(both)
    sync(both.shared)
    with rls.scope(rls.SYSTEM):
        kept = Campaign.objects.get(pk=both.shared_campaign.pk)
        assert kept.organization.is_house and kept.removed_at is not None
        assert EmailAccount.objects.get(address__startswith=SECRET_WORD).organization.is_house
        assert Organization.objects.count() == 2


def test_a_removed_campaign_is_assigned_to_nobody_again(both):
    removed(both)
    with pytest.raises(CannotMove, match="removed"):
        move_campaign(both.shared_campaign.pk, both.globex.pk, now=NOW, actor_name="test")


def test_nothing_can_be_assigned_to_an_organization_that_is_being_removed(both):
    request(both)
    with pytest.raises(CannotMove, match="is being removed"):
        move_campaign(both.theirs.pk, both.acme.pk, now=NOW, actor_name="test")


@pytest.mark.parametrize("batches", [1, 2, 5])
def test_a_run_that_ends_at_its_limit_or_is_killed_is_continued(both, monkeypatch, batches):
    monkeypatch.setattr(removal, "BATCH", 2)
    before = rows_of(both.globex.pk)
    request(both)
    runs = 0
    while not removal.remove(both.acme.pk, batches=batches):
        runs += 1
        assert runs < 300
    assert runs > 3
    assert rows_of(both.globex.pk) == before
    assert set(everything_with(SECRET_WORD)) == {"campaigns_campaign", "accounts_emailaccount"}
    assert removal.remove(both.acme.pk), "again: it is gone already"


def test_the_organization_stays_while_one_row_is_left(both, monkeypatch):
    """Simulates a table that was forgotten in the order of removal."""
    request(both)
    monkeypatch.setattr(removal, "TABLES", tuple(model for model in TABLES if model is not Contact))
    with pytest.raises(ProtectedError):
        removal.remove(both.acme.pk, batches=None)
    with rls.scope(rls.SYSTEM):
        assert Organization.objects.filter(pk=both.acme.pk).exists()


def test_the_job_waits_for_the_web_processes_to_forget_the_secret(both):
    now = timezone.now()
    request_removal(both.acme.pk, confirmation=both.acme.name, now=now, actor_name="test")
    assert removal.due(now=now + timedelta(seconds=100)) == []
    assert removal.due(now=now + removal.SETTLE) == [both.acme.pk]
    tasks.remove_organizations(0)
    with rls.scope(rls.SYSTEM):
        assert Organization.objects.filter(pk=both.acme.pk).exists()
        Organization.objects.filter(pk=both.acme.pk).update(removal_requested_at=now - removal.SETTLE)
    tasks.remove_organizations(0)
    with rls.scope(rls.SYSTEM):
        assert not Organization.objects.filter(pk=both.acme.pk).exists()


def test_a_sync_that_runs_is_waited_for(both):
    request(both)
    with connection_lock(both.own.pk, both.own.name):
        assert not removal.remove(both.acme.pk, batches=None)
    assert removal.remove(both.acme.pk, batches=None)


def test_an_organization_without_a_removal_request_is_left_alone(both):
    before = rows_of(both.acme.pk)
    assert not removal.remove(both.acme.pk, batches=None)
    assert rows_of(both.acme.pk) == before


@pytest.mark.parametrize("said", ["", "acme", "Globex", f"ACME-{SECRET_WORD.upper()}"])
def test_a_confirmation_that_is_not_the_exact_name_changes_nothing(both, said):
    with pytest.raises(RemovalRefused, match="does not match"):
        request_removal(both.acme.pk, confirmation=said, now=NOW)
    with rls.scope(rls.SYSTEM):
        assert Organization.objects.get(pk=both.acme.pk).is_active


def test_the_house_is_refused(both, house):
    with pytest.raises(RemovalRefused, match="own organization"):
        request_removal(house.pk, confirmation=house.name, now=NOW)
    with rls.scope(rls.SYSTEM), connections["default"].cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_organization SET removal_requested_at = now() - interval '1 day' WHERE is_house"
        )
    assert removal.due(now=NOW) == [] and not removal.remove(house.pk)


def test_campaigns_that_instantly_still_sends_stand_in_the_way(both):
    with rls.scope(rls.SYSTEM):
        Campaign.objects.filter(pk=both.shared_campaign.pk).update(status="active")
    with pytest.raises(RemovalRefused, match="still sends 1 of its campaigns in shared workspaces"):
        request(both)
    assert request(both, while_sending=True).sending == [both.shared_campaign.name]


def test_a_workspace_that_holds_another_organizations_campaign_stands_in_the_way(both):
    with rls.scope(rls.SYSTEM):
        factories.campaign(both.own, "Not theirs", both.globex)
    with pytest.raises(RemovalRefused, match="holds the campaign 'Not theirs' of Globex"):
        request(both)


def test_a_dry_run_counts_everything_and_changes_nothing(both):
    before = rows_of(both.acme.pk)
    out = StringIO()
    call_command("remove_organization", both.acme.slug, "--dry-run", stdout=out)
    said = out.getvalue()
    assert "contacts: 3" in said and "deliveries: 3" in said and "users who log in nowhere else: 1" in said
    assert "acme-own" in said and f"{SECRET_WORD} shared" in said and "Nothing was changed." in said
    assert f"manage.py export_instantly --organization {both.acme.slug}" in said
    assert rows_of(both.acme.pk) == before


def test_the_command_wants_the_name_and_offers_the_export_first(both):
    with pytest.raises(CommandError, match="export_instantly") as refused:
        call_command("remove_organization", both.acme.slug)
    assert f"--confirm {both.acme.name!r}" in str(refused.value)
    out = StringIO()
    call_command("remove_organization", both.acme.slug, "--confirm", both.acme.name, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["requested"] and told["rows"]["messages"] == 12
    with rls.scope(rls.SYSTEM):
        assert Organization.objects.get(pk=both.acme.pk).removal_requested_at is not None


def test_counts_of_the_plan_are_those_of_the_tables(both):
    plan = plan_of(both.acme)
    with rls.scope(rls.SYSTEM):
        assert plan.rows["conversations"] == Conversation.objects.filter(organization=both.acme).count() == 3
        assert plan.rows["events"] == Event.objects.filter(organization=both.acme).count()
    assert plan.total == sum(plan.rows.values()) and plan.returned == [both.shared_campaign.name]


def test_staff_actions_of_its_workspace_go_too(both, admin):
    with rls.scope(rls.SYSTEM):
        StaffAction.objects.create(
            kind="sync",
            connection=both.own,
            target_id=uuid4(),
            target_name=SECRET_WORD,
            actor=admin,
            actor_name=admin.email,
        )
    removed(both)
    with rls.scope(rls.SYSTEM):
        assert not StaffAction.objects.exists()
