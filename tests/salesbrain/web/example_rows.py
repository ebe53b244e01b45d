"""Create the rows whose ids the tests use to open every page."""

from typing import Any

from accounts.models import ProviderConnection
from messaging.models import Contact, Conversation, Message
from messaging.web.account_page import AccountView
from messaging.web.campaign_page import CampaignView
from messaging.web.contact_page import ContactView
from messaging.web.message_body import MessageBodyView
from salesbrain import rls
from tests import factories


def make(connection: ProviderConnection, name: str = "Acme") -> None:
    """Make a campaign, an email account, a contact and a message, each with its page's example key; `name` is in all their texts."""
    campaign = factories.campaign(connection, name, id=CampaignView.example_arguments["campaign_id"])
    factories.email_account(
        connection,
        f"{name}@sender.example".lower(),
        id=AccountView.example_arguments["account_id"],
        first_name=name,
        last_name=name,
    )
    own: dict[str, Any] = {"organization": campaign.organization}
    with rls.scope(rls.SYSTEM):
        contact = Contact.objects.create(
            id=ContactView.example_arguments["contact_id"],
            email="acme@lead.example",
            first_name=name,
            first_seen_at=factories.NOON,
            **own,
        )
        Conversation.objects.create(
            id=contact.pk, state="open", last_mail_at=factories.NOON, last_human_at=factories.NOON, waiting_since=factories.NOON,
            **own,
        )  # fmt: skip
        Message.objects.create(
            id=MessageBodyView.example_arguments["message_id"], campaign=campaign, contact=contact, direction="out", subject=name,
            body_text=name, sent_at=factories.NOON, happened_at=factories.NOON, step=1, variant=1, **own,
        )  # fmt: skip
