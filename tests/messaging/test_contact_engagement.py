"""Engagement score of one contact: rows add up, machine opens count nothing, one statement."""

from datetime import timedelta

import pytest

from messaging.contact_engagement import engagement_of
from messaging.models import MessageCategory
from salesbrain import rls
from tests import factories
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(acme_connection):
    return factories.campaign(acme_connection)


def of(contact):
    with rls.scope(rls.SYSTEM):
        contact.refresh_from_db()
        return engagement_of(contact, now=NOON + timedelta(days=1))


def test_an_interested_reply_scores_and_rows_add_up(campaign, acme, django_assert_num_queries):
    contact = factories.message(campaign, open_count=2, opened_at=NOON).contact
    before = of(contact)
    reply = factories.message(campaign, step=2, direction="in", happened_at=NOON + timedelta(hours=2), reply_text="Yes")
    with rls.scope(rls.SYSTEM):
        MessageCategory.objects.create(
            id=reply.pk,
            organization=acme,
            category="interested",
            predicted="interested",
            p=0.9,
            candidates=[],
            source="model",
            version="1",
        )
        contact.refresh_from_db()
        with django_assert_num_queries(1):
            after = engagement_of(contact, now=NOON + timedelta(days=1))
    assert (before.level, after.level) == (3, 1)
    assert after.score == sum(row.points for row in after.rows)


def test_opens_by_machines_count_nothing(campaign):
    contact = factories.message(campaign, open_count=2, machine_open_count=2, opened_at=NOON).contact
    assert of(contact).score == 0


@pytest.mark.parametrize("name", ["complained", "unsubscribed", "bounced"])
def test_a_contact_who_must_not_be_written_to_has_no_score(campaign, acme, name, client):
    contact = factories.message(campaign).contact
    with rls.scope(rls.SYSTEM):
        type(contact).objects.filter(pk=contact.pk).update(**{f"{name}_at": NOON})
    assert of(contact).excluded == name
    client.force_login(factories.customer("owner@acme.example", acme))
    assert b"No score:" in client.get(f"/contacts/{contact.pk}").content
