"""Compatibility of a Python client generated from docs/openapi.json with the API."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from messaging import search
from messaging.models import Suppression
from salesbrain import rls
from tests import factories

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
PACKAGE = "generated_salesbrain_client"
GENERATOR = Path(sys.executable).with_name("openapi-python-client")
READING = [
    (operation["operationId"], operation["tags"][0].lower())
    for item in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"].values()
    for method, operation in item.items()
    if method == "get"
]


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """Generate the client package once, in a temporary directory."""
    place = tmp_path_factory.mktemp("generated")
    (place / "config.yml").write_text("post_hooks: []\n")
    done = subprocess.run(
        [GENERATOR, "generate", "--path", DOCUMENT, "--config", place / "config.yml", "--meta", "none",
         "--output-path", place / PACKAGE, "--fail-on-warning"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, f"the generator takes offence at the document:\n{done.stdout}\n{done.stderr}"
    sys.path.insert(0, str(place))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(place))


@pytest.fixture
def ids(acme_connection, shared_connection, customer) -> dict[str, Any]:
    """Create one row of every kind for Acme; return the ids by the names of the operations' arguments."""
    campaign = factories.campaign(acme_connection, sequences=[{"steps": []}], schedule={"days": [1]})
    account = factories.email_account(acme_connection, "sender@acme.example")
    message = factories.message(
        campaign, email_account=account.address, subject="Angebot", body_text="Guten Tag", opened_at=factories.NOON
    )
    factories.event(campaign, 1, "reply_received", contact=message.contact, message=message, position=1)
    factories.daily_stats(campaign, sent=2, unique_opens=1, email_account=account.address)
    with rls.scope(rls.SYSTEM):
        Suppression.objects.create(
            organization=acme_connection.organization,
            email="lead@lead.example",
            reason="manual",
            first_at=factories.NOON,
            last_at=factories.NOON,
        )
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    conversation = factories.conversation(message.contact)
    factories.invitation(acme_connection.organization, customer)
    factories.access_entry(conversation, customer)
    return {
        "campaign_id": campaign.pk,
        "account_id": account.pk,
        "contact_id": message.contact_id,
        "conversation_id": conversation.pk,
        "outbox_id": factories.outbox_message(message.contact, customer).pk,
        "provider_connection_id": shared_connection.pk,
        "action_id": factories.ended_action(shared_connection).pk,
        "promotion_id": factories.promotion(acme_connection.organization, shared_connection, acme_connection).pk,
        "query": "Angebote",
    }


@pytest.fixture
def ask(generated: ModuleType, live_server: Any) -> Any:
    """Return `ask(user, operation, tag, **arguments)`, which calls the generated client and returns its parsed response."""

    def call(user: Any, operation: str, tag: str, **arguments: Any) -> Any:
        module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
        client = generated.AuthenticatedClient(base_url=live_server.url, token=factories.token(user), timeout=30)
        with client:  # left open, it would keep a thread of the server, and that one its database connection
            return module.sync_detailed(client=client, **arguments)

    return call


def arguments_of(operation: str, tag: str, ids: dict[str, Any]) -> dict[str, Any]:
    """Return the required arguments of an operation."""
    module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
    code = module._get_kwargs.__code__
    needed = [*code.co_varnames[: code.co_argcount], *module._get_kwargs.__annotations__]
    wanted = {name: ids[name] for name in ids if name in needed}
    if operation == "export_retrieve":
        wanted["kind"] = importlib.import_module(f"{PACKAGE}.models").ExportRetrieveKind.MESSAGES
    return wanted


@pytest.mark.django_db(transaction=True)
def test_every_reading_operation_is_generated_and_its_answer_read(ask, ids, customer, viewer):
    assert len(READING) > 15
    for operation, tag in READING:
        answer = ask(viewer if tag == "staff" else customer, operation, tag, **arguments_of(operation, tag, ids))
        assert answer.status_code == 200, (operation, answer.content)
        if operation == "export_retrieve":
            assert json.loads(answer.parsed.splitlines()[-1])["manifest"]["complete"] is True
            continue
        told = json.loads(answer.content)
        assert answer.parsed.success is True
        assert answer.parsed.additional_properties == {}, f"{operation} answers with more than the document says"
        assert set(answer.parsed.data.to_dict()) == set(told["data"]), operation


@pytest.mark.django_db(transaction=True)
def test_parsed_values_have_the_documented_types(ask, ids, customer):
    (campaign,) = ask(customer, "campaigns_list", "customers").parsed.data.campaigns
    assert (campaign.id, campaign.name) == (ids["campaign_id"], "Q3 Outbound") and isinstance(campaign.id, UUID)
    (message,) = ask(customer, "campaign_messages_list", "customers", campaign_id=campaign.id).parsed.data.messages
    assert message.happened_at == factories.NOON and message.contact.email == "lead@lead.example"
    assert (message.sent_at, message.status.value, message.is_unread) == (factories.NOON, "opened", None)
    found = ask(customer, "search_messages_list", "customers", query="angebot").parsed.data.messages[0]
    assert found.highlight.subject == "<mark>Angebot</mark>"
    figures = ask(customer, "stats_retrieve", "customers", start=date(2026, 7, 1), end=date(2026, 7, 31)).parsed.data
    assert (figures.sent, figures.open_rate, figures.period.start) == (2, 0.5, date(2026, 7, 1))
    assert "seconds" in figures.definitions.additional_properties["machines"]


@pytest.mark.django_db(transaction=True)
def test_filters_of_every_kind_arrive(ask, ids, customer, generated):
    """The generated client sends lists as repeated parameters, and times with an offset."""
    models = importlib.import_module(f"{PACKAGE}.models")
    kinds = models.CampaignMessagesListStatusItem
    arguments = {
        "campaign_id": ids["campaign_id"],
        "status": [kinds.OPENED, kinds.REPLIED],
        "direction": models.CampaignMessagesListDirection.OUT,
        "since": datetime(2026, 7, 1, tzinfo=UTC),
        "ordering": models.CampaignMessagesListOrdering.UPDATED_AT,
        "cursor": "",
        "limit": 1,
    }
    answer = ask(customer, "campaign_messages_list", "customers", **arguments)
    assert answer.status_code == 200, answer.content
    assert answer.parsed.count == 1
    none = ask(
        customer, "campaign_messages_list", "customers", **arguments | {"status": [kinds.BOUNCED, kinds.REPLIED]}
    )
    assert none.parsed.count == 0


@pytest.mark.django_db(transaction=True)
def test_errors_are_read_too(ask, ids, customer, viewer, generated):
    stranger = UUID("6fa4b3d8-0d43-4f0c-9a3f-3b1f2a7f7c11")
    missing = ask(customer, "campaign_retrieve", "customers", campaign_id=stranger)
    assert (missing.status_code, missing.parsed.success, missing.parsed.code) == (404, False, "not_found")
    forbidden = ask(customer, "staff_campaigns_list", "staff")
    assert (forbidden.status_code, forbidden.parsed.code) == (403, "permission_denied")
    wrong = ask(customer, "campaigns_list", "customers", limit=0)
    assert (wrong.status_code, list(wrong.parsed.errors.additional_properties)) == (400, ["limit"])


@pytest.mark.django_db(transaction=True)
def test_a_token_is_made_and_used(generated, live_server, customer, acme):
    models = importlib.import_module(f"{PACKAGE}.models")
    create = importlib.import_module(f"{PACKAGE}.api.tokens.tokens_create")
    body = models.TokenBodyRequest(name="CRM", email=customer.email, password="customer-password")
    with generated.Client(base_url=live_server.url) as client:
        made = create.sync(client=client, body=body)
    me = importlib.import_module(f"{PACKAGE}.api.customers.me_retrieve")
    with generated.AuthenticatedClient(base_url=live_server.url, token=made.data.token) as client:
        answer = me.sync(client=client)
    assert answer.data.user.email == customer.email
    assert [organization.name for organization in answer.data.organizations] == ["Acme"]
