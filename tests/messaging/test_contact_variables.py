"""Custom variables of contacts: limits, latest lead, campaign transfer, erasure, pages and API."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from instantly.erasure import erase_contact
from messaging import contact_variables, identity
from messaging.campaign_transfer import move_campaign
from messaging.contact_variables import LARGEST, LONGEST_NAME, LONGEST_VALUE, MOST, Reason, ReportedVariables, bound
from messaging.models import ContactVariables
from salesbrain import rls
from tests import factories

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def reasons(payload: dict[str, object]) -> dict[str, str]:
    return {entry["name"]: entry["reason"] for entry in bound(payload).left_out}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        pytest.param("list", [1], Reason.NOT_PLAIN, id="a list"),
        pytest.param("object", {"a": 1}, Reason.NOT_PLAIN, id="an object"),
        pytest.param("huge", 10**400, Reason.NOT_PLAIN, id="a number too large"),
        pytest.param("nan", float("nan"), Reason.NOT_PLAIN, id="not a number"),
        pytest.param("text", "x" * (LONGEST_VALUE + 1), Reason.LONG_VALUE, id="a long text"),
        pytest.param("signInToken", "xyz", Reason.SECRET, id="a secret"),
    ],
)
def test_an_odd_value_is_left_out_and_named(name, value, reason):
    assert bound({name: value, "kept": "yes"}).variables == {"kept": "yes"}
    assert reasons({name: value}) == {name: reason.value}


def test_values_at_the_bounds_are_kept():
    payload: dict[str, str | float] = {"n" * LONGEST_NAME: "x" * LONGEST_VALUE, "flag": False, "zero": 0, "half": 0.5}
    assert bound(payload) == contact_variables.BoundedVariables(dict(sorted(payload.items())), ())


def test_empty_values_are_neither_kept_nor_named():
    assert bound({"a": None, "b": "", "c": "\0", "": "x"}) == contact_variables.BoundedVariables({}, ())


def test_number_and_size_are_bounded():
    many = bound({f"v{number:03}": number for number in range(MOST + 7)})
    assert len(many.variables) == MOST and [entry["name"] for entry in many.left_out] == [
        f"v{n:03}" for n in range(MOST, MOST + 7)
    ]
    large = bound({f"v{number:02}": "x" * LONGEST_VALUE for number in range(20)})
    assert sum(len(name) + len(str(value)) for name, value in large.variables.items()) <= LARGEST
    assert large.left_out


def test_half_of_a_surrogate_pair_can_be_stored():
    assert bound({"name": "a\ud800b"}).variables == {"name": "a?b"}


@pytest.fixture
def person(acme_connection):
    campaign = factories.campaign(acme_connection, "Spring")
    return factories.message(campaign, "eva@mill.example").contact, campaign


def told(campaign, email="eva@mill.example", *, at=NOON, **variables) -> int:
    with rls.scope(rls.SYSTEM):
        return contact_variables.store(campaign.pk, [ReportedVariables(email, at, bound(variables))])


def kept(contact_id: UUID) -> dict[str, object] | None:
    with rls.scope(rls.SYSTEM):
        row = ContactVariables.objects.filter(pk=contact_id).first()
        return row and row.variables


@pytest.mark.django_db
def test_the_latest_changed_variables_win_in_any_order(person):
    contact, campaign = person
    assert told(campaign, size="20") == 1
    assert told(campaign, size="20") == 0, "nothing new, nothing written"
    assert told(campaign, at=NOON - timedelta(days=1), size="10") == 0
    assert told(campaign, at=NOON + timedelta(days=1), size="30") == 1
    assert kept(contact.pk) == {"size": "30"}
    assert told(campaign, at=NOON + timedelta(days=2)) == 1 and kept(contact.pk) == {}


@pytest.mark.django_db
def test_variables_of_unknown_contacts_are_not_stored(person):
    assert told(person[1], "stranger@mill.example", size="20") == 0


@pytest.mark.django_db
def test_variables_move_with_their_campaign(shared_connection, acme, globex):
    campaign = factories.campaign(shared_connection, "Spring", organization=acme)
    contact = factories.message(campaign, "eva@mill.example").contact
    told(campaign, size="20")
    move_campaign(campaign.pk, globex.pk, now=timezone.now())
    assert kept(contact.pk) is None
    assert kept(identity.contact_id(globex.pk, "eva@mill.example")) == {"size": "20"}


@pytest.mark.django_db(transaction=True)
def test_an_erasure_deletes_the_variables(person, acme):
    contact, campaign = person
    told(campaign, size="20")
    erase_contact(organization=acme, email="eva@mill.example", now=timezone.now(), actor_name="test")
    assert kept(contact.pk) is None
    with rls.scope(rls.SYSTEM):
        assert not ContactVariables.objects.exists()
    assert told(campaign, size="20") == 0, "the walk brings nothing of them back"


@pytest.mark.django_db
def test_the_customer_sees_variables_on_page_and_in_the_api(person, acme, client, api):
    contact, campaign = person
    told(campaign, industry="Milling <b>", tags=["a"])
    user = factories.customer("owner@acme.example", acme)
    client.force_login(user)
    page = client.get(f"/contacts/{contact.pk}").content.decode()
    assert "Milling &lt;b&gt;" in page and "tags" in page
    answer = api(user).get(f"/api/instantly/contacts/{contact.pk}").json()["data"]
    assert answer["variables"] == {"industry": "Milling <b>"}
    assert answer["variables_left_out"] == [{"name": "tags", "reason": "not_plain"}]
