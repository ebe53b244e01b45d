"""API writes of leads by staff: adding them to a campaign, and deleting one."""

import pytest

from messaging.models import Suppression
from salesbrain import rls
from tests.factories import NOON
from tests.instantly.api.conftest import STAFF

pytestmark = pytest.mark.django_db(transaction=True)

GIVEN = [
    {
        "email": "New.Lead@Lead.example", "first_name": "Ada", "last_name": "L", "company_name": "Engines", "phone": "+44 1",
        "website": "https://engines.example", "personalization": "Hi", "custom_variables": {"colour": "blue", "size": 4},
    },
    {"email": "new.lead@lead.example"},
    {"email": "told-not-to@lead.example"},
    {"email": "no address"},
    {"email": "second@lead.example", "shoe_size": 44},
    "third@lead.example",
    {"email": "fourth@lead.example"},
]  # fmt: skip


@pytest.fixture
def suppressed(acme):
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme, email="told-not-to@lead.example", reason="unsubscribe", first_at=NOON, last_at=NOON
        )


@pytest.fixture
def url(campaign_in):
    return f"{STAFF}/campaign/{campaign_in(1)[0].pk}/leads"


def emails(space):
    return {lead["email"] for lead in space.leads}


def test_leads_are_added_and_those_left_out_are_named(api, operator, space, suppressed, url, campaign_in, audited):
    answer = api(operator).post(url, {"leads": GIVEN})
    data = answer.json()["data"]
    assert answer.status_code == 200
    assert (data["given"], data["sent"], data["uploaded"], data["unsent"], data["error"]) == (7, 2, 2, 0, "")
    assert data["repeated"] == ["new.lead@lead.example"] and data["suppressed"] == ["told-not-to@lead.example"]
    assert [wrong["place"] for wrong in data["invalid"]] == [4, 5, 6]
    assert {made["email"] for made in data["created"]} == {"new.lead@lead.example", "fourth@lead.example"}
    lead = next(lead for lead in space.leads if lead["email"] == "new.lead@lead.example")
    assert (lead["first_name"], lead["company_name"], lead["phone"]) == ("Ada", "Engines", "+44 1")
    assert (lead["payload"]["colour"], lead["payload"]["size"]) == ("blue", 4)
    assert "told-not-to@lead.example" not in emails(space)
    assert audited("lead.add")[0].actor_id == operator.pk


def test_a_dry_run_gives_the_same_report_and_sends_nothing(api, operator, space, suppressed, url):
    before = emails(space)
    data = api(operator).post(url, {"leads": GIVEN, "dry_run": True}).json()["data"]
    assert (data["dry_run"], data["sent"], data["unsent"], len(data["invalid"])) == (True, 0, 2, 3)
    assert data["suppressed"] == ["told-not-to@lead.example"] and emails(space) == before


def test_the_same_key_adds_once(api, operator, url, instantly):
    client = api(operator)
    answers = [client.post(url, {"leads": GIVEN[:1]}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json()["data"]["uploaded"] == answers[1].json()["data"]["uploaded"] == 1


def test_leads_of_unknown_outcome_are_counted_and_not_sent_again(api, operator, url, instantly, space):
    before = emails(space)
    fault = instantly.faults.add("reset", method="POST", path="*/leads/add", times=9)
    data = api(operator).post(url, {"leads": GIVEN[:1]}).json()["data"]
    assert (data["uncertain"], data["sent"], fault.used) == (1, 0, 1) and "not known" in data["error"]
    assert emails(space) == before


@pytest.mark.parametrize(
    "body",
    [{}, {"leads": []}, {"leads": "a@lead.example"}, {"leads": [{}] * 5001},
     {"leads": [{}], "campaign": 1}, {"leads": [{}], "dry_run": "no"}],
    ids=["nothing", "empty", "a text", "too many", "unknown field", "no boolean"],
)  # fmt: skip
def test_a_wrong_body_is_refused(api, operator, url, body):
    assert api(operator).post(url, body).status_code == 400


def test_an_admin_deletes_a_lead_by_id_or_address(api, admin, url, space, campaign_in, audited):
    client, campaign = api(admin), campaign_in(1)[0]
    made = client.post(url, {"leads": [{"email": "one@lead.example"}, {"email": "two@lead.example"}]}).json()["data"]
    by_id = client.delete(f"{STAFF}/lead/{made['created'][0]['id']}?campaign_id={campaign.pk}")
    assert by_id.json()["data"] == {"campaign_id": str(campaign.pk), "email": made["created"][0]["email"]}
    by_address = client.delete(f"{STAFF}/lead/Two@lead.example?campaign_id={campaign.pk}")
    assert by_address.status_code == 200
    assert not {"one@lead.example", "two@lead.example"} & emails(space)
    assert [entry.detail["outcome"] for entry in audited("lead.delete")] == ["done", "done"]


def test_a_lead_of_another_campaign_is_not_found_and_stays(api, admin, url, space, campaign_in):
    client = api(admin)
    client.post(url, {"leads": [{"email": "one@lead.example"}]})
    other = campaign_in(2)[0]
    answer = client.delete(f"{STAFF}/lead/one@lead.example?campaign_id={other.pk}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "one@lead.example" in emails(space)


@pytest.mark.parametrize("lead", ["%20", "%2e%2e", "list", "..%3fx", "@", "a@b", "%00", "x" * 300])
def test_an_invalid_lead_is_a_client_error(api, admin, campaign_in, lead):
    answer = api(admin).delete(f"{STAFF}/lead/{lead}?campaign_id={campaign_in(1)[0].pk}")
    assert answer.status_code in (400, 404), answer.content


def test_deleting_a_lead_needs_its_campaign(api, admin, space):
    answer = api(admin).delete(f"{STAFF}/lead/one@lead.example")
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["campaign_id"]
