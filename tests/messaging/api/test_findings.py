"""Findings over the API: staff only, filtered by state, severity, rule and object."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from messaging.models import Finding
from salesbrain import rls

pytestmark = pytest.mark.django_db
URL = "/api/instantly/admin/findings"


@pytest.fixture
def target(acme, globex) -> UUID:
    """Create findings in every state for Acme, one of Globex, one of no organization; return the open one's object id."""
    now, target = timezone.now(), uuid4()
    rows = [
        {"rule": "bounces", "organization": acme, "target_id": target, "figure": 0.125, "limit": 0.05, "sample": 80, "floor": 50},
        {"rule": "leads_left", "organization": acme, "severity": "warning"},
        {"rule": "bounces", "organization": acme, "until": now},
        {"rule": "bounces", "organization": acme, "snoozed_until": now + timedelta(days=1), "snooze_reason": "known"},
        {"rule": "not_sending", "organization": globex},
        {"rule": "queue_stalled", "target_type": "installation"},
    ]  # fmt: skip
    with rls.scope(rls.SYSTEM):
        for row in rows:
            values = {
                "severity": "critical",
                "target_type": "campaign",
                "target_id": uuid4(),
                "target_name": "x",
                "since": now,
            }
            Finding.objects.create(**{**values, **row})
    return target


def asked(api, user, query: str = "") -> list[dict]:
    answer = api(user).get(URL + query)
    assert answer.status_code == 200, answer.json()
    rows: list[dict] = answer.json()["data"]["findings"]
    return rows


@pytest.mark.parametrize(
    ("query", "rules"),
    [
        ("", ["bounces", "leads_left", "not_sending", "queue_stalled"]),
        ("?state=snoozed", ["bounces"]),
        ("?state=over", ["bounces"]),
        ("?state=all&rule=bounces", ["bounces"] * 3),
        ("?severity=warning,notice", ["leads_left"]),
        ("?organization=globex", ["not_sending"]),
        ("?target_type=installation", ["queue_stalled"]),
    ],
    ids=["open", "snoozed", "over", "rule", "severity", "organization", "object"],
)
def test_staff_list_findings(api, viewer, target, query, rules):
    assert sorted(row["rule"] for row in asked(api, viewer, query)) == rules


def test_a_finding_carries_figure_rule_and_customer(api, viewer, target, acme):
    (row,) = asked(api, viewer, f"?target_id={target}")
    assert (row["figure"], row["limit"], row["sample"], row["floor"]) == (0.125, 0.05, 80, 50)
    assert (row["organization_id"], row["until"], row["severity"]) == (str(acme.pk), None, "critical")


def test_customers_are_refused(api, customer, target):
    assert api(customer).get(URL).status_code == 403
