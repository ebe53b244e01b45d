"""Instantly's documented operations that the emulator lacks; they return 501.

The real service never returns 501. The product does not use them: bought mailboxes, inbox placement tests, lead search, phone numbers,
OAuth.
"""

from typing import Any

from ..wire import Refusal
from .routing import Call, Route

OPERATIONS = """
GET /crm-actions/phone-numbers
DELETE /crm-actions/phone-numbers/{id}
POST /dfy-email-account-orders
GET /dfy-email-account-orders
POST /dfy-email-account-orders/domains/similar
POST /dfy-email-account-orders/domains/check
POST /dfy-email-account-orders/domains/pre-warmed-up-list
GET /dfy-email-account-orders/accounts
POST /dfy-email-account-orders/accounts/cancel
GET /inbox-placement-analytics
GET /inbox-placement-analytics/{id}
POST /inbox-placement-analytics/stats-by-test-id
POST /inbox-placement-analytics/deliverability-insights
POST /inbox-placement-analytics/stats-by-date
GET /inbox-placement-reports
GET /inbox-placement-reports/{id}
POST /inbox-placement-tests
GET /inbox-placement-tests
GET /inbox-placement-tests/{id}
DELETE /inbox-placement-tests/{id}
PATCH /inbox-placement-tests/{id}
GET /inbox-placement-tests/email-service-provider-options
POST /oauth/google/init
POST /oauth/microsoft/init
GET /oauth/session/status/{sessionId}
POST /supersearch-enrichment/signal-keywords-facet
POST /supersearch-enrichment/ai
GET /supersearch-enrichment/ai/{resource_id}/in-progress
GET /supersearch-enrichment/{resource_id}
POST /supersearch-enrichment
PATCH /supersearch-enrichment/{resource_id}/settings
POST /supersearch-enrichment/enrich-leads-from-supersearch
POST /supersearch-enrichment/run
POST /supersearch-enrichment/count-leads-from-supersearch
POST /supersearch-enrichment/preview-leads-from-supersearch
GET /supersearch-enrichment/history/{resource_id}
"""


def refuse(call: Call) -> Any:
    raise Refusal(501, "The emulator does not play this operation")


ROUTES = tuple(
    Route(method, path, None, refuse) for method, path in (line.split() for line in OPERATIONS.strip().splitlines())
)
