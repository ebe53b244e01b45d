"""Equality of reads by fixed SQL text with their Django querysets."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from messaging.models import Event
from salesbrain import rls
from salesbrain.kernel import fast_reads
from salesbrain.kernel.fast_reads import Where
from tests import factories


def test_plain_comparisons_give_the_querysets_rows(acme, acme_connection, globex_connection):
    ours = [factories.campaign(acme_connection, f"Ours {number}") for number in range(3)]
    factories.campaign(globex_connection, "Theirs")
    for position in (1, 2, 3):
        factories.event(ours[0], position, position=position)
    with rls.scope(rls.SYSTEM):
        for where, expected in (
            (Where(Campaign, {"organization_id": acme.pk}), 3),
            (Where(Campaign, {"organization_id": acme.pk, "id": ours[0].pk}), 1),
            (Where(Campaign, {"pk": ours[0].pk}), 1),
            (Where(Campaign, {}), 4),
            (Where(Event, {"organization_id": acme.pk, "position__gt": 1}), 2),
        ):
            written = fast_reads.values(where, "id", limit=9)
            assert sorted(written) == sorted(where.queryset().values_list("id")) and len(written) == expected
            assert fast_reads.count(where, up_to=9) == expected


def test_additional_filters_select_the_same_rows(acme, acme_connection, globex_connection):
    factories.campaign(acme_connection, "One")
    factories.campaign(acme_connection, "Two")
    factories.campaign(globex_connection, "One")
    with rls.scope(rls.SYSTEM):
        found = Where(Campaign, {"organization_id": acme.pk}).filter(name="One")
        assert [campaign.organization_id for campaign in found] == [acme.pk]


def test_a_value_is_never_part_of_the_sql(acme, acme_connection):
    factories.campaign(acme_connection, "One")
    with rls.scope(rls.customer(acme.pk)), CaptureQueriesContext(connection) as queries:
        assert fast_reads.values(Where(Campaign, {"name": "' OR true --"}), "name") == []
        assert fast_reads.values(Where(Campaign, {"name": "One"}), "name") == [("One",)]
    asked = [query["sql"] for query in queries if "campaigns_campaign" in query["sql"]]
    assert len(set(asked)) == 1, "one text, prepared once"
