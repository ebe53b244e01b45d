"""Admin pages of webhook deliveries and alerts: state, payload, order."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import AuditEntry
from instantly.models import Alert, Delivery
from salesbrain import rls
from tests import staff_world

pytestmark = pytest.mark.django_db


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def delivery(acme_connection):
    def make(number: int = 1, **fields):
        with rls.scope(rls.SYSTEM):
            return staff_world.delivery(acme_connection, number, **fields)

    return make


def change(delivery) -> str:
    return reverse("admin:instantly_delivery_change", args=[delivery.pk])


@pytest.mark.parametrize("state", ["pending", "done", "dead", "failed", "workspace_mismatch", "unknown_campaign"])
def test_the_state_filter_finds_one_of_each(viewer, state):
    staff_world.build(("Acme",))
    answer = as_(viewer).get(reverse("admin:instantly_delivery_changelist"), {"state": state})
    assert answer.context["cl"].result_count == 1


def test_a_mismatch_is_visible_with_its_reason(viewer):
    staff_world.build(("Acme",))
    page = (
        as_(viewer)
        .get(reverse("admin:instantly_held_changelist"), {"reason__exact": "workspace_mismatch"})
        .content.decode()
    )
    assert "Its workspace is not the connection&#x27;s" in page and "why " in page


def test_a_payload_is_shown_truncated_and_reading_it_is_audited(viewer, delivery):
    long = delivery(body={"event_type": "reply_received", "reply_html": "<script>x</script>" + "a" * 50_000})
    page = as_(viewer).get(change(long)).content.decode()
    assert "more characters" in page and "<script>x" not in page
    with rls.scope(rls.SYSTEM):
        entry = AuditEntry.objects.get()
        assert (entry.action, entry.target_id, entry.actor_name) == ("admin.read", str(long.pk), viewer.email)


def test_a_pruned_body_is_shown_as_such(viewer, delivery):
    pruned = delivery()
    with rls.scope(rls.SYSTEM):
        Delivery.objects.filter(pk=pruned.pk).update(body=None)
    assert "removed by retention" in as_(viewer).get(change(pruned)).content.decode()


@pytest.mark.parametrize(
    "body", [b'{"a": 1e400}', b'{"a": "\\ud800"}', b'{"a": 12345678901234567890123}', b"{}", b"\xff\xfe"]
)
def test_strange_bytes_do_not_close_the_page(viewer, delivery, body):
    strange = delivery()
    with rls.scope(rls.SYSTEM):
        Delivery.objects.filter(pk=strange.pk).update(body=body)
    assert as_(viewer).get(change(strange)).status_code == 200


def test_an_operator_resolves_an_alert_and_a_viewer_cannot(operator, viewer, acme_connection):
    with rls.scope(rls.SYSTEM):
        alert = Alert.objects.create(kind="feed_gap", connection=acme_connection)
    url, form = reverse("admin:instantly_alert_changelist"), {"action": "resolve", "_selected_action": [str(alert.pk)]}
    as_(viewer).post(url, form)
    with rls.scope(rls.SYSTEM):
        assert Alert.objects.get().resolved_at is None
    as_(operator).post(url, form)
    with rls.scope(rls.SYSTEM):
        assert Alert.objects.get().resolved_at is not None
        assert AuditEntry.objects.get().action == "admin.resolve"


def test_a_viewer_is_offered_no_action_on_jobs_and_an_operator_is(viewer, operator):
    url = reverse("admin:procrastinate_procrastinatejob_changelist")
    offered = [
        as_(user).get(url).context["cl"].model_admin.get_actions(as_request(user)) for user in (viewer, operator)
    ]
    assert [bool(actions) for actions in offered] == [False, True]


def as_request(user):
    request = RequestFactory().get("/")
    request.user = user
    return request
