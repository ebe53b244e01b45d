"""Pages called with another organization's ids, and records of who read a text."""

from uuid import uuid4

import pytest

from accounts.models import AccessEntry, AuditEntry
from salesbrain import rls
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db


def addresses(world) -> dict[str, str]:
    message = next(message for message in world.messages if message.direction == "in")
    return {
        "campaign": f"/campaigns/{world.campaigns[0].pk}", "account": f"/email-accounts/{world.accounts[0].pk}",
        "contact": f"/contacts/{message.contact_id}", "conversation": f"/inbox/{message.contact_id}",
        "body": f"/messages/{message.pk}/body",
    }  # fmt: skip


@pytest.mark.parametrize("what", ["campaign", "account", "contact", "conversation", "body"])
def test_another_organizations_rows_are_answered_like_unknown_ones(customer, stranger, outreach, foreign, what):
    client = client_of(customer)
    theirs, own = addresses(foreign)[what], addresses(outreach)[what]
    unknown = "/".join(str(uuid4()) if len(part) == 36 else part for part in theirs.split("/"))
    refused, missing = client.get(theirs), client.get(unknown)
    assert (refused.status_code, missing.status_code) == (404, 404)
    assert refused.content == missing.content
    assert client.get(own).status_code == 200 and client_of(stranger).get(theirs).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/inbox?lane=all",
        "/campaigns",
        "/email-accounts",
        "/contacts",
        "/messages",
        "/stats?by=campaign",
        "/stats?by=email_account",
    ],
)
def test_lists_show_nothing_of_others(customer, outreach, foreign, address):
    page = client_of(customer).get(address).content.decode()
    marks = [row.name for row in foreign.campaigns] + [row.address for row in foreign.accounts]
    marks += [str(row.pk) for row in (*foreign.campaigns, *foreign.accounts, *foreign.contacts, *foreign.messages)]
    assert [mark for mark in marks if mark in page] == []


def test_filters_by_another_organizations_ids_find_nothing(customer, outreach, foreign):
    client = client_of(customer)
    campaign, account = foreign.campaigns[0], foreign.accounts[0]
    for address in (
        f"/messages?campaign={campaign.pk}",
        f"/messages?account={account.address}",
        f"/contacts?campaign={campaign.pk}",
    ):
        assert list(client.get(address).context["shown"].rows) == [], address
        assert client.get(f"{address}&format=csv").content.count(b"\n") == 1, "the header alone"


def test_staff_see_all_organizations_with_whose_each_row_is(viewer, outreach, foreign):
    client = client_of(viewer)
    for address in ("/campaigns", "/email-accounts", "/messages", "/contacts"):
        page = client.get(address).content.decode()
        assert '<span class="badge">Acme</span>' in page and '<span class="badge">Globex</span>' in page, address
    client.post("/switch", {"organization": str(outreach.organization.pk)})
    names = {row.campaign.name for row in client.get("/campaigns").context["shown"].rows}
    assert names == {campaign.name for campaign in outreach.campaigns}
    assert client.get(addresses(foreign)["contact"]).status_code == 404, "one organization at a time"


def test_staff_over_all_see_the_newest_of_all_in_order(viewer, outreach, foreign):
    found = [row.pk for row in client_of(viewer).get("/messages").context["shown"].rows]
    newest = sorted(
        (*outreach.messages, *foreign.messages), key=lambda message: (message.happened_at, message.pk), reverse=True
    )
    assert found == [message.pk for message in newest[:50]]


@pytest.mark.parametrize("what", ["contact", "conversation", "body"])
def test_staff_reading_a_text_is_recorded_in_both_logs(viewer, outreach, what):
    address = addresses(outreach)[what]
    assert client_of(viewer).get(address).status_code == 200
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get(action="page.read")
        shown = AccessEntry.objects.get()
    assert (entry.actor_id, entry.organization_id, entry.detail["path"]) == (
        viewer.pk,
        outreach.organization.pk,
        address,
    )
    assert (shown.actor_id, shown.party, str(shown.conversation_id)) == (viewer.pk, "agency", entry.target_id)


def test_a_members_reading_is_recorded_in_the_access_log_only(customer, outreach):
    client_of(customer).get(addresses(outreach)["contact"])
    with rls.scope(rls.SYSTEM):
        assert not AuditEntry.objects.filter(action="page.read").exists()
        assert AccessEntry.objects.get().party == "team"


def test_lists_show_staff_no_text_of_a_mail(viewer, customer, outreach):
    replies = [message for message in outreach.messages if message.direction == "in" and not message.is_auto_reply]
    texts = {str(message.reply_text)[:40] for message in replies}
    for address in ("/", "/inbox?lane=all", "/messages?direction=in", f"/campaigns/{outreach.campaigns[0].pk}"):
        assert not [text for text in texts if text in client_of(viewer).get(address).content.decode()], address
    assert [text for text in texts if text in client_of(customer).get("/messages?direction=in").content.decode()]


def test_a_mail_is_shown_in_a_sandbox_without_anything_that_runs(customer, acme_connection):
    from tests import factories

    message = factories.message(
        factories.campaign(acme_connection), body_html='<p onclick="x()">Hi<script>x()</script><img src="http://x">'
    )
    answer = client_of(customer).get(f"/messages/{message.pk}/body")
    page = answer.content.decode()
    assert "Hi" in page and not any(mark in page for mark in ("<script", "onclick", "<img"))
    assert "sandbox" in answer["Content-Security-Policy"] and "default-src 'none'" in answer["Content-Security-Policy"]
    contact = client_of(customer).get(f"/contacts/{message.contact_id}").content.decode()
    assert f'src="/messages/{message.pk}/body" sandbox="allow-popups allow-popups-to-escape-sandbox"' in contact
