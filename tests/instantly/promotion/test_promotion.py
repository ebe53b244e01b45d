"""Promotion out of a shared workspace: what moves, what stays, what is refused, undo and confirmation."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection as database
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEntry, EmailAccount, Organization, ProviderConnection
from campaigns.models import Campaign
from instantly.actions.promotion import work as promotion_work
from instantly.actions.promotion.candidates import candidates
from instantly.actions.promotion.requests import CannotPromote, confirm, request_continue, request_undo
from instantly.client.errors import InstantlyError
from instantly.models import Promotion
from instantly.sync.lock import SyncRunning, connection_lock
from messaging.campaign_transfer import move_campaign, move_email_account
from messaging.models import Contact, DailyStats, Event, Message
from salesbrain import rls
from tests import factories
from tests.instantly.promotion.conftest import ANNA, BEN, BOTH, GLO, Cast
from tests.instantly.webhooks.conftest import fresh_secrets, post, work

__all__ = ["fresh_secrets", "post", "work"]  # fixtures

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]

BEFORE = {ANNA: ("shared", "Acme"), BEN: ("shared", "House"), BOTH: ("shared", "House"), GLO: ("shared", "Globex")}
AFTER = {**BEFORE, ANNA: ("acme", "Acme"), BEN: ("acme", "Acme")}


def stored(promotion: Promotion) -> Promotion:
    with rls.scope(rls.SYSTEM):
        return Promotion.objects.get(pk=promotion.pk)


def rows_of(organization: Organization) -> dict[str, list[Any]]:
    """Return everything of an organization that a promotion of another one must not touch."""
    with rls.scope(rls.SYSTEM):
        models: tuple[Any, ...] = (Campaign, EmailAccount, Contact, Message, Event, DailyStats)
        return {
            model.__name__: list(model._default_manager.filter(organization=organization).order_by("pk").values())
            for model in models
        }


def undone(cast: Cast, promotion: Promotion) -> Promotion:
    with rls.scope(rls.SYSTEM):
        request_undo(stored(promotion), actor=cast.boss, actor_name="boss", now=timezone.now())
    return cast.run(promotion)


# --- what may be taken ------------------------------------------------------------------------------------------------


def test_an_account_that_somebody_elses_campaign_sends_from_cannot_be_taken(cast: Cast) -> None:
    with rls.scope(rls.SYSTEM):
        there = candidates(cast.acme, cast.shared)
    found = {
        one.account.address: (one.is_free, one.is_house, [row.name for row in one.used_by]) for one in there.accounts
    }
    assert found == {
        ANNA: (True, False, []),
        BEN: (True, True, []),
        BOTH: (False, True, ["Globex secret"]),
    }, (
        "the agency's own account goes along only where the customer's campaigns alone send from it; Globex's is not even listed"
    )
    assert [one.campaign.name for one in there.campaigns] == ["Acme autumn", "Acme spring"]


def test_nothing_of_another_customer_can_be_chosen(cast: Cast) -> None:
    with rls.scope(rls.SYSTEM):
        keys = dict(EmailAccount.objects.values_list("address", "pk"))
    secret = cast.campaign("Globex secret").pk
    before = rows_of(cast.globex)
    for wrong in (
        {"accounts": {keys[GLO]}}, {"accounts": {keys[BOTH]}}, {"accounts": {uuid4()}}, {"copied": {secret}}, {"paused": {secret}},
    ):  # fmt: skip
        with pytest.raises(CannotPromote, match="cannot be taken"):
            cast.begin(**wrong)
    with rls.scope(rls.SYSTEM):
        assert not Promotion.objects.exists()
    assert rows_of(cast.globex) == before and cast.accounts() == BEFORE


REFUSALS = {
    "another customer's workspace": ("theirs", "is not dedicated to Acme"),
    "a dedicated source": ("dedicated", "is no shared workspace"),
    "the house": ("house", "is the agency itself"),
    "an inactive customer": ("inactive", "switched off or being removed"),
    "no admin key": ("keyless", "admin workspace"),
    "nothing chosen": ("nothing", "Choose at least one"),
    "an unknown connection": ("unknown", "There is no such customer or workspace"),
    "a switched-off workspace": ("off", "is switched off"),
}


@pytest.mark.parametrize(("case", "said"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_promoted_is_refused_with_the_reason(
    cast: Cast, globex_connection: Any, case: str, said: str
) -> None:
    changes: dict[str, Any] = {
        "theirs": {"destination_id": globex_connection.pk},
        "dedicated": {"source_id": cast.own.pk},
        "house": {"organization_id": factories.house().pk},
        "keyless": {"admin_id": None},
        "nothing": {"accounts": set(), "copied": set()},
        "unknown": {"destination_id": uuid4()},
    }.get(case, {})
    with rls.scope(rls.SYSTEM):
        if case == "inactive":
            Organization.objects.filter(pk=cast.acme.pk).update(is_active=False)
        if case == "off":
            ProviderConnection.objects.filter(pk=cast.own.pk).update(is_active=False)
    with pytest.raises(CannotPromote, match=said):
        cast.begin(**changes)
    with rls.scope(rls.SYSTEM):
        assert not Promotion.objects.exists()


def test_a_customer_has_one_open_promotion_at_a_time(cast: Cast) -> None:
    promotion = cast.begin()
    with pytest.raises(CannotPromote, match="still open"):
        cast.begin()
    cast.run(promotion)
    with pytest.raises(CannotPromote, match="still open"):
        cast.begin()


# --- what it does -----------------------------------------------------------------------------------------------------


def test_accounts_move_campaigns_stay_with_their_history_and_are_copied(cast: Cast, sync: Any) -> None:
    spring = cast.campaign("Acme spring")
    factories.message(spring)
    factories.daily_stats(spring, sent=7)
    others = rows_of(cast.globex)
    history = {name: rows for name, rows in rows_of(cast.acme).items() if name not in ("Campaign", "EmailAccount")}

    promotion = cast.run(cast.begin())

    assert promotion.state == "done", promotion.outcome
    assert cast.accounts() == AFTER
    assert cast.at_instantly() == {"shared": {BOTH, GLO}, "acme": {ANNA, BEN}, "head": set()}
    assert cast.statuses() == {"Acme spring": 2, "Acme autumn": 2, "Globex secret": 1}
    old = cast.campaign("Acme spring")
    assert (old.pk, old.provider_id, old.connection, old.organization) == (
        spring.pk,
        spring.provider_id,
        cast.shared,
        cast.acme,
    )
    copy = cast.campaign("Acme spring", cast.own)
    assert (copy.organization, copy.status, copy.senders) == (cast.acme, "draft", [ANNA, BEN])
    assert copy.sequences == old.sequences and copy.schedule == old.schedule
    now_there = {name: rows for name, rows in rows_of(cast.acme).items() if name not in ("Campaign", "EmailAccount")}
    assert now_there == history, "messages, contacts, events and stats stay as they are"
    assert rows_of(cast.globex) == others

    for one in (cast.shared, cast.own):
        assert sync(one).status == "succeeded"
    assert cast.accounts() == AFTER, "the next syncs find nothing twice and nothing missing"
    assert rows_of(cast.globex)["Campaign"][0]["missing_since"] is None


def test_a_sync_is_queued_and_the_audit_log_names_everything(cast: Cast) -> None:
    cast.run(cast.begin())
    with rls.scope(rls.SYSTEM):
        jobs = list(
            ProcrastinateJob.objects.filter(task_name="instantly.tasks.sync_one").values_list("args", flat=True)
        )
        moved = list(AuditEntry.objects.filter(action="email_account.promote").order_by("id"))
        (begun,) = AuditEntry.objects.filter(action="workspace.promote")
    assert {job["connection_id"] for job in jobs} == {str(cast.shared.pk), str(cast.own.pk)}
    assert begun.detail["accounts"] == 2 and begun.actor_id == cast.boss.pk and begun.organization_id == cast.acme.pk
    assert [entry.detail["connection"] for entry in moved] == [
        {"from": str(cast.shared.pk), "to": str(cast.own.pk)}
    ] * 2
    with database.cursor() as cursor, rls.scope(rls.SYSTEM):
        cursor.execute("SELECT count(*) FROM accounts_auditentry WHERE detail::text LIKE '%%key-%%'")
        assert cursor.fetchone() == (0,)


def test_the_key_of_a_connection_that_acts_as_the_shared_workspace_moves_the_accounts(cast: Cast, sync: Any) -> None:
    with rls.scope(rls.SYSTEM):
        cast.shared.set_api_key(cast.head.api_key)
        cast.shared.acts_as_workspace = cast.shared.workspace_id
        cast.shared.save()
    assert sync(cast.shared).status == "succeeded"
    assert cast.run(cast.begin(admin_id=cast.shared.pk)).state == "done"
    assert cast.accounts() == AFTER


def test_a_row_that_the_customers_sync_made_meanwhile_is_not_kept_beside_the_old_one(cast: Cast, sync: Any) -> None:
    with rls.scope(rls.SYSTEM):
        anna = EmailAccount.objects.get(address=ANNA)
        EmailAccount.objects.filter(pk=anna.pk).update(status_reason="known for years")
    promotion = cast.begin()
    shared, own = cast.spaces["shared"], cast.spaces["acme"]
    own.accounts.add(shared.accounts.remove(ANNA))  # a person moved it in Instantly's own app
    sync(cast.own)
    assert cast.run(promotion).state == "done"
    assert cast.accounts() == AFTER
    with rls.scope(rls.SYSTEM):
        assert EmailAccount.objects.get(address=ANNA).pk == anna.pk


def test_repeating_a_finished_promotion_changes_nothing(cast: Cast) -> None:
    promotion = cast.run(cast.begin())
    for state in ("done", "running"):
        with rls.scope(rls.SYSTEM):
            Promotion.objects.filter(pk=promotion.pk).update(state=state)
        assert cast.run(promotion).state == "done"
    assert cast.accounts() == AFTER and list(cast.statuses("acme")) == ["Acme spring"]


def test_what_changed_meanwhile_stays_and_is_named(cast: Cast) -> None:
    promotion = cast.begin()
    now = timezone.now()
    with rls.scope(rls.SYSTEM):
        anna = EmailAccount.objects.get(address=ANNA).pk
    move_email_account(anna, cast.globex.pk, now=now)
    move_campaign(cast.campaign("Acme spring").pk, cast.globex.pk, now=now)
    before = rows_of(cast.globex)
    promotion = cast.run(promotion)
    assert promotion.state == "done"
    assert cast.accounts()[ANNA] == ("shared", "Globex") and ANNA in cast.at_instantly()["shared"]
    assert cast.accounts()[BEN] == ("shared", "House"), "Globex's campaign sends from it now"
    assert cast.statuses()["Acme spring"] == 1 and cast.statuses("acme") == {}
    assert len(promotion.left) == 4 and any("Acme spring" in str(one) for one in promotion.left)
    assert rows_of(cast.globex) == before


# --- what stops it ----------------------------------------------------------------------------------------------------


def test_workspaces_outside_of_the_group_stop_it_before_anything_is_changed(cast: Cast) -> None:
    for member in list(cast.fake.simulation.group_members):
        if member["sub_workspace_id"] == cast.own.workspace_id:
            member["status"] = "pending"
    promotion = cast.begin()
    with pytest.raises(CannotPromote, match=r"Not in the workspace group of head: acme"):
        cast.run(promotion)
    assert (stored(promotion).state, stored(promotion).journal) == ("stopped", {})
    assert cast.accounts() == BEFORE and cast.statuses()["Acme spring"] == 1


def test_a_key_of_another_workspace_stops_it_before_anything_is_changed(
    cast: Cast, globex_connection: Any, workspace: Any
) -> None:
    workspace(globex_connection, accounts=[], campaigns=[])
    with rls.scope(rls.SYSTEM):
        cast.own.set_api_key(globex_connection.api_key)
        cast.own.save()
    promotion = cast.begin()
    with pytest.raises(InstantlyError):
        cast.run(promotion)
    assert stored(promotion).state == "stopped" and cast.accounts() == BEFORE


@pytest.mark.parametrize("path", ["*/accounts/move", "*/pause", "*/campaigns"])
def test_a_lost_answer_is_looked_up_and_nothing_is_done_twice(cast: Cast, path: str) -> None:
    cast.fake.faults.add("reset", method="POST", path=path, done=True)
    assert cast.run(cast.begin()).state == "done"
    assert cast.accounts() == AFTER and list(cast.statuses("acme")) == ["Acme spring"]


@pytest.mark.parametrize("path", ["*/accounts/move", "*/pause", "*/campaigns"])
def test_an_unknown_outcome_stops_it_and_it_continues(cast: Cast, path: str) -> None:
    fault = cast.fake.faults.add("reset", method="POST", path=path)
    promotion = cast.begin()
    with pytest.raises(InstantlyError) as unknown:
        cast.run(promotion)
    assert unknown.value.uncertain and fault.used == 1
    assert stored(promotion).state == "stopped"
    with rls.scope(rls.SYSTEM):
        request_continue(stored(promotion), now=timezone.now())
    assert cast.run(promotion).state == "done"
    assert cast.accounts() == AFTER and list(cast.statuses("acme")) == ["Acme spring"]


def test_a_second_run_at_the_same_time_is_refused_and_leaves_the_first_alone(cast: Cast) -> None:
    promotion = cast.begin()
    with (
        connection_lock(cast.shared.pk, "shared", purpose="promotion"),
        pytest.raises(SyncRunning, match="promotion out of"),
    ):
        cast.run(promotion)
    assert stored(promotion).state == "running"
    assert cast.run(promotion).state == "done"


def test_a_sync_that_does_not_end_stops_it(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(promotion_work, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(promotion_work, "PATIENCE", 0.05)
    promotion = cast.begin()
    with connection_lock(cast.own.pk, "acme"), pytest.raises(SyncRunning, match="sync of acme"):
        cast.run(promotion)
    assert stored(promotion).state == "stopped" and cast.accounts() == BEFORE


# --- undo and confirmation --------------------------------------------------------------------------------------------


def test_undo_brings_everything_back(cast: Cast, sync: Any) -> None:
    others = rows_of(cast.globex)
    promotion = undone(cast, cast.run(cast.begin()))
    assert (promotion.state, promotion.left) == ("undone", [])
    assert cast.accounts() == BEFORE and cast.statuses()["Acme spring"] == 1 and cast.statuses("acme") == {}
    assert rows_of(cast.globex) == others
    for one in (cast.shared, cast.own):
        sync(one, believe_empty=True)
    assert cast.accounts() == BEFORE
    assert cast.run(cast.begin()).state == "done", "and it can be done again"


def test_undo_leaves_a_copy_that_somebody_works_with_and_its_senders(cast: Cast) -> None:
    promotion = cast.run(cast.begin())
    cast.spaces["acme"].campaigns.get(cast.campaign("Acme spring", cast.own).provider_id)["status"] = 1
    promotion = undone(cast, promotion)
    assert promotion.state == "undone" and len(promotion.left) == 3
    assert cast.accounts()[ANNA] == ("acme", "Acme") and cast.statuses("acme") == {"Acme spring": 1}


def test_undo_does_not_move_back_what_a_person_moved(cast: Cast) -> None:
    promotion = cast.begin()
    cast.spaces["acme"].accounts.add(cast.spaces["shared"].accounts.remove(ANNA))
    promotion = undone(cast, cast.run(promotion))
    assert cast.accounts()[ANNA] == ("acme", "Acme") and cast.accounts()[BEN] == ("shared", "House")
    assert len(promotion.left) == 1


def test_undo_does_not_start_what_somebody_else_paused_or_completed(cast: Cast) -> None:
    promotion = cast.run(cast.begin())
    next(row for row in cast.spaces["shared"].campaigns if row["name"] == "Acme spring")["status"] = 3
    promotion = undone(cast, promotion)
    assert promotion.state == "undone" and cast.statuses()["Acme spring"] == 3 and len(promotion.left) == 1


def test_a_stopped_promotion_is_undone_as_far_as_it_came(cast: Cast) -> None:
    cast.fake.faults.add("status", method="POST", path="*/export", status=403)
    promotion = cast.begin()
    with pytest.raises(InstantlyError):
        cast.run(promotion)
    assert cast.accounts() == AFTER
    assert undone(cast, promotion).state == "undone"
    assert cast.accounts() == BEFORE and cast.statuses()["Acme spring"] == 1


def test_a_confirmed_promotion_cannot_be_undone_and_frees_the_customer(cast: Cast) -> None:
    promotion = cast.run(cast.begin(copied=set(), paused=set()))
    with rls.scope(rls.SYSTEM):
        confirm(stored(promotion), actor=cast.boss, actor_name="boss", now=timezone.now())
        for again in (confirm, request_undo):
            with pytest.raises(CannotPromote):
                again(stored(promotion), actor=cast.boss, actor_name="boss", now=timezone.now())
        with pytest.raises(CannotPromote):
            request_continue(stored(promotion), now=timezone.now())
    assert (stored(promotion).state, cast.accounts()) == ("confirmed", AFTER)
    assert cast.run(cast.begin(accounts=set())).state == "done", "what was left out can be promoted later"


# --- attack -----------------------------------------------------------------------------------------------------------


def test_a_delivery_of_the_customers_workspace_reaches_nothing_in_the_shared_one(
    cast: Cast, post: Any, work: Any
) -> None:
    """After the promotion Acme's own feed may name campaigns of the shared workspace: its old one, or Globex's by malice."""
    cast.run(cast.begin())
    before = rows_of(cast.globex)
    secret = factories.webhook_secret(cast.own)
    for name in ("Globex secret", "Acme spring"):
        body = {
            "event_type": "email_sent", "timestamp": "2026-07-10T09:00:00.000Z", "workspace": cast.own.workspace_id,
            "campaign_id": cast.campaign(name).provider_id, "campaign_name": name, "lead_email": "lead@lead.example", "step": 1,
            "variant": 1, "email_account": ANNA,
        }  # fmt: skip
        assert post(secret, body).status_code == 200
    work()
    assert rows_of(cast.globex) == before
    with rls.scope(rls.customer(cast.globex.pk)):
        assert not EmailAccount.objects.filter(address=ANNA).exists()
    with rls.scope(rls.customer(cast.acme.pk)):
        assert set(EmailAccount.objects.values_list("address", flat=True)) == {ANNA, BEN}
