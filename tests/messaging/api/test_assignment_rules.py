"""API of assignment rules: written and looked at by staff; closed to customers."""

from typing import Any
from uuid import uuid4

import pytest

from campaigns.models import AssignmentRule, Campaign
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/instantly/admin/assignment-rules"


def body(connection: Any, organization: Any, **given: Any) -> dict[str, Any]:
    return {
        "provider_connection_id": str(connection.pk), "organization_id": str(organization.pk), "kind": "name_prefix", "value": "Acme",
    } | given  # fmt: skip


def stored(connection: Any, organization: Any, **fields: Any) -> AssignmentRule:
    with rls.scope(rls.SYSTEM):
        return AssignmentRule.objects.create(
            connection=connection, organization=organization, **{"value": "Acme", **fields}
        )


def owner(campaign: Any) -> str:
    with rls.scope(rls.SYSTEM):
        return str(Campaign.objects.select_related("organization").get(pk=campaign.pk).organization)


OPERATIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("get", URL, {}),
    ("post", URL, {}),
    ("get", f"{URL}/preview?provider_connection_id={uuid4()}", {}),
    ("patch", f"{URL}/{uuid4()}", {}),
    ("delete", f"{URL}/{uuid4()}", {}),
]
IDS = ["list", "create", "preview", "change", "delete"]


@pytest.mark.parametrize(("method", "url", "given"), OPERATIONS, ids=IDS)
def test_a_customer_reaches_none_of_it(api, customer, acme, globex, shared_connection, method, url, given):
    stored(shared_connection, acme, value="Acme")
    stored(shared_connection, globex, value="Globex secret")
    answer = getattr(api(customer), method)(url, given)
    assert answer.status_code == 403 and b"secret" not in answer.content


@pytest.mark.parametrize(("method", "url", "given"), OPERATIONS, ids=IDS)
def test_a_viewer_reads_and_changes_nothing(api, viewer, shared_connection, method, url, given):
    status = getattr(api(viewer), method)(url, given).status_code
    assert (status == 403) is (method != "get")


def test_a_customer_reads_in_the_database_no_name_of_anothers_campaign(api, operator, acme, globex, shared_connection):
    """A customer's scope may read the rows of its own rules, so these must contain nothing about other customers."""
    factories.campaign(shared_connection, "Globex secret launch", globex, provider_id="p1")
    listed = body(shared_connection, acme, kind="listed", value="winter", listed=["Globex secret launch"])
    assert api(operator).post(URL, listed).status_code == 201
    with rls.scope(rls.customer(acme.pk)):
        rows = list(AssignmentRule.objects.order_by().values())
    assert len(rows) == 1 and "secret" not in str(rows) and rows[0]["listed"] == ["p1"]
    with rls.scope(rls.customer(globex.pk)):
        assert list(AssignmentRule.objects.order_by()) == []


def test_a_rule_is_created_and_looked_at(api, operator, shared_connection, acme, globex, house):
    client = api(operator)
    made = client.post(URL, body(shared_connection, acme))
    assert made.status_code == 201
    rule = made.json()["data"]
    assert (rule["kind"], rule["value"], rule["organization"]["name"], rule["applied_at"]) == (
        "name_prefix",
        "Acme",
        "Acme",
        None,
    )
    new = factories.campaign(shared_connection, "Acme 1")
    kept = factories.campaign(shared_connection, "Acme 2", globex, assigned_at=NOON)
    factories.campaign(shared_connection, "Other")
    seen = client.get(f"{URL}/preview", {"provider_connection_id": str(shared_connection.pk)}).json()["data"]
    assert (seen["takes"], seen["stay_by_hand"], seen["conflicts"]) == (1, 1, 0)
    assert [(one["name"], one["before"]["name"], one["takes"]) for one in seen["campaigns"]] == [
        ("Acme 1", "House", True), ("Acme 2", "Globex", False),
    ]  # fmt: skip
    assert (owner(new), owner(kept)) == ("House", "Globex"), "looking changes nothing"
    (listed,) = client.get(URL, {"connection": "shared"}).json()["data"]["assignment_rules"]
    assert listed["applied_at"] is None


def test_a_changed_rule_has_no_effect_until_it_is_applied_again(api, operator, shared_connection, acme):
    rule = stored(shared_connection, acme, applied_at=NOON)
    answer = api(operator).patch(f"{URL}/{rule.pk}", {"value": "Ac"})
    assert (answer.status_code, answer.json()["data"]["applied_at"]) == (200, None)


WRONG = [
    ({"value": ""}, "value"),
    ({"kind": "weather"}, "kind"),
    ({"kind": "listed"}, "listed"),
    ({"kind": "listed", "listed": ["nothing"]}, "listed"),
    ({"kind": "sender_domain", "value": "x"}, "value"),
    ({"organization_id": str(uuid4())}, "organization_id"),
    ({"provider_connection_id": str(uuid4())}, "provider_connection_id"),
    ({"applied_at": "2026-07-10T12:00:00Z"}, "applied_at"),
]


@pytest.mark.parametrize(
    ("given", "field"), WRONG,
    ids=["empty", "kind", "no list", "unknown campaign", "domain", "organization", "connection", "applied"],
)  # fmt: skip
def test_an_invalid_rule_is_refused_with_its_field(api, operator, shared_connection, acme, given, field):
    answer = api(operator).post(URL, body(shared_connection, acme, **given))
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]
    with rls.scope(rls.SYSTEM):
        assert not AssignmentRule.objects.exists()


def test_a_dedicated_workspace_has_no_rules(api, operator, acme_connection, acme):
    assert api(operator).post(URL, body(acme_connection, acme)).status_code == 400


def test_the_same_rule_twice_is_a_conflict(api, operator, shared_connection, acme):
    stored(shared_connection, acme)
    answer = api(operator).post(URL, body(shared_connection, acme))
    assert (answer.status_code, answer.json()["code"]) == (409, "rule_exists")


def test_only_admins_delete(api, operator, admin, shared_connection, acme):
    rule = stored(shared_connection, acme)
    assert api(operator).delete(f"{URL}/{rule.pk}").status_code == 403
    assert api(admin).delete(f"{URL}/{rule.pk}").status_code == 204
    with rls.scope(rls.SYSTEM):
        assert not AssignmentRule.objects.exists()
