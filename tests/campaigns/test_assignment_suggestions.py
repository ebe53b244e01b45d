"""Suggested customers for unassigned campaigns, with reasons, and proposed rules."""

from typing import Any

import pytest

from campaigns.assignment_suggestions import Evidence, Reason, lead_in
from campaigns.models import AssignmentRule
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db

NAMES = [
    ("ACME – Q3", "ACME"),
    ("[ACME] Q3", "[ACME"),
    ("Blue Sky | wave", "Blue Sky"),
    ("Acme wave 1", "Acme"),
    ("E-Mail", ""),
    ("Q3", ""),
    ("   ", ""),
    ("", ""),
    ("– – –", "")
]  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), NAMES, ids=lambda value: repr(value))
def test_what_a_name_begins_with(name: str, expected: str) -> None:
    assert lead_in(name) == expected


def suggested(connection: Any) -> dict[str, tuple[Any, Reason]]:
    with rls.scope(rls.SYSTEM):
        evidence = Evidence(connection.pk)
        found = evidence.suggest(evidence.unassigned)
        names = {row.pk: row.name for row in evidence.unassigned}
    return {names[pk]: (one.organization_id, one.reason) for pk, one in found.items()}


def by_hand(connection: Any, organization: Any, name: str, **fields: Any) -> Any:
    return factories.campaign(connection, name, organization, assigned_at=NOON, **fields)


def test_each_reason_suggests_its_customer(shared_connection, acme, globex, initech):
    by_hand(shared_connection, acme, "AC: wave 1")
    by_hand(shared_connection, acme, "ACX: wave 1")
    by_hand(shared_connection, globex, "Whatever", senders=["a@globex.example"])
    with rls.scope(rls.SYSTEM):
        AssignmentRule.objects.create(connection=shared_connection, organization=acme, kind="tag", value="vip")
    campaigns: tuple[tuple[str, dict[str, Any]], ...] = (
        ("ACX: wave 2", {}),
        ("Nameless", {"senders": ["b@globex.example"]}),
        ("Autumn for Initech GmbH", {}),
        ("Tagged", {"tags": ["VIP"]}),
        ("Nothing says whose", {}),
    )
    for name, fields in campaigns:
        factories.campaign(shared_connection, name, **fields)
    assert suggested(shared_connection) == {
        "ACX: wave 2": (acme.pk, Reason.PREFIX),
        "Nameless": (globex.pk, Reason.DOMAIN),
        "Autumn for Initech GmbH": (initech.pk, Reason.NAME),
        "Tagged": (acme.pk, Reason.RULE),
    }


def test_a_reason_that_fits_two_customers_gives_no_suggestion(shared_connection, acme, globex):
    by_hand(shared_connection, acme, "Cold – 1", senders=["a@shared.example"])
    by_hand(shared_connection, globex, "Cold – 2", senders=["b@shared.example"])
    factories.campaign(shared_connection, "Cold – 3", senders=["c@shared.example"])
    factories.campaign(shared_connection, "Acme and Globex")
    assert suggested(shared_connection) == {}


def test_the_longer_name_wins_over_a_part_of_it(shared_connection, acme):
    north = factories.organization(
        "Acme North",
    )
    factories.campaign(shared_connection, "Q3 Acme North")
    assert suggested(shared_connection) == {"Q3 Acme North": (north.pk, Reason.NAME)}


def test_a_name_inside_of_a_word_is_no_reason(shared_connection, acme):
    factories.campaign(shared_connection, "Acmedia Q3")
    assert suggested(shared_connection) == {}


def test_nothing_is_suggested_for_a_campaign_a_person_kept_or_a_closed_customer(shared_connection, acme):
    factories.campaign(shared_connection, "Acme 1", assigned_at=NOON)
    assert suggested(shared_connection) == {}
    factories.campaign(shared_connection, "Acme 2")
    with rls.scope(rls.SYSTEM):
        acme.is_active = False
        acme.save()
    assert suggested(shared_connection) == {}


def test_the_domain_of_an_assigned_email_account_suggests_its_customer(shared_connection, acme):
    factories.email_account(shared_connection, "one@mail.example", organization=acme)
    factories.campaign(shared_connection, "Nameless", senders=["two@mail.example"])
    assert suggested(shared_connection) == {"Nameless": (acme.pk, Reason.DOMAIN)}


def proposals(connection: Any) -> list[tuple[str, str, Any, int, int]]:
    with rls.scope(rls.SYSTEM):
        found = Evidence(connection.pk).proposals()
        return [(str(one.kind), one.value, one.organization_id, one.count, one.takes) for one in found]


def test_three_times_the_same_by_hand_propose_a_rule(shared_connection, acme):
    for number in (1, 2):
        by_hand(shared_connection, acme, f"ACX – {number}")
    factories.campaign(shared_connection, "ACX – new")
    assert proposals(shared_connection) == []
    by_hand(shared_connection, acme, "acx – 3")
    assert proposals(shared_connection) == [("name_prefix", "ACX", acme.pk, 3, 1)]


def test_a_domain_is_proposed_too(shared_connection, acme):
    for number, name in enumerate(("Alpha", "Beta", "Gamma")):
        by_hand(shared_connection, acme, name, senders=[f"a{number}@acme.example"])
    assert proposals(shared_connection) == [("sender_domain", "acme.example", acme.pk, 3, 0)]


def test_no_rule_is_proposed_that_exists_or_is_contradicted(shared_connection, acme, globex):
    for number in range(3):
        by_hand(shared_connection, acme, f"ACX – {number}")
    other = by_hand(shared_connection, globex, "ACX for Globex")
    assert proposals(shared_connection) == []
    with rls.scope(rls.SYSTEM):
        other.delete()
        AssignmentRule.objects.create(
            connection=shared_connection, organization=acme, kind="name_contains", value="acx"
        )
    assert proposals(shared_connection) == []
