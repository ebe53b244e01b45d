"""Apply assignment rules to the new campaigns of a shared workspace, after a sync has written them.

Tags are read first, and only those that rules compare: `GET /custom-tags?search=` finds the tag of a label, `GET /campaigns?tag_ids=` the
campaigns that have it (https://developer.instantly.ai/api-reference). If they cannot be read, no rule is applied: a rule of lower priority
could assign a campaign that the tag's rule should have assigned.
"""

from datetime import datetime

import orjson

from accounts.models import ProviderConnection
from campaigns.choices import RuleKind
from campaigns.models import AssignmentRule
from instantly.client import InstantlyClient
from instantly.client.errors import InstantlyError
from instantly.sync.report import SyncReport
from messaging import assignment
from salesbrain import rls

from .mirror import run_statement

ACTOR = "assignment rules"
"""Actor in the audit log for a rule that a sync applied."""


def assign_new_campaigns(
    connection: ProviderConnection, client: InstantlyClient, report: SyncReport, *, now: datetime
) -> None:
    """Assign the unassigned campaigns that match rules in effect, and count them in the report.

    Call outside of a transaction. A failure of Instantly's is a problem in the report; the next sync tries again.
    """
    if not connection.is_shared:
        return
    try:
        store_tags(connection, client)
    except InstantlyError as error:
        report.problem("tags", "", str(error))
        return
    result = assignment.assign_new(connection.pk, now=now, actor_name=ACTOR)
    report.assigned = len(result.moved)
    for id in result.failed:
        report.problem("assignment", str(id), "it could not be moved; the log says why, and the next sync tries again")


def store_tags(connection: ProviderConnection, client: InstantlyClient) -> None:
    """Store on the workspace's campaigns which of the tags named by its rules they have. Call outside of a transaction; raises
    InstantlyError.
    """
    with rls.scope(rls.SYSTEM):
        rules = AssignmentRule.objects.filter(connection=connection, kind=RuleKind.TAG)
        labels = sorted(set(rules.values_list("value", flat=True)))
    if not labels:
        return
    tags: dict[str, list[str]] = {}
    for label in labels:
        for provider_id in tagged(client, label):
            tags.setdefault(provider_id, []).append(label)
    rows = [{"provider_id": provider_id, "tags": found} for provider_id, found in tags.items()]
    with rls.scope(rls.SYSTEM):
        run_statement("tags", {"connection": connection.pk, "tags": orjson.dumps(rows).decode()})


def tagged(client: InstantlyClient, label: str) -> list[str]:
    """Return the provider's ids of the campaigns that have a tag of this label, ignoring case. Raises InstantlyError."""
    ids = [tag.id for tag in client.custom_tags(search=label) if tag.label.strip().casefold() == label.casefold()]
    return [campaign.id for campaign in client.campaigns(tag_ids=ids)] if ids else []
