"""Transfer of a campaign to another organization: the same rows as if assigned from the start."""

import random
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, connections

from accounts.models import AuditEntry, EmailAccount, Organization
from accounts.models.organization import HOUSE_ID
from campaigns.models import Campaign
from instantly.processing.batch import number_events, process_pending
from instantly.webhooks.store import store_raw
from messaging.campaign_transfer import CannotMove, move_campaign, move_email_account
from messaging.inbox.recount import differences
from messaging.models import Contact, DailyStats, Event, Message, MessageSearch, Suppression
from messaging.verdicts import set_verdict
from salesbrain import rls
from tests import factories
from tests.factories import NOON
from tests.instantly.processing.test_any_order import EMPTY, STATE, rows, some_deliveries
from tests.recount import RECOUNT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

COMPARED = {name: query for name, query in STATE.items() if name != "suppressions"}
SUPPRESSED = "SELECT organization_id, email, reason FROM messaging_suppression"


def work(limit=10_000):
    while process_pending(limit):
        pass


@pytest.mark.parametrize("seed", range(5))
def test_transfers_during_processing_end_as_if_assigned_from_the_start(seed, acme, globex, house, shared_connection):
    dice = random.Random(seed)
    homes = [HOUSE_ID, acme.pk, globex.pk]
    final = dice.choices(homes, k=3)
    campaigns = [
        factories.campaign(shared_connection, f"C{n}", house, provider_id=f"c{n}", id=UUID(int=n + 1, version=4))
        for n in range(3)
    ]
    deliveries = some_deliveries(dice, [c.provider_id for c in campaigns], shared_connection.workspace_id, 120)

    def run(moving: bool) -> dict[str, list[str]]:
        with connections["owner"].cursor() as owner:
            owner.execute(EMPTY)
            owner.execute(
                "UPDATE campaigns_campaign SET status = 'active', status_at = NULL, organization_id = %s", [HOUSE_ID]
            )
        dice.shuffle(deliveries)
        for campaign, home in zip(campaigns, final, strict=True):
            if not moving:
                move_campaign(campaign.pk, home, now=NOON)
        for number, body in enumerate(deliveries):
            store_raw(shared_connection.pk, body)
            if moving and number % 9 == 0:
                process_pending(dice.choice((1, 5, 60)))
                move_campaign(dice.choice(campaigns).pk, dice.choice(homes), now=NOON)
        work()
        for campaign, home in zip(campaigns, final, strict=True):
            move_campaign(campaign.pk, home, now=NOON)
        end = {name: rows(query) for name, query in COMPARED.items()} | {"suppressed": rows(SUPPRESSED)}
        assert end["stats"] == rows(RECOUNT)
        assert list(differences()) == []
        return end

    still, moved = run(moving=False), run(moving=True)
    assert len(moved["events"]) == len(deliveries)
    assert set(still.pop("suppressed")) <= set(moved.pop("suppressed")), "suppressions stay in old homes too"
    for name, expected in still.items():
        assert moved[name] == expected, name


def test_moving_while_workers_run_loses_nothing(acme, globex, house, shared_connection):
    dice = random.Random(3)
    campaigns = [factories.campaign(shared_connection, f"C{n}", house, provider_id=f"c{n}") for n in range(2)]
    deliveries = some_deliveries(dice, ["c0", "c1"], shared_connection.workspace_id, 400)
    for body in deliveries:
        store_raw(shared_connection.pk, body)
    failures = []

    def until_empty(sizes):
        try:
            while process_pending(sizes.choice((3, 10, 30))):
                pass
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=until_empty, args=[random.Random(n)]) for n in range(2)]
    for thread in threads:
        thread.start()
    for number in range(12):
        move_campaign(campaigns[number % 2].pk, (acme, globex, house)[number % 3].pk, now=NOON)
    for thread in threads:
        thread.join()
    work()
    assert not failures
    with rls.scope(rls.SYSTEM):
        assert Event.objects.count() == len(deliveries)
        models: tuple[Any, ...] = (Event, Message, DailyStats)
        for model in models:
            for campaign in Campaign.objects.all():
                assert set(model.objects.filter(campaign=campaign).values_list("organization_id", flat=True)) <= {
                    campaign.organization_id
                }
    assert rows(STATE["stats"]) == rows(RECOUNT)


def delivered(shared_connection, campaign, type, **changes):
    import orjson

    body = {
        "timestamp": "2026-07-10T12:00:00.000Z",
        "event_type": type,
        "workspace": shared_connection.workspace_id,
        "campaign_id": campaign.provider_id,
        "lead_email": "lead@lead.example",
        "firstName": "Ada",
        "step": 1,
        "variant": 1,
        "email_account": "a@sender.example",
    } | changes
    store_raw(shared_connection.pk, orjson.dumps(body))
    work()


def test_all_rows_of_a_campaign_move_to_the_organization(acme, customer, shared_connection, house):
    campaign = factories.campaign(shared_connection)
    delivered(shared_connection, campaign, "email_sent", email_subject="Hello", email_html="<p>Hello</p>")
    delivered(shared_connection, campaign, "lead_unsubscribed", timestamp="2026-07-11T12:00:00.000Z")
    message = Message
    with rls.scope(rls.SYSTEM):
        sent = Message.objects.get()
        MessageSearch.objects.create(
            id=sent.pk, organization=house, campaign_id=campaign.pk, contact_id=sent.contact_id, direction="out",
            sent_at=NOON, version=1, search="hello",
        )  # fmt: skip

    moved = move_campaign(campaign.pk, acme.pk, now=NOON, actor_name="ada")

    assert (moved.events, moved.messages, moved.people) == (2, 1, 1)
    with rls.scope(rls.customer(acme.pk)):
        assert [c.assigned_at for c in Campaign.objects.all()] == [NOON]
        assert message.objects.get().pk == sent.pk, "ids stay"
        assert Contact.objects.get().first_name == "Ada"
        assert MessageSearch.objects.get().contact_id == Contact.objects.get().pk
        assert sum(DailyStats.objects.values_list("sent", flat=True)) == 1
        assert Suppression.objects.get().email == "lead@lead.example"
        assert Event.objects.count() == 2
    with rls.scope(rls.SYSTEM):
        assert not Contact.objects.filter(organization=house).exists(), "left with nothing, gone"
        assert Suppression.objects.filter(organization=house).exists(), "stays in both"
        audit = AuditEntry.objects.get(action="campaign.assign")
    assert (audit.actor_name, audit.organization_id, audit.detail["events"]) == ("ada", acme.pk, 2)


def test_moved_events_come_into_the_new_organizations_feed(acme, house, shared_connection):
    campaign, other = factories.campaign(shared_connection), factories.campaign(shared_connection, organization=acme)
    delivered(shared_connection, campaign, "email_sent")
    delivered(shared_connection, other, "email_sent", timestamp="2026-07-12T12:00:00.000Z")
    number_events()
    with rls.scope(rls.customer(acme.pk)):
        cursor = Event.objects.get().position

    move_campaign(campaign.pk, acme.pk, now=NOON)
    number_events()

    with rls.scope(rls.customer(acme.pk)):
        assert Event.objects.filter(position__gt=cursor).get().campaign_id == campaign.pk


def verdicts_of(organization) -> tuple[list[str], str | None]:
    """Return staff's decisions on the only contact of an organization in the order of the log, and the current one."""
    with rls.scope(rls.customer(organization.pk)):
        history = Event.objects.filter(origin="staff").order_by("id").values_list("detail", flat=True)
        return list(history), Contact.objects.get().staff_interest


def give_verdict(organization, operator, verdict, hour) -> None:
    with rls.scope(rls.SYSTEM):
        person = Contact.objects.get(organization=organization)
    assert set_verdict(person, verdict, now=NOON + timedelta(hours=hour), actor=operator)


def test_a_contact_with_only_a_phone_number_keeps_the_number(acme, house, shared_connection):
    campaign = factories.campaign(shared_connection, "C", provider_id="c")
    told = {"workspace": shared_connection.workspace_id, "campaign_id": "c", "lead_email": "lead@lead.example"}
    for name, minute, facts in (
        ("email_sent", 0, {"phone": "+49 30 1", "website": "lead.example", "step": 1, "variant": 1}),
        ("email_opened", 5, {"step": 1, "variant": 1}),
    ):
        at = (NOON + timedelta(minutes=minute)).isoformat()
        store_raw(shared_connection.pk, orjson.dumps({"event_type": name, "timestamp": at} | told | facts))
    work()
    known = "email", "first_name", "last_name", "company", "phone", "website", "named_at"
    with rls.scope(rls.SYSTEM):
        before = Contact.objects.values_list(*known).get()
    assert before[-3:] == ("+49 30 1", "lead.example", NOON)
    for owner in (acme, house):
        move_campaign(campaign.pk, owner.pk, now=NOON)
        with rls.scope(rls.SYSTEM):
            assert Contact.objects.values_list(*known).get() == before


def test_staff_verdicts_move_with_their_history(acme, house, shared_connection, operator):
    campaign = factories.campaign(shared_connection)
    delivered(shared_connection, campaign, "email_sent")
    for hour, verdict in enumerate(("lead_interested", None, "lead_closed")):
        give_verdict(house, operator, verdict, hour)
    move_campaign(campaign.pk, acme.pk, now=NOON)
    assert verdicts_of(acme) == (["lead_interested", "", "lead_closed"], "lead_closed")
    with rls.scope(rls.SYSTEM):
        person = Contact.objects.get()
        assert not Event.objects.filter(organization=house).exists(), "nobody is left there"
    assert (person.staff_interest_at, person.interest) == (NOON + timedelta(hours=2), None)


def test_shared_contact_keeps_staff_interest_after_transfer(acme, house, shared_connection, operator):
    moved, kept = factories.campaign(shared_connection, "Moved"), factories.campaign(shared_connection, "Kept")
    for campaign in (moved, kept):
        delivered(shared_connection, campaign, "email_sent")
    give_verdict(house, operator, "lead_closed", 0)
    move_campaign(moved.pk, acme.pk, now=NOON)
    assert verdicts_of(acme) == verdicts_of(house) == (["lead_closed"], "lead_closed")
    give_verdict(acme, operator, "lead_no_show", 1)
    move_campaign(moved.pk, house.pk, now=NOON)
    assert verdicts_of(house) == (["lead_closed", "lead_no_show"], "lead_no_show")


def test_of_two_merged_histories_the_latest_verdict_counts(acme, house, shared_connection, operator):
    moved = factories.campaign(shared_connection, "Moved")
    known = factories.campaign(shared_connection, "Known", organization=acme)
    for campaign in (moved, known):
        delivered(shared_connection, campaign, "lead_interested")
    give_verdict(house, operator, "lead_closed", 0)
    give_verdict(acme, operator, "lead_no_show", 1)
    give_verdict(acme, operator, None, 2)
    move_campaign(moved.pk, acme.pk, now=NOON)
    history, holds = verdicts_of(acme)
    assert (sorted(history), holds) == (["", "lead_closed", "lead_no_show"], None), "cleared after both"
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.get().interest == "lead_interested", "the provider's is its own"


def test_a_staff_verdict_does_not_set_first_seen(acme, house, shared_connection, operator):
    campaign = factories.campaign(shared_connection)
    delivered(shared_connection, campaign, "email_sent")
    give_verdict(house, operator, "lead_closed", -48)
    move_campaign(campaign.pk, acme.pk, now=NOON)
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.get().first_seen_at == NOON


def test_a_transfer_to_the_same_organization_changes_nothing(acme, house, shared_connection):
    campaign = factories.campaign(shared_connection)
    move_campaign(campaign.pk, acme.pk, now=NOON)
    assert not move_campaign(campaign.pk, acme.pk, now=NOON).changed
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="campaign.assign").count() == 1


def test_a_dedicated_workspaces_campaign_cannot_be_given_to_others(acme_connection, globex):
    campaign = factories.campaign(acme_connection)
    account = factories.email_account(acme_connection)
    with pytest.raises(CannotMove, match="dedicated to another organization"):
        move_campaign(campaign.pk, globex.pk, now=NOON)
    with pytest.raises(CannotMove):
        move_email_account(account.pk, globex.pk, now=NOON)


def test_an_unknown_organization_or_campaign_is_an_error(acme, shared_connection, house):
    campaign = factories.campaign(shared_connection)
    with pytest.raises(Organization.DoesNotExist):
        move_campaign(campaign.pk, UUID(int=5), now=NOON)
    with pytest.raises(Campaign.DoesNotExist):
        move_campaign(UUID(int=5), acme.pk, now=NOON)


def test_an_email_account_is_given_away_and_back(acme, house, shared_connection):
    account = factories.email_account(shared_connection)
    assert move_email_account(account.pk, acme.pk, now=NOON)
    assert not move_email_account(account.pk, acme.pk, now=NOON)
    with rls.scope(rls.customer(acme.pk)):
        assert EmailAccount.objects.get().pk == account.pk
    assert move_email_account(account.pk, HOUSE_ID, now=NOON)
    with rls.scope(rls.customer(acme.pk)):
        assert not EmailAccount.objects.exists()
