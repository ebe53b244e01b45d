"""The OpenAPI document tells the truth: thousands of generated requests, right and wrong ones, as customer and as staff, and
every answer is one that the document foresees. Seeded, so that a failure comes back.
"""

import os
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

from messaging import search
from salesbrain import rls
from tests import factories

CASES = int(os.environ.get("SALESBRAIN_SCHEMATHESIS_CASES", "10"))
"""Per operation, person and mode; more of them at night."""

DOCUMENT = SchemaGenerator().get_schema(public=True)
OPERATIONS = [
    (method, path)
    for path, item in DOCUMENT["paths"].items()
    for method in item
    if path != "/api/instantly/sync/workspace"
]  # that one asks Instantly: tests/instantly/api holds it to the document
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Requests go through the WSGI application, which closes its connection after each; the test's transaction lives on it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def no_limits(settings) -> None:
    """Or nearly every answer would be 429."""
    rates = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "0/minute")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}


@pytest.fixture
def furnished(one_connection, no_limits, acme_connection, globex_connection) -> dict[str, str]:
    """Both organizations have something; return Acme's ids, by the names the paths use."""
    ids: dict[str, str] = {}
    for connection, number in ((globex_connection, 1), (acme_connection, 2)):
        campaign = factories.campaign(connection)
        account = factories.email_account(connection, f"sender@{connection.name}.example")
        message = factories.message(campaign, email_account=account.address)
        factories.event(campaign, number, contact=message.contact, message=message, position=number)
        factories.daily_stats(campaign, sent=1, email_account=account.address)
        ids = {
            "campaign_id": str(campaign.pk),
            "account_id": str(account.pk),
            "contact_id": str(message.contact_id),
            "kind": "messages",
            "token_id": "sb_000000000000",
            "lead_id": message.contact.email,
        }
    with rls.scope(rls.SYSTEM):
        search.rebuild()
    search.index_pending()
    return ids


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("who", ["customer", "viewer"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: value)
def test_no_answer_surprises(request, furnished, method, path, who, mode):
    token = factories.token(request.getfixturevalue(who))
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = get_wsgi_application()
    operation = schema[path][method.upper()]

    @seed(20261122)
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
        if known and mode is GenerationMode.POSITIVE:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = furnished[name]
        response = case.call(
            headers={"Authorization": f"Bearer {token}", "Host": "localhost", "Accept-Encoding": "identity"}
        )
        case.validate_response(response, headers={"Authorization": f"Bearer {token}"})

    run()
