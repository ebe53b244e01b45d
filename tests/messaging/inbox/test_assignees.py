"""Assignees of conversations: only people with a role that may answer, in every way of assigning."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.choices import MembershipRole
from accounts.models import Membership, User
from messaging.inbox import services
from messaging.inbox.refusals import InvalidAssignee
from messaging.inbox.undoing import undo_change
from messaging.models import Conversation
from salesbrain import rls
from tests import factories
from tests.messaging.inbox.conftest import delivered
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
REFUSED = "Only somebody who may answer can take care of a conversation"


@pytest.fixture
def rows(campaign) -> list[Conversation]:
    for name in ("ann", "bob"):
        delivered(campaign, "reply_received", "10:00", lead_email=f"{name}@lead.example", email_id=f"mail-{name}")
    with rls.scope(rls.SYSTEM):
        return list(Conversation.objects.order_by("pk"))


@pytest.fixture
def people(acme, customer, stranger, operator, admin, viewer) -> dict[str, UUID]:
    """Create a person of every kind, by name; those of `MAY` may answer."""
    gone = factories.customer("gone@acme.example", acme)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    observer = factories.customer("observer@acme.example", acme, role=MembershipRole.OBSERVER)
    member = factories.customer("member@acme.example", acme, role=MembershipRole.MEMBER)
    users = {
        "owner": customer, "member": member, "observer": observer, "inactive": gone, "stranger": stranger, "operator": operator,
        "admin": admin, "viewer": viewer,
    }  # fmt: skip
    return {name: user.pk for name, user in users.items()} | {"nobody known": uuid4()}


MAY = ("owner", "member", "operator", "admin")
MAY_NOT = ("observer", "viewer", "inactive", "stranger", "nobody known")


def assigned(rows: list[Conversation]) -> set[UUID | None]:
    with rls.scope(rls.SYSTEM):
        return set(Conversation.objects.filter(pk__in=[row.pk for row in rows]).values_list("assignee_id", flat=True))


def post(customer: User, data: dict[str, Any]) -> Any:
    named = {"organization": str(customer.scope_in().organization_id), "action": "assign"}
    return client_of(customer).post("/inbox/act", {**named, **data}, headers={"X-Part": "pane"})


def by_service(customer: User, api: Any, rows: list[Conversation], who: UUID) -> bool:
    try:
        for row in rows:
            services.assign(
                customer.scope_in(), by=customer, conversation_id=row.pk, assignee_id=who, now=timezone.now()
            )
    except InvalidAssignee as refusal:
        assert str(refusal).startswith(REFUSED)
        return False
    return True


def by_page(customer: User, api: Any, rows: list[Conversation], who: UUID) -> bool:
    """Assign each conversation alone, by the form of the open conversation."""
    answers = [post(customer, {"id": str(row.pk), "assignee": str(who)}) for row in rows]
    return _all_said(answers)


def by_selection(customer: User, api: Any, rows: list[Conversation], who: UUID) -> bool:
    return _all_said([post(customer, {"id": [str(row.pk) for row in rows], "assignee": str(who)})])


def by_lane(customer: User, api: Any, rows: list[Conversation], who: UUID) -> bool:
    return _all_said([post(customer, {"all": "1", "query": "", "assignee": str(who)})])


def _all_said(answers: list[Any]) -> bool:
    for answer in answers:
        assert answer.status_code == 200 or answer.json()["text"].startswith(REFUSED), answer.content
    return all(answer.status_code == 200 for answer in answers)


def by_api(customer: User, api: Any, rows: list[Conversation], who: UUID) -> bool:
    client = api(customer)
    answers = [
        client.post(f"/api/instantly/conversations/{row.pk}/assign", {"assignee_id": str(who)}, format="json")
        for row in rows
    ]
    for answer in answers:
        assert answer.status_code == 200 or REFUSED in answer.content.decode(), answer.content
    return all(answer.status_code == 200 for answer in answers)


WAYS: dict[str, Callable[..., bool]] = {
    "service": by_service, "page": by_page, "selection": by_selection, "lane": by_lane, "api": by_api,
}  # fmt: skip


@pytest.mark.parametrize("who", [*MAY, *MAY_NOT])
@pytest.mark.parametrize("way", WAYS)
def test_only_people_who_may_answer_are_assigned(customer, api, rows, people, way, who):
    assert WAYS[way](customer, api, rows, people[who]) is (who in MAY)
    assert assigned(rows) == ({people[who]} if who in MAY else {None})


def test_an_undo_does_not_assign_to_a_person_who_is_an_observer_by_now(acme, customer, rows, people):
    now, scope, (row, _) = timezone.now(), customer.scope_in(), rows
    for name in ("member", "owner"):
        services.assign(scope, by=customer, conversation_id=row.pk, assignee_id=people[name], now=now)
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=people["member"]).update(role=MembershipRole.OBSERVER)
    assert not undo_change(scope, by=customer, conversation_id=row.pk, now=timezone.now())
    assert assigned([row]) == {people["owner"]}
