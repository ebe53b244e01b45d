"""Rules across events: which interest counts, whom a suppression covers, owners of account errors."""

import orjson
import pytest

from accounts.models import EmailAccount
from messaging.models import Contact, Event, Suppression
from salesbrain import rls
from tests import factories
from tests.instantly.event_types.conftest import read

pytestmark = pytest.mark.django_db(transaction=True)


def all_of(model):
    with rls.scope(rls.SYSTEM):
        return list(model.objects.order_by("pk"))


def test_the_latest_verdict_by_time_holds_and_the_history_stays(book):
    book("lead_meeting_booked", timestamp="2026-07-16T12:00:00.000Z")
    book("lead_interested", timestamp="2026-07-14T12:00:00.000Z")
    booked = book("custom_label", timestamp="2026-07-15T12:00:00.000Z")
    contact = booked.of("contacts")
    assert (contact["interest"], contact["interest_at"]) == ("lead_meeting_booked", "2026-07-16T12:00:00.000Z")
    history = sorted((row["happened_at"], row["interest"]) for row in booked.rows["events"])
    assert [interest for _, interest in history] == ["lead_interested", "Rückruf im Herbst", "lead_meeting_booked"]


def test_a_staff_verdict_overrides_later_events_until_cleared(book):
    book("lead_interested")
    with rls.scope(rls.SYSTEM):
        Contact.objects.update(staff_interest="lead_closed", staff_interest_at=factories.NOON)
    book("lead_not_interested")
    with rls.scope(rls.SYSTEM):
        assert Contact.objects.with_verdict().get().verdict == "lead_closed"
        Contact.objects.update(staff_interest=None, staff_interest_at=None)
        assert Contact.objects.with_verdict().get().verdict == "lead_not_interested"


def test_the_end_of_a_sequence_does_not_change_the_interest(book):
    book("lead_interested")
    book("lead_completed")
    assert book("lead_error").of("contacts")["interest"] == "lead_interested"


def test_a_person_in_two_campaigns_is_one_contact_and_suppressed_once(book, workspace, post, work, acme):
    connection, _, secret = workspace
    other = factories.campaign(connection, "Other")
    book("lead_unsubscribed")
    body = orjson.loads(read("lead_unsubscribed")) | {
        "campaign_id": other.provider_id,
        "timestamp": "2026-07-18T06:00:00.000Z",
    }
    assert post(secret, body).status_code == 200
    work()
    (contact,), (suppression,) = all_of(Contact), all_of(Suppression)
    assert contact.unsubscribed_at.day == 15, "the first time"
    assert (suppression.first_at.day, suppression.last_at.day) == (15, 18)
    assert suppression.organization_id == acme.pk


def test_a_person_is_known_to_each_organization_apart(acme, globex, globex_connection, book, post, work):
    campaign, secret = factories.campaign(globex_connection), factories.webhook_secret(globex_connection)
    book("email_sent")
    body = orjson.loads(read("lead_unsubscribed"))
    body |= {"workspace": globex_connection.workspace_id, "campaign_id": campaign.provider_id}
    assert post(secret, body).status_code == 200
    work()
    assert {contact.organization_id for contact in all_of(Contact)} == {acme.pk, globex.pk}
    assert [suppression.organization_id for suppression in all_of(Suppression)] == [globex.pk]


def test_a_shared_workspaces_account_trouble_without_a_campaign_is_the_houses(shared_connection, house, post, work):
    body = orjson.loads(read("account_error")) | {"workspace": shared_connection.workspace_id}
    post(factories.webhook_secret(shared_connection), body)
    work()
    (account,), (event,) = all_of(EmailAccount), all_of(Event)
    assert account.organization_id == event.organization_id == house.pk
    assert (account.status, account.status_reason) == ("error", "IMAP login refused: authentication failed")


def test_an_account_event_of_a_campaign_does_not_assign_the_account(shared_connection, house, globex, post, work):
    """Campaigns of other organizations use the email account too; only the event belongs to Globex."""
    campaign = factories.campaign(shared_connection, "Globex", globex)
    body = orjson.loads(read("account_error")) | {"workspace": shared_connection.workspace_id}
    post(factories.webhook_secret(shared_connection), body | {"campaign_id": campaign.provider_id})
    work()
    (account,), (event,) = all_of(EmailAccount), all_of(Event)
    assert (account.organization_id, event.organization_id) == (house.pk, globex.pk)


def test_an_accounts_status_is_the_latest_by_time_with_its_reason(book):
    book("account_suspended")
    booked = book("account_error")
    assert booked.of("email accounts")["status"] == "suspended", "the error came later and was earlier"
    booked = book("account_error", timestamp="2026-07-23T00:00:00.000Z", error_message="quota")
    account = booked.of("email accounts")
    assert (account["status"], account["status_reason"], account["status_at"]) == (
        "error",
        "quota",
        "2026-07-23T00:00:00.000Z",
    )


def test_html_of_a_stranger_is_cleaned_before_it_is_stored(book):
    bad = '<p onclick="x()">Hi<script>x()</script><img src="https://tracker.example/p.gif"><a href="javascript:x()">a</a></p>'
    reply = book("reply_received", reply_html=bad).rows["messages"][1]
    assert reply["body_html"] == '<p>Hi<a rel="noopener noreferrer nofollow">a</a></p>'
