"""API endpoint POST sync/workspace: the same sync as the command's, for operators only."""

from uuid import uuid4

import pytest

from instantly.choices import SyncTrigger
from instantly.models import SyncRun
from salesbrain import rls

URL = "/api/instantly/sync/workspace"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def body(acme_connection, workspace):
    workspace(acme_connection)
    return {"provider_connection_id": str(acme_connection.pk)}


def test_an_operator_syncs_a_workspace(api, operator, acme_connection, body):
    answer = api(operator).post(URL, body)
    data = answer.json()["data"]
    assert answer.status_code == 200 and data["status"] == "succeeded" and data["errors"] == []
    assert {"campaigns_imported", "campaigns_updated", "accounts_imported", "accounts_updated"} <= set(data)
    with rls.scope(rls.SYSTEM):
        run = SyncRun.objects.get()
    assert (run.trigger, run.actor_name, run.connection_id) == (SyncTrigger.API, operator.email, acme_connection.pk)


def test_a_disabled_part_is_not_synced(api, operator, body):
    data = api(operator).post(URL, {**body, "sync_email_accounts": False}).json()["data"]
    assert data["accounts_listed"] == 0


def test_the_same_key_syncs_once(api, operator, body):
    client = api(operator)
    answers = [client.post(URL, body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].content == answers[1].content and answers[1].headers["Idempotency-Replayed"] == "true"
    with rls.scope(rls.SYSTEM):
        assert SyncRun.objects.count() == 1


def test_the_same_key_for_another_body_is_a_mistake(api, operator, body):
    client = api(operator)
    client.post(URL, body, headers={"Idempotency-Key": "one"})
    answer = client.post(URL, {**body, "sync_campaigns": False}, headers={"Idempotency-Key": "one"})
    assert (answer.status_code, answer.json()["code"]) == (409, "key_used")


def test_a_failed_sync_may_be_repeated_with_the_same_idempotency_key(api, operator, body):
    client = api(operator)
    wrong = {"provider_connection_id": str(uuid4())}
    assert client.post(URL, wrong, headers={"Idempotency-Key": "one"}).status_code == 404
    assert client.post(URL, body, headers={"Idempotency-Key": "one"}).status_code == 200


def test_idempotency_keys_of_two_users_are_independent(api, operator, admin, body):
    api(operator).post(URL, body, headers={"Idempotency-Key": "one"})
    assert "Idempotency-Replayed" not in api(admin).post(URL, body, headers={"Idempotency-Key": "one"}).headers


def test_viewers_and_customers_are_refused(api, viewer, customer, body):
    assert [api(user).post(URL, body).status_code for user in (viewer, customer)] == [403, 403]
    assert api().post(URL, body).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({}, "provider_connection_id"),
        ({"provider_connection_id": 5}, "provider_connection_id"),
        ({"provider_connection_id": str(uuid4()), "sync_campaigns": "yes"}, "sync_campaigns"),
        ({"provider_connection_id": str(uuid4()), "believe_empty": True}, "believe_empty"),
    ],
)
def test_a_wrong_body_is_refused_by_field(api, operator, wrong, named):
    answer = api(operator).post(URL, wrong)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [named]


def test_a_connection_without_a_key_is_reported(api, operator, acme_connection):
    acme_connection.api_key = ""
    with rls.scope(rls.SYSTEM):
        acme_connection.save()
    answer = api(operator).post(URL, {"provider_connection_id": str(acme_connection.pk)})
    assert (answer.status_code, answer.json()["code"]) == (409, "connection_unusable")
