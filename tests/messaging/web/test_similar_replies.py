"""Similar judged replies as the reason of a category: selection, access, recorded reading."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AccessEntry
from messaging.intelligence.triage import corrections
from messaging.intelligence.triage.classes import Category
from messaging.models import MessageCategory
from salesbrain import rls
from tests import factories
from tests.messaging.follow_ups.world import conversation, person, received
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}
PRICE = "What does it cost per month for a team of forty people?"


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def asked(campaign, name: str, text: str, days: float = 1.0):
    contact, at = person(campaign, name, first_name=name.title()), datetime.now(UTC) - timedelta(days=days)
    message = received(campaign, contact, at, "question", reply_text=text, body_text=text)
    conversation(contact, at, category="question")
    return contact, message


@pytest.fixture
def ann(campaign):
    return asked(campaign, "ann", PRICE)[0]


@pytest.fixture
def judged(campaign, customer):
    """Five replies that people judged."""
    texts = {
        "bob": "Guten Tag,\n\nWhat would it cost per month for a team of twenty people?",
        "cleo": "What does it cost per year for forty people?", "dan": "How much does it cost for a team?",
        "eva": "Bitte rufen Sie unseren Einkauf an.", "finn": "zzz",
    }  # fmt: skip
    found = {name: asked(campaign, name, text, 3)[1] for name, text in texts.items()}
    for message in found.values():
        corrections.correct(message, Category.QUESTION, now=datetime.now(UTC), actor=customer)
    return found


def test_the_three_nearest_judged_replies_are_named_with_their_verdicts(customer, ann, judged):
    html = client_of(customer).get(f"/inbox/{ann.pk}/similar", headers=SCRIPT).content.decode()
    assert html.index("Bob") and "Cleo" in html and "Dan" in html and "Eva" not in html and "Finn" not in html
    assert html.count("<li") == 3 and "Guten Tag" not in html and "Question" in html
    assert f"/contacts/{judged['bob'].contact_id}#m-{judged['bob'].pk}" in html


def test_without_a_script_the_conversation_opens_with_them(customer, ann, judged):
    client = client_of(customer)
    html = client.get(f"/inbox/{ann.pk}").content.decode()
    hers = f"#m-{judged['cleo'].pk}"
    assert f"/inbox/{ann.pk}/similar" in html and hers not in html
    assert hers in client.get(f"/inbox/{ann.pk}/similar").content.decode()


def test_a_category_by_a_rule_needs_no_others(customer, ann):
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.update(source="rule")
    assert "/similar" not in client_of(customer).get(f"/inbox/{ann.pk}").content.decode()


def test_reading_similar_replies_is_recorded(customer, ann, judged):
    client_of(customer).get(f"/inbox/{ann.pk}/similar", headers=SCRIPT)
    with rls.scope(rls.SYSTEM):
        read = set(AccessEntry.objects.values_list("conversation_id", flat=True))
    assert {judged[name].contact_id for name in ("bob", "cleo", "dan")} <= read


def test_nobody_sees_replies_of_another_organization(stranger, globex_connection, ann, judged):
    other, _ = asked(factories.campaign(globex_connection), "zoe", PRICE)
    client = client_of(stranger)
    html = client.get(f"/inbox/{other.pk}/similar", headers=SCRIPT).content.decode()
    assert "People have judged no reply like this one yet." in html
    assert client.get(f"/inbox/{ann.pk}/similar", headers=SCRIPT).status_code == 404
