"""Pages left open after a removal or a closed organization: forms, parts, downloads."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.choices import MembershipRole
from accounts.models import Invitation, Membership, Organization, User
from messaging.models import Conversation, OutboxMessage
from salesbrain import rls
from salesbrain.isolation.pages import SLOT
from salesbrain.isolation.portal import views
from salesbrain.web.views import PageView
from tests import factories
from tests.accounts.web.test_team import act, member_of
from tests.salesbrain.web import example_rows, pages
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db(transaction=True)


def leave(user: User, organization: Organization) -> None:
    Membership.objects.filter(user=user, organization=organization).delete()


def close(user: User, organization: Organization) -> None:
    Organization.objects.filter(pk=organization.pk).update(is_active=False)


def deactivate(user: User, organization: Organization) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


LOST = pytest.mark.parametrize(
    "lose", [leave, close, deactivate], ids=["removed", "organization closed", "deactivated"]
)
Lose = Callable[[User, Organization], None]


@pytest.fixture
def owner(acme, acme_connection) -> User:
    """Return an HTTP client of an owner of Acme whose pages are open."""
    example_rows.make(acme_connection)
    return member_of(acme, "owner@acme.example", MembershipRole.OWNER)


@pytest.fixture
def conversation(owner) -> Conversation:
    with rls.scope(rls.SYSTEM):
        return Conversation.objects.get()


def lost(lose: Lose, user: User, organization: Organization) -> None:
    with rls.scope(rls.SYSTEM):
        lose(user, organization)


@LOST
def test_no_form_of_an_open_page_has_an_effect(owner, acme, conversation, lose):
    client = client_of(owner)
    lost(lose, owner, acme)
    tried = 0
    for route, view in views().items():
        if hasattr(view, "post") and issubclass(view, PageView) and view.needs_organization:
            form = {"organization": str(acme.pk), "action": "invite", "email": "friend@else.example", "role": "owner",
                    "text": "Hello", "act": "done", "ids": str(conversation.pk), "conversation": str(conversation.pk)}  # fmt: skip
            answer: Any = client.post("/" + SLOT.sub(str(conversation.pk), route), form)
            assert answer.status_code in (302, 403), f"{route}: {answer.status_code}"
            assert "Acme" not in answer.content.decode() and "acme@lead.example" not in answer.content.decode()
            tried += 1
    assert tried >= 5
    with rls.scope(rls.SYSTEM):
        assert not Invitation.objects.exists() and not OutboxMessage.objects.exists()
        assert Conversation.objects.get().state == "open"


@LOST
def test_no_part_of_an_open_page_is_loaded_again(owner, acme, lose):
    client = client_of(owner)
    lost(lose, owner, acme)
    headers = {"hx-request": "true", "x-organization": str(acme.pk)}
    for page in pages.of_users():
        if issubclass(page.view, PageView) and page.view.needs_organization:
            answer: Any = client.get(page.address, headers=headers)
            assert answer.status_code in (401, 403), f"{page.address}: {answer.status_code}"
            assert "acme@lead.example" not in answer.content.decode(), page.address


@LOST
@pytest.mark.parametrize("address", ["/campaigns", "/email-accounts", "/contacts", "/messages"])
def test_no_file_is_downloaded_from_an_open_page(owner, acme, lose, address):
    client = client_of(owner)
    assert client.get(f"{address}?format=csv")["Content-Type"].startswith("text/csv")
    lost(lose, owner, acme)
    answer: Any = client.get(f"{address}?format=csv")
    assert answer.status_code in (302, 403) and "csv" not in answer["Content-Type"]


@LOST
def test_the_organization_is_not_chosen_again(owner, acme, globex, lose):
    with rls.scope(rls.SYSTEM):
        Membership.objects.create(user=owner, organization=globex)
    client = client_of(owner)
    client.post("/switch", {"organization": str(acme.pk)})
    lost(lose, owner, acme)
    answer = client.post("/switch", {"organization": str(acme.pk)})
    assert answer.status_code == 404 or answer["Location"].startswith("/login")
    if lose is not deactivate:
        page = client.get("/").content.decode()
        assert "Globex" in page and "Acme" not in page


@pytest.mark.parametrize("lose", [leave, close], ids=["removed", "organization closed"])
def test_an_api_token_made_on_the_page_ends_with_it(owner, acme, lose):
    client = client_of(owner)
    token = client.post("/settings/tokens", {"name": "CRM", "days": "30"}).context["token"]
    headers = {"authorization": f"Bearer {token}"}
    assert client.get("/api/instantly/campaigns", headers=headers).status_code == 200
    lost(lose, owner, acme)
    for path in ("campaigns", "contacts", "events", f"campaigns?organization_id={acme.pk}"):
        answer: Any = client.get(f"/api/instantly/{path}", headers=headers)
        assert answer.status_code in (403, 404) and "acme@lead.example" not in answer.content.decode(), path


def test_invitations_that_a_removed_owner_sent_open_nothing(owner, acme):
    factories.customer("second@acme.example", acme)
    link = act(client_of(owner), acme, "invite", email="friend@else.example", role="owner").content.decode()
    path = "/invitations/" + link.split("/invitations/")[1].split('"')[0].split("<")[0].split()[0]
    assert client_of(owner).get(path).status_code == 200
    second = client_of(User.objects.get(email="second@acme.example"))
    with rls.scope(rls.SYSTEM):
        key = Membership.objects.get(user=owner).pk
    act(second, acme, "remove", id=str(key))
    assert pages.Client().get(path).status_code == 410
