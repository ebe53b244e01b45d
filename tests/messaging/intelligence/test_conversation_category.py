"""Correction of a conversation's category on the page and over the API, its undo, roles, and learning."""

import pytest

from accounts.choices import MembershipRole
from accounts.models import AuditEntry
from messaging.models import CategoryCorrection, Conversation, MessageCategory, TriageLearning, TriagePending
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
PART = {"X-Part": "pane"}


@pytest.fixture
def row(acme_connection) -> Conversation:
    campaign = factories.campaign(acme_connection)
    delivered(campaign, "auto_reply_received", "09:00", lead_email="ann@atlas.example", email_id="auto")
    delivered(campaign, "reply_received", "10:00", lead_email="ann@atlas.example", email_id="mail")
    return category_of()


def category_of() -> Conversation:
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get()


def post(client, organization, **given):
    return client.post("/inbox/act", {"organization": str(organization.pk), **given}, headers=PART)


def correct(client, row, category):
    return post(client, row.organization, action="categorize", id=str(row.pk), category=category)


def test_a_click_corrects_what_decides_the_conversation_and_the_triage_learns(customer, row):
    answer = correct(client_of(customer), row, "meeting")
    assert answer.status_code == 200 and answer.json()["text"] == "1 category corrected."
    assert category_of().category == "meeting"
    with rls.scope(rls.SYSTEM):
        correction = CategoryCorrection.objects.get()
        assert correction.user_id == customer.pk
        assert not MessageCategory.objects.get(pk=correction.pk).version  # the engine has not read it
        assert TriageLearning.objects.get().is_due
        assert AuditEntry.objects.get(action="message.category").detail["origin"] == "customer"


def test_a_correction_can_be_undone_and_the_engine_reads_the_reply_again(customer, row):
    client = client_of(customer)
    token = correct(client, row, "meeting").json()["undo"]
    assert post(client, row.organization, action="undo", token=token).json()["text"] == "Undone."
    assert category_of().category == "unsure"
    with rls.scope(rls.SYSTEM):
        assert not CategoryCorrection.objects.exists() and TriagePending.objects.exists()
        assert AuditEntry.objects.filter(action="message.category").count() == 2


@pytest.mark.parametrize("category", ["", "unsure", "nonsense"])
def test_an_unknown_category_is_refused(customer, row, category):
    answer = correct(client_of(customer), row, category)
    assert answer.status_code == 422 and "no such category" in answer.json()["text"]


def test_an_observer_sees_the_category_and_cannot_correct_it(acme, row):
    client = client_of(factories.customer("o@acme.example", acme, role=MembershipRole.OBSERVER))
    page = client.get(f"/inbox/{row.pk}").content.decode()
    assert 'value="categorize"' not in page
    assert correct(client, row, "meeting").status_code == 422 and category_of().category != "meeting"


def test_the_page_offers_the_categories_between_which_the_engine_was_unsure_first(customer, row):
    client = client_of(customer)
    correct(client, row, "meeting")
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.update(category="unsure", candidates=["question", "objection"])
        Conversation.objects.update(category="unsure")
    chosen = client.get(f"/inbox/{row.pk}").context["categories"]
    assert len(chosen) == 12
    assert [each.value for each in chosen if each.is_likely] == ["question", "objection"]


def test_the_api_corrects_one_email_and_answers_with_the_conversation(customer, api, row):
    address = f"/api/instantly/conversations/{row.pk}/category"
    answer = api(customer).post(address, {"category": "question"}, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["category"] == "question"
    assert api(customer).post(address, {"category": "unsure"}, format="json").status_code == 400
    foreign = {"category": "meeting", "message_id": "00000000-0000-4000-8000-0000000000ff"}
    assert api(customer).post(address, foreign, format="json").json()["code"] == "nothing_to_sort"


def test_a_stranger_gets_the_answer_of_a_conversation_that_is_not_there(stranger, api, row):
    address = f"/api/instantly/conversations/{row.pk}/category"
    assert api(stranger).post(address, {"category": "question"}, format="json").status_code == 404
    assert category_of().category != "question"
