"""Page of an organization's snippets: who reads, writes, previews and deletes them."""

from typing import Any

import pytest

from accounts.choices import MembershipRole
from accounts.models import Membership
from messaging.models import Snippet
from salesbrain import rls
from tests import factories
from tests.messaging.web.test_inbox import replied
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
PAGE = "/settings/snippets"


@pytest.fixture
def hello(acme) -> Snippet:
    with rls.scope(rls.SYSTEM):
        return Snippet.objects.create(organization=acme, name="Hello", text="Hi {first_name} of {company}")


def stored() -> list[tuple[str, str]]:
    with rls.scope(rls.SYSTEM):
        return list(Snippet.objects.order_by("name").values_list("name", "text"))


def post(client, organization, action: str, **given: Any) -> Any:
    return client.post(PAGE, {"organization": str(organization.pk), "action": action, **given})


def test_an_owner_writes_changes_and_deletes_a_snippet(customer, acme):
    client = client_of(customer)
    assert post(client, acme, "save", name="Time", text="When, {first_name}?").status_code == 302
    assert stored() == [("Time", "When, {first_name}?")]
    with rls.scope(rls.SYSTEM):
        row = Snippet.objects.get()
    page = client.get(f"{PAGE}?edit={row.pk}").content.decode()
    assert "Edit “Time”" in page and "When, {first_name}?" in page and "When, Robin?" in page
    assert post(client, acme, "save", id=str(row.pk), name="Times", text="Monday?").status_code == 302
    assert stored() == [("Times", "Monday?")]
    assert post(client, acme, "delete", id=str(row.pk)).status_code == 302
    assert stored() == [] and "The snippet is deleted." in client.get(PAGE).content.decode()


def test_a_preview_is_filled_in_and_stores_nothing(customer, acme):
    answer = post(client_of(customer), acme, "preview", name="Hello", text="Hi {first_name} of {company}")
    assert answer.status_code == 200 and "Hi Robin of Sample GmbH" in answer.content.decode()
    assert "Hi {first_name} of {company}" in answer.content.decode(), "what was typed stays in the form"
    assert stored() == []


@pytest.mark.parametrize("action", ["save", "preview"])
def test_a_variable_that_does_not_exist_is_named_with_those_that_do(customer, acme, action):
    answer = post(client_of(customer), acme, action, name="Hello", text="Hi {firstname}")
    page = answer.content.decode()
    assert answer.status_code == 400 and "There is no variable {firstname}. There are: {first_name}" in page
    assert "Hi {firstname}" in page and stored() == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "Hello", "text": "Again"}, "There is a snippet of this name already"),
        ({"name": "", "text": "Again"}, "required"),
        ({"name": "New", "text": " "}, "A snippet has a name"),
    ],
    ids=["name of another", "no name", "no text"],
)
def test_invalid_input_is_refused_beside_its_field(customer, acme, hello, given, sentence):
    answer = post(client_of(customer), acme, "save", **given)
    assert answer.status_code == 400 and sentence in answer.content.decode() and len(stored()) == 1


@pytest.mark.parametrize("action", ["save", "preview", "delete"])
@pytest.mark.parametrize("role", [MembershipRole.MEMBER, MembershipRole.OBSERVER], ids=["member", "observer"])
def test_members_and_observers_read_and_change_nothing(customer, acme, hello, role, action):
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=role)
    client = client_of(customer)
    page = client.get(f"{PAGE}?edit={hello.pk}").content.decode()
    assert "Hi Robin of Sample GmbH" in page and 'value="save"' not in page and 'value="delete"' not in page
    assert post(client, acme, action, id=str(hello.pk), name="X", text="X").status_code == 403
    assert stored() == [("Hello", "Hi {first_name} of {company}")]


def test_staff_choose_an_organization_first_and_write_with_their_role(admin, operator, acme, hello):
    client = client_of(admin)
    assert "Choose an organization" in client.get(PAGE).content.decode()
    refused = client.post(PAGE, {"organization": "all", "action": "save", "name": "X", "text": "X"}, follow=True)
    assert "Choose one at the top" in refused.content.decode() and len(stored()) == 1
    client.post("/switch", {"organization": str(acme.pk)})
    assert post(client, acme, "save", name="By staff", text="X").status_code == 302 and len(stored()) == 2
    other = client_of(operator)
    other.post("/switch", {"organization": str(acme.pk)})
    assert post(other, acme, "save", name="No", text="X").status_code == 403 and len(stored()) == 2


def test_another_organizations_snippet_is_404(stranger, globex, hello):
    client = client_of(stranger)
    assert client.get(f"{PAGE}?edit={hello.pk}").status_code == 404
    assert "Hello" not in client.get(PAGE).content.decode()
    for action in ("save", "preview", "delete"):
        assert post(client, globex, action, id=str(hello.pk), name="X", text="X").status_code == 404
    assert stored() == [("Hello", "Hi {first_name} of {company}")]


@pytest.mark.parametrize("query", ["?edit=x", "?edit="])
def test_an_address_that_names_no_snippet_is_not_found(customer, query):
    assert client_of(customer).get(PAGE + query).status_code == 404


def test_the_composer_leads_to_the_snippets(customer, acme_connection, hello):
    factories.email_account(acme_connection, "sender@sender.example")
    ann = replied(factories.campaign(acme_connection), "ann@atlas.example", "10:00")
    page = client_of(customer).get(f"/inbox/{ann.pk}").content.decode()
    assert f'href="{PAGE}">Edit snippets</a>' in page
