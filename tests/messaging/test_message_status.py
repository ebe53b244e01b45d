"""Status of a message: as a property, in SQL and as a filter the same."""

from itertools import product
from typing import Any

import pytest

from messaging.models import Message
from messaging.models.message import DATED, STATUS, STATUSES
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_filter_of_each_status_finds_what_has_it(acme_connection):
    campaign = factories.campaign(acme_connection)
    kinds: list[tuple[str, dict[str, Any]]] = [("in", {"is_auto_reply": True}), ("in", {})]
    kinds += [
        ("out", {f"{name}_at": factories.NOON for name, is_set in zip(DATED, chosen, strict=True) if is_set})
        for chosen in product((True, False), repeat=len(DATED))
    ]
    for number, (direction, facts) in enumerate(kinds):
        factories.message(campaign, f"p{number}@lead.example", direction=direction, **facts)
    with rls.scope(rls.SYSTEM):
        said = {message.pk: message.status for message in Message.objects.all()}
        assert said == dict(Message.objects.annotate(said=STATUS).values_list("pk", "said"))
        for status in STATUSES:
            found = set(Message.objects.with_status(status).values_list("pk", flat=True))
            assert found and found == {key for key, value in said.items() if value == status}
        both = set(Message.objects.with_status("sent", "received").values_list("pk", flat=True))
        assert both == {key for key, value in said.items() if value in ("sent", "received")}
        assert not Message.objects.with_status("no status").exists()
