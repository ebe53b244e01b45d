"""Readiness beside the database: static files, encryption key, clock."""

import time
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.test import Client

from salesbrain.site import readiness

pytestmark = pytest.mark.django_db(transaction=True)


def ready() -> Any:
    return Client().get("/readyz")


def test_uncollected_static_files_are_a_reason(monkeypatch, tmp_path):
    storage = ManifestStaticFilesStorage(location=tmp_path)
    monkeypatch.setattr(readiness, "staticfiles_storage", storage)
    answer = ready()
    assert answer.status_code == 503 and "manage.py bootstrap" in answer.json()["detail"]
    (tmp_path / "staticfiles.json").write_text('{"version": "1.1", "paths": {}, "hash": ""}')
    assert ready().status_code == 200


def test_a_replaced_encryption_key_is_a_reason(settings, acme_connection):
    assert ready().status_code == 200
    written_with = settings.SALESBRAIN_ENCRYPTION_KEYS
    settings.SALESBRAIN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    answer = ready()
    assert answer.status_code == 503 and "SALESBRAIN_ENCRYPTION_KEYS" in answer.json()["detail"]
    assert acme_connection.api_key not in answer.content.decode()
    settings.SALESBRAIN_ENCRYPTION_KEYS = [*settings.SALESBRAIN_ENCRYPTION_KEYS, *written_with]
    assert ready().status_code == 200


@pytest.mark.parametrize(("off", "said"), [(3900, "s ahead of"), (-3900, "s behind"), (30, ""), (-30, "")])
def test_a_clock_that_is_off_by_more_than_a_minute_is_a_warning(monkeypatch, off, said):
    real = time.time
    monkeypatch.setattr(readiness.time, "time", lambda: real() + off)
    answer = ready()
    assert answer.status_code == 200
    found = [text for text in answer.json()["data"]["warnings"] if "clock" in text]
    assert bool(found) == bool(said) and all(said in text and "timedatectl" in text for text in found)
