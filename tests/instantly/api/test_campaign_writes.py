"""API writes of campaigns by staff: create, change, delete, activate, pause, duplicate.

Also pausing and resuming email accounts.
"""

from uuid import uuid4

import pytest

from campaigns.models import Campaign
from salesbrain import rls
from tests import factories
from tests.instantly.actions.test_remote_writes import SCHEDULE
from tests.instantly.api.conftest import STAFF

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


def new(connection, **fields):
    return {"provider_connection_id": str(connection.pk), "name": "New one", "schedule": SCHEDULE, **fields}


def test_an_operator_makes_a_campaign(api, operator, space, acme, acme_connection, audited):
    body = new(acme_connection, daily_limit=30, open_tracking=True, senders=["anna.keller@acme-outreach.example"])
    answer = api(operator).post(f"{STAFF}/campaigns", body)
    data = answer.json()["data"]
    assert (answer.status_code, data["name"], data["status"], data["daily_limit"]) == (201, "New one", "draft", 30)
    assert (data["organization"]["name"], data["connection"]["name"]) == ("Acme", "acme")
    row = space.campaigns.get(data["provider_id"])
    assert (row["open_tracking"], row["email_list"]) == (True, ["anna.keller@acme-outreach.example"])
    listed = api(operator).get(f"{STAFF}/campaigns?query=New one").json()["data"]["campaigns"]
    assert listed == [data]
    (entry,) = audited("campaign.create")
    assert (entry.actor_id, entry.actor_name) == (operator.pk, operator.email)


def test_a_campaign_is_renamed_and_changed(api, operator, campaign_in, audited):
    campaign, row = campaign_in(1)
    answer = api(operator).patch(f"{STAFF}/campaign/{campaign.pk}", {"name": "Renamed", "daily_limit": 7})
    data = answer.json()["data"]
    assert (answer.status_code, data["name"], data["daily_limit"]) == (200, "Renamed", 7)
    assert (row["name"], row["daily_limit"]) == ("Renamed", 7)
    assert audited("campaign.update")[0].detail["fields"] == ["daily_limit", "name"]


def test_a_response_can_be_sent_back_as_a_change(api, operator, campaign_in):
    campaign, row = campaign_in(1)
    shown = api(operator).get(f"/api/instantly/campaign/{campaign.pk}").json()["data"]
    body = {name: shown[name] for name in ("schedule", "sequences", "senders")}
    before = (row["campaign_schedule"], row["sequences"], row["email_list"])
    assert api(operator).patch(f"{STAFF}/campaign/{campaign.pk}", body).status_code == 200
    assert (row["campaign_schedule"], row["sequences"], row["email_list"]) == before


def test_a_campaign_is_paused_and_started_again(api, operator, campaign_in):
    campaign, row = campaign_in(1)
    client = api(operator)
    paused = client.post(f"{STAFF}/campaign/{campaign.pk}/pause")
    assert (paused.status_code, paused.json()["data"]["status"], row["status"]) == (200, "paused", 2)
    started = client.post(f"{STAFF}/campaign/{campaign.pk}/activate")
    assert (started.json()["data"]["status"], row["status"]) == ("active", 1)


def test_a_copy_is_a_draft_of_the_same_organization(api, operator, campaign_in, space):
    campaign, _ = campaign_in(1)
    answer = api(operator).post(f"{STAFF}/campaign/{campaign.pk}/duplicate", {"name": "Second try"})
    data = answer.json()["data"]
    assert (answer.status_code, data["name"], data["status"]) == (201, "Second try", "draft")
    assert data["organization_id"] == str(campaign.organization_id) and data["id"] != str(campaign.pk)
    assert space.campaigns.get(data["provider_id"]) is not None


def test_deleting_a_campaign_at_instantly_keeps_our_row(api, admin, campaign_in, space):
    campaign, row = campaign_in(2)
    answer = api(admin).delete(f"{STAFF}/campaign/{campaign.pk}")
    assert answer.status_code == 200 and answer.json()["data"]["missing_since"] is not None
    assert space.campaigns.get(row["id"]) is None
    assert api(admin).get(f"/api/instantly/campaign/{campaign.pk}").status_code == 200


def test_an_email_account_is_paused_and_resumed(api, operator, account, space, audited):
    client = api(operator)
    paused = client.post(f"{STAFF}/email-account/{account.pk}/pause")
    assert (paused.status_code, paused.json()["data"]["status"]) == (200, "paused")
    assert space.accounts.get(account.provider_id)["status"] == 2
    assert client.post(f"{STAFF}/email-account/{account.pk}/resume").json()["data"]["status"] == "active"
    assert [len(audited(f"email_account.{verb}")) for verb in ("pause", "resume")] == [1, 1]


def writes_of(campaign, account):
    return [
        ("post", "campaigns", None),
        ("patch", f"campaign/{campaign}", {"name": "x"}),
        ("delete", f"campaign/{campaign}", None),
        ("post", f"campaign/{campaign}/activate", None),
        ("post", f"campaign/{campaign}/pause", None),
        ("post", f"campaign/{campaign}/duplicate", {"name": "x"}),
        ("post", f"campaign/{campaign}/leads", {"leads": [{"email": "a@lead.example"}]}),
        ("post", f"campaign/{campaign}/assign", {"house": True}),
        ("delete", f"lead/{uuid4()}?campaign_id={campaign}", None),
        ("post", f"email-account/{account}/pause", None),
        ("post", f"email-account/{account}/resume", None),
        ("post", f"email-account/{account}/assign", {"house": True}),
    ]


def test_viewers_customers_and_anonymous_callers_are_refused(
    api, viewer, customer, campaign_in, account, space, audited
):
    campaign, row = campaign_in(1)
    before = dict(row)
    for user, status in ((viewer, 403), (customer, 403), (None, 401)):
        client = api(user)
        for method, path, body in writes_of(campaign.pk, account.pk):
            assert getattr(client, method)(f"{STAFF}/{path}", body).status_code == status, (user, method, path)
    assert dict(row) == before and audited("campaign.pause") == []


def test_an_operator_deletes_nothing(api, operator, campaign_in, space):
    campaign, row = campaign_in(1)
    for path in (f"campaign/{campaign.pk}", f"lead/{uuid4()}?campaign_id={campaign.pk}"):
        answer = api(operator).delete(f"{STAFF}/{path}")
        assert (answer.status_code, answer.json()["detail"]) == (403, "Deleting is for admins.")
    assert space.campaigns.get(row["id"]) is not None


def test_an_unknown_id_is_404(api, admin, space):
    for method, path, body in writes_of(uuid4(), uuid4())[1:]:
        answer = getattr(api(admin), method)(f"{STAFF}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"daily_limit": "many"}, "daily_limit"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"daily_limit": True}, "daily_limit"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"open_tracking": "yes"}, "open_tracking"),
        ({"status": 1}, "status"),
        ({"senders": "a@sender.example"}, "senders"),
        ({"schedule": []}, "schedule"),
        ({"organization_id": str(uuid4())}, "organization_id"),
    ],
)
def test_a_wrong_body_is_refused_by_field_without_a_call_to_instantly(
    api, operator, campaign_in, instantly, wrong, named
):
    campaign, row = campaign_in(1)
    before = dict(row)
    answer = api(operator).patch(f"{STAFF}/campaign/{campaign.pk}", wrong)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [named]
    assert dict(row) == before


def test_an_empty_change_lists_the_possible_fields(api, operator, campaign_in):
    campaign, _ = campaign_in(1)
    answer = api(operator).patch(f"{STAFF}/campaign/{campaign.pk}", {})
    assert answer.status_code == 400 and "daily_limit" in answer.json()["detail"]


def test_an_unknown_connection_is_answered_like_one_that_is_not_there(api, operator, space, acme_connection):
    answer = api(operator).post(f"{STAFF}/campaigns", new(acme_connection, provider_connection_id=str(uuid4())))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_an_inactive_connection_is_reported(api, operator, campaign_in, acme_connection):
    campaign, _ = campaign_in(1)
    with rls.scope(rls.SYSTEM):
        type(acme_connection).objects.filter(pk=acme_connection.pk).update(is_active=False)
    answer = api(operator).post(f"{STAFF}/campaign/{campaign.pk}/pause")
    assert (answer.status_code, answer.json()["code"]) == (409, "connection_unusable")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"status": 400}, 400, "provider_refused"),
        ({"status": 401}, 502, "provider_key_refused"),
        ({"status": 402}, 502, "provider_unpaid"),
        ({"status": 403}, 502, "provider_key_refused"),
        ({"status": 404}, 409, "gone_at_provider"),
        ({"status": 409}, 409, "provider_conflict"),
        ({"status": 429, "retry_after": 3600, "times": 9}, 429, "provider_rate"),
        ({"status": 500}, 502, "outcome_unknown"),
    ],
)
def test_instantly_errors_are_mapped_to_a_status_and_a_next_step(
    api, operator, campaign_in, instantly, fault, status, code
):
    campaign, row = campaign_in(1)
    instantly.faults.add("status", method="POST", path="*/pause", **fault)
    answer = api(operator).post(f"{STAFF}/campaign/{campaign.pk}/pause")
    body = answer.json()
    assert (answer.status_code, body["code"], body["success"]) == (status, code, False)
    assert "Instantly" in body["detail"] and ";" in body["detail"], "what happened, and what to do"
    assert row["status"] == 1
    if status == 429:
        assert int(answer.headers["Retry-After"]) >= 60
    if status >= 500:
        assert body["request_id"] == answer.headers["X-Request-ID"]


def test_the_same_key_makes_one_campaign(api, operator, space, acme_connection):
    client = api(operator)
    answers = [
        client.post(f"{STAFF}/campaigns", new(acme_connection), headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content and answers[1].headers["Idempotency-Replayed"] == "true"
    assert len([row for row in space.campaigns if row["name"] == "New one"]) == 1


def test_an_unknown_outcome_stays_the_answer_for_its_key(api, operator, space, acme_connection, instantly):
    """Repeating the request with the same Idempotency-Key must not repeat a write that may have been carried out."""
    client = api(operator)
    fault = instantly.faults.add("reset", method="POST", path="*/campaigns", times=9)
    answers = [
        client.post(f"{STAFF}/campaigns", new(acme_connection), headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(502, "outcome_unknown")] * 2
    assert answers[1].headers["Idempotency-Replayed"] == "true" and fault.used == 1


def test_a_refused_write_may_be_repeated_with_the_same_idempotency_key(
    api, operator, space, acme_connection, instantly
):
    client = api(operator)
    instantly.faults.add("status", method="POST", path="*/campaigns", status=400)
    codes = [
        client.post(f"{STAFF}/campaigns", new(acme_connection), headers={"Idempotency-Key": "one"}).status_code
        for _ in range(2)
    ]
    assert codes == [400, 201]


def test_a_write_whose_response_was_lost_is_found_done(api, operator, space, acme_connection, instantly):
    fault = instantly.faults.add("reset", method="POST", path="*/campaigns", times=9, done=True)
    answer = api(operator).post(f"{STAFF}/campaigns", new(acme_connection))
    assert (answer.status_code, fault.used) == (201, 1)
    assert len([row for row in space.campaigns if row["name"] == "New one"]) == 1


def test_writes_have_a_rate_limit_of_their_own(api, operator, campaign_in, settings):
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"write": "2/minute"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    campaign, _ = campaign_in(1)
    client = api(operator)
    codes = [client.post(f"{STAFF}/campaign/{campaign.pk}/pause").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert client.get(f"{STAFF}/campaigns").status_code == 200, "reading has its own budget"


def test_a_campaign_of_a_shared_workspace_is_the_houses(api, operator, shared_connection, workspace, house):
    workspace(shared_connection)
    answer = api(operator).post(f"{STAFF}/campaigns", new(shared_connection))
    assert answer.json()["data"]["organization_id"] == str(house.pk)


def test_another_organizations_campaign_is_left_alone(api, operator, campaign_in, globex_connection, workspace, sync):
    theirs = factories.campaign(globex_connection, "Globex's")
    campaign, _ = campaign_in(1)
    api(operator).patch(f"{STAFF}/campaign/{campaign.pk}", {"name": "Acme's"})
    with rls.scope(rls.SYSTEM):
        assert Campaign.objects.get(pk=theirs.pk).name == "Globex's"
