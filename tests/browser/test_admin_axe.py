"""Accessibility of the admin: its start page, our own templates, and Django's stock lists and forms, in both themes."""

import json
import os
import re
from pathlib import Path

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse

from accounts.models import User
from instantly.models import StaffAction
from messaging.models import Suppression
from salesbrain import rls
from tests import staff_world
from tests.browser.scenes import LOOKS, faults, visiting
from tests.salesbrain.site.test_admin_isolation import PROOF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SALESBRAIN_SCREENSHOTS", "")

DJANGOS = {"label-title-only": re.compile(r'id="searchbar"')}
"""Elements of Django's own templates that axe refuses, by rule: the label of search_form.html is a picture with a text."""


def addresses(world: staff_world.World) -> list[str]:
    with rls.scope(rls.SYSTEM):
        action = StaffAction.objects.order_by("pk").first()
        suppression = Suppression.objects.order_by("pk").first()
    assert action and suppression
    lists = [
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in django_admin.site._registry
    ]
    return [
        "/admin/",
        reverse("admin:isolation"),
        reverse("admin:messaging_suppression_import"),
        reverse("admin:instantly_staffaction_change", args=[action.pk]),
        reverse("admin:messaging_suppression_change", args=[suppression.pk]),
        reverse("admin:messaging_message_change", args=[world.hostile.pk]),
        reverse("admin:campaigns_campaign_change", args=[world.campaigns[0].pk]),
        reverse("admin:accounts_providerconnection_change", args=[world.connections[0].pk]),
        reverse("admin:accounts_organization_add"),
        *map(reverse, sorted(lists)),
    ]


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[3]], ids=lambda look: f"{look.language}-{look.theme}")
def test_the_admin_is_accessible(browser, live_server, admin, look, settings, tmp_path):
    settings.LOCAL_DIR = tmp_path
    (tmp_path / "isolation").mkdir()
    (tmp_path / "isolation" / "isolation.json").write_text(json.dumps(PROOF))
    User.objects.filter(pk=admin.pk).update(language=look.language[:2])
    world = staff_world.build(("Acme", "Globex"), per=1)
    found: set[str] = set()
    with visiting(browser, live_server.url, look, admin) as visit:
        for address in addresses(world):
            visit.page.goto(address)
            visit.page.wait_for_load_state("networkidle")
            found |= {f"{address}: {fault}" for fault in faults(visit.page, DJANGOS)}
            if PICTURES:
                name = f"admin-{address.strip('/').replace('/', '-')[:60]}-{look.language}-{look.theme}.png"
                visit.page.screenshot(path=Path(PICTURES) / name)
        said = sorted(found) + visit._said
        assert not said, "\n".join(said)
