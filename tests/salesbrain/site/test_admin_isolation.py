"""Admin page that shows the last isolation proof."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
PROOF = {
    "holds": False, "at": "2026-07-10T12:00:00Z", "version": "9.9", "postgresql": "18", "rules": "ab", "real_database": "same",
    "seconds": 1.0,
    "tries": {"tables.select": 40}, "findings": [{"check": "tables.select", "where": "here", "said": "<b>boo</b>"}], "matrices": {},
}  # fmt: skip


@pytest.fixture
def client(viewer, settings, tmp_path) -> Client:
    settings.LOCAL_DIR = tmp_path
    client = Client()
    client.force_login(viewer)
    return client


def test_before_the_first_proof_the_page_shows_the_command(client):
    assert "manage.py prove_isolation" in client.get("/admin/isolation/").content.decode()


def test_the_last_proof_is_shown_and_downloaded(client, tmp_path):
    (tmp_path / "isolation").mkdir()
    (tmp_path / "isolation" / "isolation.json").write_text(json.dumps(PROOF))
    page = client.get("/admin/isolation/").content.decode()
    assert "1 check failed" in page and "&lt;b&gt;boo&lt;/b&gt;" in page and "<b>boo" not in page
    assert "tables.select" in page and "40 tries" in page
    file = client.get("/admin/isolation/?file")
    assert file["Content-Disposition"] == 'attachment; filename="isolation-2026-07-10.html"'


def test_customers_and_anonymous_visitors_do_not_see_the_proof(customer):
    logged_in = Client()
    logged_in.force_login(customer)
    assert [caller.get("/admin/isolation/").status_code for caller in (Client(), logged_in)] == [302, 302]
