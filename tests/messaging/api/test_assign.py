"""API endpoint that assigns a campaign to an organization, moving all its rows."""

from uuid import uuid4

import pytest

from accounts.models import AuditEntry
from messaging.models import Contact
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(shared_connection):
    campaign = factories.campaign(shared_connection, "Whose?")
    message = factories.message(campaign)
    factories.event(campaign, 1, contact=message.contact, message=message, lead_email=message.contact.email)
    return campaign


def url(campaign):
    return f"/api/instantly/admin/campaign/{campaign.pk}/assign"


def test_an_operator_assigns_a_campaign_and_gives_it_back(api, operator, customer, stranger, acme, globex, house, campaign):  # fmt: skip
    client = api(operator)
    answer = client.post(url(campaign), {"organization_id": str(acme.pk)})
    assert answer.status_code == 200
    assert answer.json()["data"] == {
        "campaign_id": str(campaign.pk), "before": {"id": str(house.pk), "name": "House"},
        "organization": {"id": str(acme.pk), "name": "Acme"}, "changed": True, "contacts": 1, "messages": 1, "events": 1,
    }  # fmt: skip
    assert api(customer).get(f"/api/instantly/campaign/{campaign.pk}").status_code == 200
    assert api(customer).get("/api/instantly/contacts").json()["count"] == 1
    assert api(stranger).get(f"/api/instantly/campaign/{campaign.pk}").status_code == 404
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get(action="campaign.assign")
    assert (entry.actor_id, entry.detail["to"]) == (operator.pk, str(acme.pk))

    assert client.post(url(campaign), {"house": True}).json()["data"]["organization"]["name"] == "House"
    assert api(customer).get(f"/api/instantly/campaign/{campaign.pk}").status_code == 404
    with rls.scope(rls.SYSTEM):
        assert set(Contact.objects.values_list("organization_id", flat=True)) == {house.pk}


def test_assigning_to_the_same_organization_changes_nothing(api, operator, acme, campaign):
    client = api(operator)
    client.post(url(campaign), {"organization_id": str(acme.pk)})
    assert client.post(url(campaign), {"organization_id": str(acme.pk)}).json()["data"]["changed"] is False


def test_a_dedicated_workspaces_campaign_stays(api, operator, globex, acme_connection):
    campaign = factories.campaign(acme_connection)
    answer = api(operator).post(url(campaign), {"organization_id": str(globex.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "dedicated_connection")
    assert "dedicated" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"house": False}, {"organization_id": str(uuid4())}, {"organization_id": 5}, {"organization": "acme"}]
)
def test_the_organization_must_be_given_and_known(api, operator, campaign, body):
    assert api(operator).post(url(campaign), body).status_code == 400


def test_organization_and_house_together_are_refused(api, operator, acme, campaign):
    answer = api(operator).post(url(campaign), {"organization_id": str(acme.pk), "house": True})
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["organization_id"]


def test_viewers_and_customers_are_refused(api, viewer, customer, acme, campaign):
    answers = [api(user).post(url(campaign), {"organization_id": str(acme.pk)}) for user in (viewer, customer)]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_an_email_account_is_assigned_and_given_back(
    api, operator, viewer, customer, stranger, acme, shared_connection
):
    account = factories.email_account(shared_connection)
    address = f"/api/instantly/admin/email-account/{account.pk}/assign"
    assert api(viewer).post(address, {"organization_id": str(acme.pk)}).status_code == 403
    answer = api(operator).post(address, {"organization_id": str(acme.pk)})
    assert (answer.status_code, answer.json()["data"]["organization"]["name"]) == (200, "Acme")
    listed = [api(user).get("/api/instantly/email-accounts").json()["count"] for user in (customer, stranger)]
    assert listed == [1, 0]
    assert api(operator).post(address, {"house": True}).json()["data"]["organization"]["name"] == "House"
    assert api(customer).get("/api/instantly/email-accounts").json()["count"] == 0
    with rls.scope(rls.SYSTEM):
        assert AuditEntry.objects.filter(action="email_account.assign", actor=operator).count() == 2


def test_a_dedicated_workspaces_email_account_stays(api, operator, globex, acme_connection):
    account = factories.email_account(acme_connection)
    answer = api(operator).post(
        f"/api/instantly/admin/email-account/{account.pk}/assign", {"organization_id": str(globex.pk)}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "dedicated_connection")
