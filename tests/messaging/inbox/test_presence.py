"""Presence of colleagues in a conversation: same organization, fifteen seconds, no observers."""

from datetime import timedelta

import pytest

from accounts.choices import MembershipRole
from accounts.permissions import RoleTooLow
from messaging.inbox import presence
from messaging.inbox.refusals import UnknownConversation
from messaging.models import ConversationPresence
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.outbox_cast import NOW, in_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(acme):
    return factories.conversation(factories.contact(acme))


@pytest.fixture
def maria(acme):
    return factories.customer("maria@acme.example", acme, role=MembershipRole.MEMBER)


def say(user, row, at=NOW, *, writing=False):
    presence.present(in_scope(user), by=user, conversation_id=row.pk, writing=writing, now=at)


def seen(user, row, at=NOW):
    found = presence.others(in_scope(user), by=user, conversation_id=row.pk, now=at)
    return [(one.name, one.is_writing) for one in found]


def test_colleagues_see_each_other_and_not_themselves(row, customer, maria):
    say(customer, row)
    say(maria, row, writing=True)
    assert seen(customer, row) == [("maria@acme.example", True)]
    assert seen(maria, row) == [("customer@acme.example", False)]
    say(maria, row)
    assert seen(customer, row) == [("maria@acme.example", False)]


def test_users_who_are_typing_are_listed_first(row, customer, maria, operator):
    say(customer, row)
    say(maria, row, writing=True)
    assert seen(operator, row) == [("maria@acme.example", True), ("customer@acme.example", False)]


def test_presence_ends_after_fifteen_seconds_and_old_rows_are_deleted(row, customer, maria):
    say(maria, row)
    assert seen(customer, row, NOW + timedelta(seconds=14)) and not seen(customer, row, NOW + timedelta(seconds=15))
    say(customer, row, NOW + timedelta(minutes=2))
    with rls.scope(rls.SYSTEM):
        assert ConversationPresence.objects.get().user_id == customer.pk


def test_observers_show_nothing_and_strangers_see_nothing(row, acme, customer, stranger, viewer):
    observer = factories.customer("observer@acme.example", acme, role=MembershipRole.OBSERVER)
    for user in (observer, viewer):
        with pytest.raises(RoleTooLow):
            say(user, row)
    with pytest.raises(UnknownConversation):
        say(stranger, row)
    say(customer, row)
    assert seen(stranger, row) == [] and len(seen(observer, row)) == 1
