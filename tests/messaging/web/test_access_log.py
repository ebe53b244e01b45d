"""Page of the access log: owners see who opened which conversation of their own organization."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.access_log import record_access
from accounts.choices import AccessAction, MembershipRole
from accounts.models import Membership
from messaging.web.access_log import PAGE
from salesbrain import rls
from tests import factories
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
WHERE = "/settings/access-log"


def read(user, organization, contact_id, minutes: int = 0) -> None:
    record_access(
        organization_id=organization.pk, user=user, conversation_id=contact_id, action=AccessAction.READ,
        now=timezone.now() - timedelta(minutes=minutes),
    )  # fmt: skip


def test_an_owner_sees_who_read_what_and_nothing_of_others(customer, viewer, stranger, acme, globex):
    read(viewer, acme, factories.contact(acme, "ann@lead.example").pk)
    read(stranger, globex, factories.contact(globex, "bob@lead.example").pk)
    page = client_of(customer).get(WHERE).content.decode()
    assert "viewer@salesbrain.example" in page and "ann@lead.example" in page and "Agency" in page
    assert "bob@lead.example" not in page and "globex" not in page


@pytest.mark.parametrize("role", [MembershipRole.MEMBER, MembershipRole.OBSERVER])
def test_the_access_log_is_for_owners(customer, acme, role):
    with rls.scope(rls.SYSTEM):
        Membership.objects.filter(user=customer).update(role=role)
    client = client_of(customer)
    assert client.get(WHERE).status_code == 403
    assert WHERE not in client.get("/settings").content.decode()


def test_staff_choose_an_organization_first(admin, viewer, acme):
    client = client_of(admin)
    assert "Choose an organization" in client.get(WHERE).content.decode()
    client.post("/switch", {"organization": str(acme.pk)})
    assert "Nobody has opened" in client.get(WHERE).content.decode()


def test_an_entry_stays_after_its_contact_was_deleted(customer, viewer, acme):
    read(viewer, acme, uuid4())
    assert "a contact that is gone" in client_of(customer).get(WHERE).content.decode()


def test_older_entries_are_on_further_pages_without_gap_or_repeat(customer, viewer, acme):
    names = [f"lead{number:03}@lead.example" for number in range(PAGE + 3)]
    for number, name in enumerate(names):
        read(viewer, acme, factories.contact(acme, name).pk, minutes=number)
    client, seen, address = client_of(customer), [], WHERE
    while address:
        answer = client.get(address)
        seen += [contact.email for _, contact in answer.context["rows"]]
        address = f"{WHERE}?before={answer.context['before']}" if answer.context["before"] else ""
    assert seen == names
    assert [c.email for _, c in client.get(f"{WHERE}?before={uuid4()}").context["rows"]] == names[:PAGE]
