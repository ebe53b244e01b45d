"""Untranslated texts in the admin, found by rendering every page with marked translations."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection as database
from django.db.models import CharField, Model, TextField
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.choices import StaffRole
from accounts.models import User
from instantly.actions.registry import ACTIONS
from instantly.actions.runner import request_action
from instantly.choices import PromotionState
from instantly.models import Alert, Promotion, StaffAction
from instantly.reconciliation.drift import COMPARED
from messaging.events import REPLY_CATEGORY, STAFF_VERDICT, EventType
from messaging.models import Event, Suppression
from salesbrain import rls
from salesbrain.isolation import report
from salesbrain.site.admin.names import APPS
from tests import factories, staff_world
from tests.salesbrain.site.test_admin_isolation import PROOF
from tests.salesbrain.web.marking import mark_translations, untranslated
from tests.salesbrain.web.pages import client_of

pytestmark = pytest.mark.django_db
MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)


DJANGOS_ICONS = re.compile(r'<img [^>]*/(?:search|icon-(?:yes|no|unknown))[^>]* alt="(?:Search|True|False|None)"[^>]*>')
"""Django has the text of these icons in English only (search_form.html, admin_list._boolean_icon)."""

JARGON = {"md5", "instantly.tasks.perform_action", "perform_action", "action_id"}
"""Names of a password's hash, of a function and of its argument."""


@pytest.fixture
def world(monkeypatch) -> staff_world.World:
    made = staff_world.build(("Acme", "Globex"), per=2)
    boss = User.objects.create_user("boss@salesbrain.example", "boss-password", role=StaffRole.ADMIN)
    with rls.scope(rls.SYSTEM):
        request_action("campaign_pause", actor=boss, target=made.campaigns[0])  # and with it a job
    mark_translations(monkeypatch)
    return made


@pytest.fixture
def client(admin) -> Client:
    User.objects.filter(pk=admin.pk).update(name="Ada Admin")
    return client_of(admin)


def data() -> set[str]:
    """Return every text in the rows: names, addresses, subjects, keys; not values of columns with choices, which have labels."""
    found: set[str] = set()
    with rls.scope(rls.SYSTEM):
        for model in (
            model for label in (*APPS, "knox", "procrastinate") for model in apps.get_app_config(label).get_models()
        ):
            columns = [field for field in model._meta.local_fields if _is_text(field)]
            for row in model._base_manager.values_list(*[column.attname for column in columns]) if columns else ():
                found.update(str(value) for value in row if value)
            if model._meta.pk is not None:
                found.update(
                    str(pk) for pk in model._base_manager.values_list("pk", flat=True) if isinstance(pk, UUID | str)
                )
    return found


def _is_text(field: Any) -> bool:
    return isinstance(field, CharField | TextField) and not field.choices and field.name not in ("api_key", "secret")


def page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def first(model: type[Model]) -> Any:
    with rls.scope(rls.SYSTEM):
        return model._base_manager.only("pk").order_by("pk").first()


def pages_of(model: type[Model]) -> Iterator[str]:
    yield page(model, "changelist")
    yield page(model, "add")
    if row := first(model):
        yield from (page(model, name, row.pk) for name in ("change", "delete", "history"))


def bare_texts(client: Client, address: str, **posted: Any) -> list[str]:
    answer: Any = client.post(address, posted, follow=True) if posted else client.get(address, follow=True)
    assert answer.status_code in (200, 403), (address, answer.status_code)
    shown = DJANGOS_ICONS.sub("", answer.content.decode())
    return [f"{address}: {text}" for text in untranslated(shown, data() | JARGON)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_text_of_a_models_pages_is_translated(world, client, model):
    assert [text for address in pages_of(model) for text in bare_texts(client, address)] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_text_of_an_empty_list_is_translated(client, monkeypatch, model):
    mark_translations(monkeypatch)
    assert bare_texts(client, page(model, "changelist")) == []


ACTIONS_OF_LISTS = sorted(
    (model._meta.label, name)
    for model, page in django_admin.site._registry.items()
    for name in {
        *(getattr(act, "__name__", act) for act in page.actions or ()),
        *(kind for kind, action in ACTIONS.items() if action.target is model),
    }
)


@pytest.mark.parametrize(("label", "action"), ACTIONS_OF_LISTS, ids=lambda value: value)
def test_every_text_of_an_action_is_translated(world, client, label, action):
    """The confirmation page, its errors for an empty form, and the page after it."""
    model = apps.get_model(label)
    address, row = page(model, "changelist"), first(model)
    chosen = {"action": action, ACTION_CHECKBOX_NAME: str(row.pk)}
    assert bare_texts(client, address, **chosen) == []
    assert bare_texts(client, address, **chosen, confirmed="yes") == []


def test_every_text_of_the_start_page_is_translated(world, client, settings, tmp_path):
    settings.LOCAL_DIR = tmp_path  # where no proof was kept, whatever this checkout's last one found
    with rls.scope(rls.SYSTEM):
        Alert.objects.update(resolved_at=None)
    assert [
        text
        for address in ("/admin/", *map(page_of_app, APPS), "/admin/isolation/", "/admin/jobs/")
        for text in bare_texts(client, address)
    ] == []


def page_of_app(label: str) -> str:
    return reverse("admin:app_list", args=[label])


def test_every_text_of_an_empty_start_page_is_translated(client, monkeypatch):
    mark_translations(monkeypatch)
    assert bare_texts(client, "/admin/") == []


def test_every_text_of_the_isolation_proof_is_translated(client, monkeypatch, settings, tmp_path):
    """The proof's own texts (names of checks, findings) are exempt."""
    mark_translations(monkeypatch)
    settings.LOCAL_DIR = tmp_path
    (tmp_path / "isolation").mkdir()
    (tmp_path / "isolation" / "isolation.json").write_text(json.dumps(PROOF))
    page = client.get("/admin/isolation/").content.decode()
    proof = {"tables.select", "tables.select: here: <b>boo</b>", report.CHECKS["tables"][0]}
    assert untranslated(page, data() | proof) == []
    User.objects.update(language="de")
    assert report.CHECKS["tables"][1] in client.get("/admin/isolation/").content.decode()


IMPORT = {"pasted": "new@lead.example\nnonsense\nnew@lead.example", "reason": "old list"}


@pytest.mark.parametrize(
    "given",
    [{}, IMPORT, IMPORT | {"dry_run": "on"}, IMPORT | {"pasted": "name;mail\n1;2"}, IMPORT | {"pasted": "\n"}],
    ids=["form", "imported", "dry run", "unreadable", "nothing"],
)
def test_every_text_of_the_import_of_suppressions_is_translated(world, client, given):
    posted = given and {**given, "organization": str(world.organizations[0].pk)}
    assert bare_texts(client, reverse("admin:messaging_suppression_import"), **posted) == []


def test_every_text_of_a_suppression_that_is_lifted_is_translated(world, client):
    row = first(Suppression)
    chosen = {"action": "lift", ACTION_CHECKBOX_NAME: str(row.pk), "confirmed": "yes", "reason": "asked for it"}
    address = page(Suppression, "changelist")
    assert bare_texts(client, address, **chosen) == []
    assert bare_texts(client, address, **chosen) == [], "lifted already"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_text_of_a_form_sent_empty_is_translated(world, client, model):
    """Error messages of an empty form, of a new row and of an existing one."""
    answer = client.get(page(model, "add"))
    if answer.status_code == 200:
        assert bare_texts(client, page(model, "add"), _save="Save", **NO_INLINES) == []


NO_INLINES = {
    f"{prefix}-{form}_FORMS": "0" for prefix in ("membership_set", "memberships") for form in ("TOTAL", "INITIAL")
}


def test_every_text_of_actions_in_each_state_is_translated(world, client):
    now = datetime.now(UTC)
    with rls.scope(rls.SYSTEM):
        made = StaffAction.objects.get(connection=world.connections[0], target_name="wave")
        steps = [{"step": "connection", "ok": True, "detail": "", "milliseconds": 3}]
        compared = dict.fromkeys(COMPARED, {"local": 1, "instantly": 2, "delta": 1})
        differ = [{"name": "Acme wave 1", "figures": compared}]
        for result in ({"steps": steps}, {"differ": differ}, {"count": 1}):
            made.result = result
            made.save()
            assert bare_texts(client, page(StaffAction, "change", made.pk)) == []
        StaffAction.objects.update(state="queued", finished_at=None, outcome="", created_at=now - timedelta(hours=1))
    assert bare_texts(client, page(StaffAction, "changelist")) == []


def test_every_text_of_an_event_of_each_type_is_translated(world, client):
    with rls.scope(rls.SYSTEM):
        events = list(Event.objects.order_by("id"))
        types = [*EventType, STAFF_VERDICT, REPLY_CATEGORY]
        assert len(types) <= len(events) * 20
        for start in range(0, len(types), len(events)):
            for event, type in zip(events, types[start:], strict=False):
                Event.objects.filter(pk=event.pk).update(type=type, detail="")
            assert bare_texts(client, page(Event, "changelist")) == []
            Event.objects.update(copy_of=events[0].pk)
    assert bare_texts(client, page(Event, "changelist")) == []


def test_every_text_of_a_job_is_translated(world, client):
    """procrastinate's own page, with our words; the heading of a job is its call."""
    job = first(ProcrastinateJob)
    assert job is not None
    for address in (page(ProcrastinateJob, "changelist"), page(ProcrastinateJob, "change", job.pk)):
        assert bare_texts(client, address) == []


@pytest.fixture
def shared(world):
    """A shared workspace beside the world: campaigns of nobody and of Acme, rules in each state, an email account."""
    acme, globex = world.organizations[:2]
    connection = factories.connection("shared", None)
    for number in range(4):
        factories.campaign(
            connection, f"Acme offer {number}", acme, assigned_at=factories.NOON, senders=["sender@sender.example"]
        )
    factories.campaign(connection, "Acme wave 9")
    factories.campaign(connection, "Globex other", globex, senders=["used@sender.example"], assigned_at=factories.NOON)
    for address in ("sender@sender.example", "used@sender.example"):
        factories.email_account(connection, address, organization=acme)
    factories.assignment_rule(connection, acme, "Acme")
    factories.assignment_rule(connection, globex, "Globex", applied_at=factories.NOON)
    factories.assignment_rule(connection, globex, "Acme w", is_active=False)
    return connection


def test_every_text_of_the_assignment_pages_is_translated(world, client, shared):
    addresses = ["/admin/assignment/", *(f"/admin/assignment/{shared.pk}/{page}" for page in ("", "import/"))]
    dedicated = world.connections[0].pk
    addresses += [f"/admin/assignment/{dedicated}/{page}" for page in ("", "import/")]
    assert [text for address in addresses for text in bare_texts(client, address)] == []
    assert bare_texts(client, addresses[1], seen="other") == []
    assert bare_texts(client, addresses[2], nothing="chosen") == []


def test_every_text_of_trust_and_radar_is_translated(world, client):
    factories.contact(world.organizations[0], "both@shared-lead.example")
    factories.contact(world.organizations[1], "both@shared-lead.example")
    addresses = ["/admin/conflicts/", *(reverse("admin:trust", args=[one.pk]) for one in world.organizations)]
    shown = [text for address in addresses for text in bare_texts(client, address)]
    assert [text for text in shown if not text.endswith("lead.example")] == [], "domains of addresses are no texts"


def test_every_text_of_the_promotion_pages_is_translated(world, client, shared):
    acme = world.organizations[0]
    wizard = reverse("admin:promotion_new", args=[acme.pk, shared.pk])
    for address in ("/admin/promotion/", wizard):
        assert bare_texts(client, address) == []
    assert bare_texts(client, wizard, promote="yes") == []
    assert bare_texts(client, wizard, promote="yes", destination=str(world.connections[0].pk)) == []
    assert bare_texts(client, wizard, check="yes", destination=str(world.connections[0].pk)) == []
    promotion = factories.promotion(acme, shared, world.connections[0])
    here = reverse("admin:promotion", args=[promotion.pk])
    for state in PromotionState:
        for undo_at in (None, factories.NOON):
            for part_state in ("begun", "done", "back", "kept", "left"):
                journal = {
                    "accounts": {"sender@sender.example": {"state": part_state}},
                    "paused": {row["id"]: {"state": part_state} for row in promotion.plan["paused"]},
                    "copies": {row["id"]: {"state": part_state} for row in promotion.plan["copies"]},
                }
                with rls.scope(rls.SYSTEM):
                    Promotion.objects.update(state=state, undo_at=undo_at, journal=journal)
                assert bare_texts(client, here) == []
        assert bare_texts(client, "/admin/promotion/") == []
        assert bare_texts(client, wizard) == []
    with rls.scope(rls.SYSTEM):
        Promotion.objects.update(state="confirmed", undo_at=None)
    for verb in ("continue", "undo", "confirm"):
        assert bare_texts(client, here, **{verb: "yes"}) == []


def test_every_text_of_the_jobs_page_is_translated(world, client):
    for status in ("todo", "failed"):
        job = first(ProcrastinateJob)
        with database.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job.pk])
        assert bare_texts(client, "/admin/jobs/") == []
    for given in ({"retry": "1"}, {"cancel": "1"}, {"other": "1"}):
        assert bare_texts(client, "/admin/jobs/", **given) == []
