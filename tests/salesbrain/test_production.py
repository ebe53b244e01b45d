"""Production settings: missing ones in one line, clean deploy check, strict headers and cookies."""

import os
import re
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
    "DEMO",
    "HTTPS",
    "INSTANTLY_API_KEY",
    "TRUSTED_PROXIES",
)


def production(**changed: str) -> dict[str, str]:
    """Return an operator's environment variables; no server exists at the addresses, and none is contacted."""
    values = {
        "SECRET_KEY": "a" * 20 + "".join(map(chr, range(48, 100))),
        "SALESBRAIN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "salesbrain.example",
        "DATABASE_URL": "postgresql://sb_app@127.0.0.1:9/salesbrain",
        "DATABASE_OWNER_URL": "postgresql://sb_owner@127.0.0.1:9/salesbrain",
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
def test_an_invalid_limit_is_named_in_one_line(name, value):
    done = manage(production(**{name: value}), "check")
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert f"{name} is " in done.stderr and "is expected" in done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"DEMO": "true"}, "DEMO and DATABASE_URL exclude each other"),
        (
            {"DEMO": "true", "DATABASE_URL": "", "DATABASE_OWNER_URL": "", "INSTANTLY_API_KEY": "key"},
            "DEMO and INSTANTLY_API_KEY exclude each other",
        ),
        ({"HTTPS": "perhaps"}, "HTTPS is 'perhaps': true or false is expected"),
    ],
)
def test_an_invalid_switch_is_named_in_one_line(changed, sentence):
    done = manage(production(**changed), "check")
    assert done.returncode != 0
    assert sentence in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_the_deploy_check_is_clean():
    done = manage(production(), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_weak_secret_key_fails_the_deploy_check():
    done = manage(production(SECRET_KEY="short"), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode != 0 and "security.W009" in done.stderr


def test_without_https_the_deploy_check_names_every_protection_that_is_off():
    done = manage(production(HTTPS="false"), "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode != 0
    assert {f"security.W0{number}" for number in ("04", "08", "12", "16")} <= set(
        re.findall(r"security\.W\d+", done.stderr)
    )


SHOW = """
from django.conf import settings as s
print(s.SECOND_FACTOR_REQUIRED, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0,
    s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE, s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.DEMO, s.DEBUG)
"""


def shown(**changed: str) -> list[str]:
    command = [sys.executable, "-c", f"import django; django.setup()\n{SHOW}"]
    environment = production(**changed) | {"DJANGO_SETTINGS_MODULE": "salesbrain.settings"}
    done = subprocess.run(command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, timeout=120)
    return done.stdout.split() or [done.stderr]


def test_production_turns_every_protection_on_and_the_demo_off():
    assert shown() == [*["True"] * 5, "Lax", "Strict", "__Host-session", "__Host-csrf", "False", "False"]


EMBEDDED = {"DATABASE_URL": "", "DATABASE_OWNER_URL": ""}


def test_the_embedded_database_is_plain_http_with_a_demo_and_no_debug_pages():
    assert shown(**EMBEDDED) == [*["False"] * 5, "Lax", "Strict", "sessionid", "csrftoken", "True", "False"]


def test_each_switch_works_alone():
    assert shown(**EMBEDDED, HTTPS="1", DEMO="0")[-4:] == ["__Host-session", "__Host-csrf", "False", "False"]
    assert shown(**EMBEDDED, INSTANTLY_API_KEY="key", DEBUG="1")[-2:] == ["False", "True"]


@pytest.mark.django_db
def test_every_page_carries_a_policy_without_inline_script(settings, admin):
    client = Client()
    client.force_login(admin)
    for url in ("/", "/admin/", "/settings", "/settings/second-factor", "/admin/accounts/user/add/"):
        answer = client.get(url)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_are_unreadable_for_scripts_and_stay_at_home(admin):
    client = Client()
    client.force_login(admin)
    client.get("/")
    answer = Client().get("/login")
    cookie = answer.cookies["csrftoken"]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Strict", True)
    login = Client().post("/login", {"username": admin.email, "password": "admin-password"})
    cookie = login.cookies["sessionid"]
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("Lax", True)


@pytest.mark.django_db
def test_a_post_without_a_token_is_refused(admin):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login", {"username": admin.email, "password": "admin-password"}).status_code == 403
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
