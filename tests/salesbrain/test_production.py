"""Production settings: missing ones in one line, clean deploy check, strict headers and cookies."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from salesbrain.kernel.env import BASE_DIR

MINE = (
    "SECRET_KEY",
    "SALESBRAIN_ENCRYPTION_KEYS",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DEBUG",
    "TRUSTED_PROXIES",
)


def production(**changed: str) -> dict[str, str]:
    """Return an environment as an operator sets it; no server answers at the address, and none is asked."""
    values = {
        "SECRET_KEY": "a" * 20 + "".join(map(chr, range(48, 100))),
        "SALESBRAIN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "salesbrain.example",
        "DATABASE_URL": "postgresql://sb_app@127.0.0.1:9/salesbrain",
        "DATABASE_OWNER_URL": "postgresql://sb_owner@127.0.0.1:9/salesbrain",
        "DEBUG": "false",
    } | changed
    # Set and empty, not absent: a .env in the checkout fills what is absent.
    inherited = {
        name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"
    }  # the browser tests'
    return {**inherited, **dict.fromkeys(MINE, ""), **values}


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    "missing", ["SECRET_KEY", "SALESBRAIN_ENCRYPTION_KEYS", "ALLOWED_HOSTS", "DATABASE_URL", "DATABASE_OWNER_URL"]
)
def test_missing_settings_are_named_in_one_line(missing):
    done = manage(production(**{missing: ""}), "check")
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert f"{missing} is not set" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEB_STALLED_SECONDS", "0"),
        ("WEB_STALLED_SECONDS", "half a minute"),
        ("EXPORTS_OF_A_CALLER", "0"),
        ("EXPORTS_AT_ONCE", "-1"),
        ("LOGINS_OF_AN_ADDRESS", "1.5"),
        ("PASSWORD_HASHINGS_AT_ONCE", "nan"),
        ("JOBS_ABSENT_MINUTES", "0.1"),
    ],
)
def test_a_limit_that_is_none_is_named_in_one_line(name, value):
    done = manage(production(**{name: value}), "check")
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert f"{name} is " in done.stderr and "is expected" in done.stderr


def test_with_debug_off_the_embedded_database_is_refused():
    done = manage(production(DATABASE_URL="", DATABASE_OWNER_URL=""), "check")
    assert "DATABASE_URL is not set" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_the_deploy_check_is_clean():
    done = manage(production(), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_weak_secret_key_fails_the_deploy_check():
    done = manage(production(SECRET_KEY="short"), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode != 0 and "security.W009" in done.stderr


SHOW = """
from django.conf import settings as s
print(s.SECOND_FACTOR_REQUIRED, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0,
    s.SESSION_COOKIE_SAMESITE, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)
"""


def test_production_turns_everything_on():
    command = [sys.executable, "-c", f"import django; django.setup()\n{SHOW}"]
    environment = production() | {"DJANGO_SETTINGS_MODULE": "salesbrain.settings"}
    done = subprocess.run(command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == ["True", "True", "True", "True", "True", "Strict", "__Host-session", "__Host-csrf"], (
        done.stderr
    )


@pytest.mark.django_db
def test_every_page_carries_a_policy_without_inline_script(settings, admin):
    client = Client()
    client.force_login(admin)
    for url in ("/admin/", "/admin/login/", "/admin/second-factor/", "/admin/accounts/user/add/"):
        answer = client.get(url)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_the_session_cookie_is_strict_and_unreadable_for_scripts(admin):
    client = Client()
    client.force_login(admin)
    client.get("/admin/login/")
    answer = Client().get("/admin/login/")
    cookie = answer.cookies["csrftoken"]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Strict", True)
    login = Client().post("/admin/login/", {"username": admin.email, "password": "admin-password", "next": "/admin/"})
    cookie = login.cookies["sessionid"]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Strict", True)


@pytest.mark.django_db
def test_a_post_without_a_token_is_refused(admin):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/", {"username": admin.email, "password": "admin-password"}).status_code == 403
    client.force_login(admin)
    assert client.post("/admin/logout/").status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/webhooks/instantly/webhook"])
def test_machine_endpoints_are_never_redirected(settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().post(path, b"{}", content_type="application/json").status_code not in (301, 302, 307, 308)
    assert Client().get("/admin/").status_code == 301


@pytest.mark.django_db
def test_an_unknown_host_is_refused(settings):
    settings.ALLOWED_HOSTS = ["salesbrain.example"]
    assert Client().get("/admin/", headers={"host": "evil.example"}).status_code == 400
