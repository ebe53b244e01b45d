"""Daily digest and scores over the API: the caller's subscription, mapping and outcome, roles."""

import pytest

from accounts.choices import MembershipRole
from messaging.models import DigestSubscription, ScoringSettings
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db
DIGEST, SCORES = "/api/instantly/digest", "/api/instantly/scores"
MAPPING = {
    "title": "position", "employees": "", "employees_from": 10, "employees_to": 500, "industry": "branch",
    "industries": ["Machinery"],
}  # fmt: skip


def test_a_caller_subscribes_for_themselves_alone(api, customer, acme):
    client = api(customer)
    assert client.get(DIGEST).json()["data"]["subscribed"] is False
    for wanted in (True, True, False):
        assert client.put(DIGEST, {"subscribed": wanted}, format="json").json()["data"]["subscribed"] is wanted
        with rls.scope(rls.SYSTEM):
            assert [row.user_id for row in DigestSubscription.objects.all()] == [customer.pk] * wanted
    assert client.put(DIGEST, {"subscribed": "yes"}, format="json").status_code == 400
    observer = factories.customer("o@acme.example", acme, role=MembershipRole.OBSERVER)
    assert api(observer).put(DIGEST, {"subscribed": True}, format="json").status_code == 403
    assert api(observer).put(DIGEST, {"subscribed": False}, format="json").status_code == 200


def test_owners_map_variables_and_everybody_reads_what_scores_are_worth(api, customer, acme):
    client = api(customer)
    empty = client.get(SCORES).json()["data"]
    assert (empty["predicts"], empty["outcome"], empty["learning"]["is_learned"]) == (None, [], False)
    data = client.put(SCORES, MAPPING, format="json").json()["data"]
    assert data["mapping"] == MAPPING and data["scored_at"] is None
    with rls.scope(rls.SYSTEM):
        bins = [{"contacts": 200, "expected": 0.1, "observed": 0.12}]
        ScoringSettings.objects.update(calibration={"start": -2, "slope": 1, "error": 0.02, "bins": bins})
    assert client.get(SCORES).json()["data"]["learning"]["calibration"] == bins
    for wrong in (
        {"employees_from": 9, "employees_to": 3},
        {"title": "x" * 101},
        {"unknown": 1},
        {"employees_from": "9"},
    ):
        assert client.put(SCORES, wrong, format="json").status_code == 400, wrong
    member = factories.customer("m@acme.example", acme, role=MembershipRole.MEMBER)
    assert api(member).put(SCORES, MAPPING, format="json").status_code == 403
    assert api(member).get(SCORES).json()["data"]["mapping"] == MAPPING


def test_strangers_see_and_set_their_own_alone(api, customer, stranger):
    api(customer).put(SCORES, MAPPING, format="json")
    assert api(stranger).get(SCORES).json()["data"]["mapping"]["title"] == ""
