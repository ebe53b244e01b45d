"""HTTP responses to webhook deliveries: each status, and 2xx only after storage."""

import pytest

from accounts.models import WebhookSecret
from instantly.models import Delivery, Pending
from instantly.webhooks import body
from salesbrain import rls
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> list[Delivery]:
    with rls.scope(rls.SYSTEM):
        return list(Delivery.objects.order_by("id"))


def pending() -> int:
    with rls.scope(rls.SYSTEM):
        return Pending.objects.count()


def test_a_delivery_is_stored_and_queued_before_it_is_acknowledged(post, dedicated, payload):
    connection, campaign, secret = dedicated
    answer = post(secret, payload("email_sent"))
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "accepted"})
    (delivery,) = stored()
    assert (delivery.connection_id, delivery.event_type, delivery.campaign) == (
        connection.pk,
        "email_sent",
        campaign.provider_id,
    )
    assert delivery.payload == payload("email_sent")
    assert pending() == 1


def test_a_copy_is_acknowledged_and_stored_once(post, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("email_opened"))
    answer = post(secret, dict(reversed(payload("email_opened").items())))
    assert answer.status_code == 200
    assert len(stored()) == pending() == 1


def test_two_opens_of_one_mail_are_two(post, dedicated, payload):
    _, _, secret = dedicated
    post(secret, payload("email_opened", email_id="one"))
    post(secret, payload("email_opened", email_id="one", timestamp="2026-07-10T09:00:01.000Z"))
    assert len(stored()) == 2


def test_two_mailboxes_failing_in_one_millisecond_are_two(post, dedicated, payload):
    _, _, secret = dedicated
    for address in ("a@sender.example", "b@sender.example"):
        post(secret, payload("account_error", lead_email=None, email=None, campaign_id=None, email_account=address))
    assert len(stored()) == 2


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 5000, "ümläut"])
def test_an_unknown_secret_is_refused_before_the_body_is_read(post, dedicated, secret):
    answer = post(secret, b"not even json")
    assert answer.status_code == 401
    assert answer.json()["success"] is False
    assert stored() == []


def test_without_any_secret_everything_is_refused(post, acme_connection):
    assert post("", {"event_type": "email_sent"}).status_code == 401


def test_several_secrets_are_valid_at_once(post, dedicated, payload):
    connection, _, first = dedicated
    second = factories.webhook_secret(connection)
    assert post(first, payload("email_sent")).status_code == 200
    assert post(second, payload("email_opened")).status_code == 200


def test_an_expired_secret_is_refused(post, dedicated, payload):
    _, _, secret = dedicated
    with rls.scope(rls.SYSTEM):
        WebhookSecret.objects.update(expires_at=factories.NOON)
    assert post(secret, payload("email_sent")).status_code == 401


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 411),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": Infinity}', 400),
        (b'{"a": "\xff"}', 400),
        (b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}", 413),
        (b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}", 413),
        (b"{" + b",".join(b'"k%d": 1' % n for n in range(10_001)) + b"}", 413),
        (b'{"a": "' + b"x" * body.MAX_BYTES + b'"}', 413),
        (b'{"a": [' + b"[]," * body.MAX_VALUES + b"[]]}", 413),
        (b'{"a": [' + b'"",' * body.MAX_VALUES + b'""]}', 413),
        (b'{"a": "' + b"[],{}, " * body.MAX_VALUES + b'"}', 200),
        (b'{"a": "' + b'\\",[' * body.MAX_VALUES + b'"}', 200),
        (b'{"a": "' + b'\\"' * 300_000 + b",[" * body.MAX_VALUES, 400),
        (b"{}", 200),
        (b'{"event_type": 7, "campaign_id": {"not": "an id"}, "timestamp": []}', 200),
        (b'\xef\xbb\xbf{"event_type": "with a BOM"}', 200),
        (b'{"a": ' + b"[" * 62 + b"]" * 62 + b"}", 200),
        (b'{"event_type": "reply_received", "reply_text": "' + b"long " * 600_000 + b'"}', 200),
    ],
    ids=lambda value: None if isinstance(value, int) else repr(value[:24]),
)
def test_only_json_objects_are_accepted(post, dedicated, raw, status):
    _, _, secret = dedicated
    answer = post(secret, raw)
    assert answer.status_code == status
    assert answer.json()["success"] is (status == 200)
    assert len(stored()) == (1 if status == 200 else 0)
    if status == 200:
        assert bytes(stored()[0].body or b"") == raw


@pytest.mark.parametrize(
    ("raw", "key", "kept"),
    [
        (b'{"a": "x\\u0000y"}', "a", "x\ufffdy"),
        (b'{"a": "x\\ud800y"}', "a", "x\ufffdy"),
        (b'{"a": "\\ud83d\\ude00"}', "a", "\U0001f600"),
        (b'{"a": 1e400}', "a", "1e400"),
        (b'{"a": 123456789012345678901234567890}', "a", "123456789012345678901234567890"),
        (b'{"a": ' + b"9" * 5000 + b"}", "a", "9" * 5000),
        (b'{"a": 12345678901234567}', "a", 12345678901234567),
        (b'{"a\\u0000": 1}', "a\ufffd", 1),
    ],
)
def test_unstorable_characters_are_replaced_and_the_bytes_kept(post, dedicated, raw, key, kept):
    _, _, secret = dedicated
    assert post(secret, raw).status_code == 200
    (delivery,) = stored()
    assert delivery.payload[key] == kept
    assert bytes(delivery.body or b"") == raw


def test_the_content_type_does_not_matter(client, dedicated):
    _, _, secret = dedicated
    answer = client.post(
        "/webhooks/instantly/webhook", b"{}", content_type="text/plain", headers={"X-Webhook-Secret": secret}
    )
    assert answer.status_code == 200


def test_only_post_is_answered_and_nothing_redirects(client, dedicated):
    _, _, secret = dedicated
    for path in ("/webhooks/instantly/webhook", "/webhooks/instantly/webhook/"):
        answer = client.get(path, headers={"X-Webhook-Secret": secret})
        assert answer.status_code in (404, 405)


def test_the_receiving_login_may_not_look_into_the_inbox(dedicated):
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"):
        Delivery.objects.count()


def test_the_secret_decides_and_a_payload_cannot_name_another_organization(post, dedicated, payload, globex):
    connection, _, secret = dedicated
    post(secret, payload("email_sent", organization_id=str(globex.pk), connection_id="x"))
    assert stored()[0].connection_id == connection.pk
