"""Conformance of the API to its OpenAPI document under thousands of generated requests.

Valid and invalid ones, as customer and as staff; every response must be documented. Seeded, so that a failure can be repeated. `make
schemathesis` sends many more.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from accounts.api.parameters import InOneOrganization
from accounts.models import EmailAccount, Organization, ProviderConnection, User
from campaigns.models import Campaign
from messaging import search
from salesbrain import rls
from tests import factories
from tests.instantly.conftest import empty_queue, fake, instantly, space, sync, workspace  # noqa: F401  fixtures

CASES = int(os.environ.get("SALESBRAIN_SCHEMATHESIS_CASES", "10"))
"""Number of generated requests per operation, user and mode."""
SEED = int(os.environ.get("SALESBRAIN_SCHEMATHESIS_SEED", "20261122"))
REPORT = os.environ.get("SALESBRAIN_SCHEMATHESIS_REPORT")
"""File that gets a line for each operation, user and mode, with the number of cases and of each response status."""

DOCUMENT = SchemaGenerator().get_schema(public=True)
OPERATIONS = [(method, path) for path, item in DOCUMENT["paths"].items() for method in item]
CHANGES = [(method, path) for method, path in OPERATIONS if method != "get" and not path.startswith("/api/auth")]
"""Operations that call Instantly; a customer or a viewer is refused before that."""
NEEDED = InOneOrganization().fields["organization_id"].help_text
"""Help text of the parameter by which staff name an organization, which JSON Schema cannot require of them alone."""
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's database connection open: the WSGI application would close it after each request, and end the transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def no_limits(settings) -> None:
    """Switch rate limits off; otherwise nearly every response would be 429."""
    rates = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "0/minute")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


def team_of(organization: Organization, owner: User) -> dict[str, str]:
    """Give an organization an observer and an open invitation; return their ids by the API's parameter names."""
    observer = factories.customer(f"observer@{organization.slug}.example", organization, role="observer")
    return {
        "member_id": str(factories.member_id(observer, organization)),
        "invitation_id": str(factories.invitation(organization, owner, f"new@{organization.slug}.example").pk),
        "organization_id": str(organization.pk),
    }


def staff_rows(connection: ProviderConnection) -> dict[str, str]:
    """Create an action that ended and a promotion that waits for its confirmation; return their ids by the API's parameter names."""
    assert connection.organization
    own = factories.connection(f"own-{connection.name}", connection.organization)
    return {
        "action_id": str(factories.ended_action(connection).pk),
        "promotion_id": str(factories.promotion(connection.organization, connection, own).pk),
    }


@pytest.fixture
def furnished(one_connection, no_limits, acme_connection, globex_connection, customer, stranger) -> dict[str, str]:
    """Create rows of every kind in both organizations; return Acme's ids by the API's parameter names."""
    ids: dict[str, str] = {}
    for connection, number, owner in ((globex_connection, -1, stranger), (acme_connection, -2, customer)):
        campaign = factories.campaign(connection)
        account = factories.email_account(connection, f"sender@{connection.name}.example")
        message = factories.message(campaign, email_account=account.address)
        factories.event(campaign, number, contact=message.contact, message=message, position=10**9 - number)
        factories.daily_stats(campaign, sent=1, email_account=account.address)
        ids = {
            "campaign_id": str(campaign.pk),
            "account_id": str(account.pk),
            "contact_id": str(message.contact_id),
            "kind": "messages",
            "token_id": "sb_000000000000",
            "lead_id": message.contact.email,
            **team_of(connection.organization, owner),
            **staff_rows(connection),
        }
        received = factories.message(campaign, message.contact.email, step=2, direction="in", email_id="received")
        told = {"contact": message.contact, "message": received, "position": 10**9 - 10 * number}
        factories.event(campaign, 10 * number, "reply_received", **told)
        conversation = factories.conversation(message.contact)
        factories.access_entry(conversation, owner)
        ids["conversation_id"] = str(conversation.pk)
        ids["outbox_id"] = str(factories.outbox_message(message.contact, owner).pk)
        factories.finding(campaign)
        ids["snippet_id"] = str(factories.snippet(connection.organization).pk)
        ids["rule_id"] = str(factories.assignment_rule(connection, connection.organization).pk)
        ids["provider_connection_id"] = str(connection.pk)
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    return ids


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", ["customer", "viewer"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: value)
def test_every_response_to_a_read_is_documented(request, furnished, method, path, who, mode):
    ask(method, path, mode, who, factories.token(request.getfixturevalue(who)), furnished)


@pytest.fixture
def connected(no_limits, api, admin, acme_connection, space, empty_queue) -> dict[str, str]:  # noqa: F811
    """Sync a workspace at the emulator; return its ids by the API's parameter names."""
    with rls.scope(rls.SYSTEM):
        synced = Campaign.objects.select_related("organization", "connection").filter(connection=acme_connection)
        campaign = synced.order_by("name").first()
        account = EmailAccount.objects.filter(connection=acme_connection).order_by("address").first()
    assert campaign and account
    contact = factories.contact(acme_connection.organization)
    received = factories.message(
        campaign, contact.email, direction="in", email_id="received", email_account=account.address
    )
    factories.event(campaign, -1, "reply_received", contact=contact, message=received, position=10**9)
    conversation = factories.conversation(contact)
    leads = f"/api/instantly/admin/campaign/{campaign.pk}/leads"
    assert api(admin).post(leads, {"leads": [{"email": "ada@engines.example"}], "dry_run": False}).status_code == 200
    return {
        "campaign_id": str(campaign.pk),
        "account_id": str(account.pk),
        "lead_id": next(iter(space.leads))["id"],
        "provider_connection_id": str(acme_connection.pk),
        "contact_id": str(contact.pk),
        "conversation_id": str(conversation.pk),
        "outbox_id": str(factories.outbox_message(contact, admin).pk),
        "snippet_id": str(factories.snippet(acme_connection.organization).pk),
        "rule_id": str(factories.assignment_rule(acme_connection, acme_connection.organization).pk),
        **team_of(acme_connection.organization, admin),
        **staff_rows(acme_connection),
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), CHANGES, ids=lambda value: value)
def test_every_response_to_a_write_is_documented(connected, admin, method, path, mode):
    """Requests are sent by an admin over HTTP, with committed transactions and the emulator as Instantly."""
    ask(method, path, mode, "admin", factories.token(admin), connected)


JUDGED_BY_ROWS = ("/api/instantly/admin/assignment-rules", "/api/instantly/admin/promotions")
"""Operations whose response depends on rows, such as a shared workspace or campaigns with the given names."""


def excused(response: Any, path: str) -> list[Any]:
    """Return the schemathesis checks to skip for a response whose deviation has a known reason: Instantly refused a schedule or sequences,
    which the schema leaves to it; invalid leads are named in a 200 response; the error belongs to no field, such as a snooze in the
    past; or rows decide (JUDGED_BY_ROWS)."""
    body = response.json() if response.headers.get("content-type") == ["application/json"] else {}
    refused_for_its_meaning = body.get("code") == "invalid" and body.get("errors") == {}
    refused_by_rows = body.get("code") == "invalid" and path.startswith(JUDGED_BY_ROWS)
    if body.get("code") == "provider_refused" or refused_for_its_meaning or refused_by_rows:
        return [positive_data_acceptance]
    return [negative_data_rejection] if "invalid" in body.get("data", {}) and body["data"]["invalid"] else []


def ask(method: str, path: str, mode: GenerationMode, who: str, token: str, ids: dict[str, str]) -> None:
    """Send CASES generated requests; half of the valid ones use the ids of existing rows. Raises for an undocumented response."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = get_wsgi_application()
    operation = schema[path][method.upper()]
    names_organization = NEEDED in [
        parameter.get("description") for parameter in DOCUMENT["paths"][path][method].get("parameters", [])
    ]
    statuses: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {token}"}

    @seed(SEED)
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def run(case: Any, known: bool) -> None:
        wrong = {where for where, part in case.meta.components.items() if part.mode.is_negative}
        if known and ParameterLocation.PATH not in wrong:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = ids[name]
        if known and ParameterLocation.BODY not in wrong and isinstance(case.body, dict):
            case.body |= {name: ids[name] for name in case.body if name in ids}
        if who != "customer" and names_organization and ParameterLocation.QUERY not in wrong:
            case.query = {"organization_id": ids["organization_id"], **({} if known else case.query or {})}
        response = case.call(headers={**headers, "Host": "localhost", "Accept-Encoding": "identity"})
        statuses[response.status_code] += 1
        case.validate_response(response, headers=headers, excluded_checks=excused(response, path))

    run()
    if REPORT:
        line = {"operation": f"{method.upper()} {path}", "who": who, "mode": mode.value, "statuses": statuses}
        with open(REPORT, "a", encoding="utf-8") as report:
            report.write(json.dumps(line) + "\n")
