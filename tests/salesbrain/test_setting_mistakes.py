"""Mistakes in the settings: one sentence each that names the variable, and nothing secret."""

import os
import runpy
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

from salesbrain.kernel.database_errors import in_one_sentence
from salesbrain.kernel.env import BASE_DIR
from tests.salesbrain.test_production import manage, production

PASSWORD = "hunter2"
HOST = f"postgres://sb_app:{PASSWORD}@db.example.com"
WRITTEN_TO = "?target_session_attrs=read-write"

MISTAKES = [
    ("SECRET_KEY", "", "SECRET_KEY is not set."),
    ("SALESBRAIN_ENCRYPTION_KEYS", "", "SALESBRAIN_ENCRYPTION_KEYS is not set."),
    ("SALESBRAIN_ENCRYPTION_KEYS", PASSWORD, "SALESBRAIN_ENCRYPTION_KEYS: key 1 is no Fernet key"),
    ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is not set."),
    ("ALLOWED_HOSTS", "https://salesbrain.example", "ALLOWED_HOSTS has 'https://salesbrain.example': a host name"),
    ("ALLOWED_HOSTS", "salesbrain.example:443", "ALLOWED_HOSTS has 'salesbrain.example:443': a host name"),
    ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS has '*': a host name"),
    ("DATABASE_URL", "", "DATABASE_URL is not set: DATABASE_URL and DATABASE_OWNER_URL belong together."),
    ("DATABASE_OWNER_URL", "", "DATABASE_OWNER_URL is not set: DATABASE_URL and DATABASE_OWNER_URL belong together."),
    ("DATABASE_URL", HOST.replace("postgres", "mysql") + "/salesbrain", "DATABASE_URL does not begin with postgres://"),
    ("DATABASE_URL", "db.example.com/salesbrain", "DATABASE_URL does not begin with postgres://"),
    ("DATABASE_URL", HOST, "DATABASE_URL names no database"),
    ("DATABASE_URL", "postgres://db.example.com/salesbrain", "DATABASE_URL names no role"),
    ("DATABASE_URL", f"{HOST}:54320000/salesbrain", "DATABASE_URL has a port that is none"),
    ("DATABASE_URL", HOST.replace("@", "#x@") + "/salesbrain", "DATABASE_URL "),
    ("DATABASE_OWNER_URL", "salesbrain", "DATABASE_OWNER_URL does not begin with postgres://"),
    ("DATABASE_LISTEN_URL", "db.example.com", "DATABASE_LISTEN_URL does not begin with postgres://"),
    ("DATABASE_URL", f"{HOST}:5432,b.example.com:5432/salesbrain", f"DATABASE_URL names several hosts without {WRITTEN_TO}"),
    ("DATABASE_URL", f"{HOST},b.example.com:5433/salesbrain{WRITTEN_TO}", "DATABASE_URL gives some of its hosts a port"),
    ("DATABASE_URL", f"{HOST}:5432,b.example.com:x/salesbrain{WRITTEN_TO}", "DATABASE_URL has a port that is none"),
    ("DATABASE_LISTEN_URL", f"{HOST},b.example.com/salesbrain?target_session_attrs=any", "DATABASE_LISTEN_URL names several hosts without"),
    ("DATABASE_REPLICA_URL", "postgresql://sb_app@127.0.0.1:9/salesbrain", "DATABASE_REPLICA_URL is the address of DATABASE_URL"),
    ("DATABASE_REPLICA_URL", f"{HOST},b.example.com/salesbrain{WRITTEN_TO}",
     "DATABASE_REPLICA_URL names several hosts without ?target_session_attrs=prefer-standby"),
    ("DATABASE_REPLICA_URL", "db.example.com", "DATABASE_REPLICA_URL does not begin with postgres://"),
    ("DATABASE_REPLICA_URL", "postgres://me@db.example.com/salesbrain", "DATABASE_REPLICA_URL names another role than DATABASE_URL"),
    ("DATABASE_REPLICA_URL", f"{HOST}/other", "DATABASE_REPLICA_URL names another database than DATABASE_URL"),
    ("DATABASE_REPLICA_LAG_SECONDS", "0", "DATABASE_REPLICA_LAG_SECONDS is '0': a number from 1 on is expected."),
    ("DATABASE_PREPARE", "nein", "DATABASE_PREPARE is 'nein': true or false is expected."),
    ("DEMO", "true", "DEMO and DATABASE_URL exclude each other."),
    ("DEBUG", "true", "DEBUG and DATABASE_URL exclude each other."),
    ("HTTPS", "perhaps", "HTTPS is 'perhaps': true or false is expected."),
    ("PORT", "http", "PORT is 'http': a number from 1 on is expected."),
    ("PORT", "80010", "PORT is 80010: a number up to 65535 is expected."),
    ("EMULATOR_PORT", "0", "EMULATOR_PORT is '0': a number from 1 on is expected."),
    ("LOG_LEVEL", "loud", "LOG_LEVEL is 'loud': one of debug, info, warning, error is expected."),
    ("TRUSTED_PROXIES", "proxy.internal", "TRUSTED_PROXIES has 'proxy.internal': an address or a network"),
    ("TRUSTED_PROXY_HEADER", "x-real-ip", "TRUSTED_PROXY_HEADER is 'x-real-ip': one of"),
    ("PUBLIC_URL", "http://salesbrain.example", "PUBLIC_URL is 'http://salesbrain.example': an address that begins with https://"),
    ("PUBLIC_URL", "https://salesbrain.example/start", "PUBLIC_URL is 'https://salesbrain.example/start': an address without a path"),
    ("PUBLIC_URL", "salesbrain.example", "PUBLIC_URL is 'salesbrain.example': an address that begins with https://"),
    ("PUBLIC_URL", "https://salesbrain.example:port", "PUBLIC_URL is 'https://salesbrain.example:port': an address that begins"),
    ("EMAIL_URL", f"mail.example.com {PASSWORD}", "EMAIL_URL is no address of a mail server"),
    ("INSTANTLY_WEBHOOK_URL", "salesbrain.example", "INSTANTLY_WEBHOOK_URL is 'salesbrain.example': an address that begins with"),
    ("INSTANTLY_WEBHOOK_URL", "https://salesbrain.example", "INSTANTLY_WEBHOOK_URL is 'https://salesbrain.example': an address that ends"),
    ("INSTANTLY_BASE_URL", "api.instantly.ai", "INSTANTLY_BASE_URL is 'api.instantly.ai': an address that begins with"),
    ("INSTANTLY_PROCESSING", "thread", "INSTANTLY_PROCESSING is 'thread': one of worker, inline is expected."),
    ("INSTANTLY_REQUESTS_PER_SECOND", "ten", "INSTANTLY_REQUESTS_PER_SECOND is 'ten': a number from 0.1 on is expected."),
    ("API_REQUESTS_PER_MINUTE", "-1", "API_REQUESTS_PER_MINUTE is '-1': a number from 0 on is expected."),
    ("API_CORS_ORIGINS", "app.customer.example", "API_CORS_ORIGINS has 'app.customer.example': an origin such as"),
    ("RETENTION_AUDIT_DAYS", "7", "RETENTION_AUDIT_DAYS is 7: 0 (for ever) or 30 to 36500 days are expected."),
    ("RETENTION_BODIES_DAYS", "40000", "RETENTION_BODIES_DAYS is 40000: 0 (for ever) or 1 to 36500 days are expected."),
    ("RETENTION_BODIES_DAYS", "-1", "RETENTION_BODIES_DAYS is '-1': a number from 0 on is expected."),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4318': an address that begins with"),
    ("OTEL_TRACES_SAMPLER_ARG", "10", "OTEL_TRACES_SAMPLER_ARG is 10: a number from 0 to 1 is expected."),
    ("API_TOKEN_DAYS", "ninety", "API_TOKEN_DAYS is 'ninety': a number from 1 on is expected."),
]  # fmt: skip


def settings_of(environment: dict[str, str]) -> dict[str, Any]:
    with patch.dict(os.environ, environment, clear=True):
        return runpy.run_path(str(BASE_DIR / "salesbrain" / "settings.py"))


@pytest.mark.parametrize(
    ("name", "value", "sentence"), MISTAKES, ids=[f"{name}={value}" for name, value, _ in MISTAKES]
)
def test_a_mistake_is_one_sentence_that_names_the_variable(name, value, sentence):
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(production(**{name: value}))
    said = str(refused.value)
    assert said.startswith(sentence) and "\n" not in said and PASSWORD not in said


def test_settings_without_a_mistake_are_read():
    read = settings_of(production(EMAIL_URL="smtp+tls://user:secret@mail.example.com:587"))
    assert (read["EMAIL_HOST"], read["DEBUG"], read["LOG_LEVEL"]) == ("mail.example.com", False, "INFO")


SEVERAL = "postgres://sb_app:secret@[::1]:5432,db2.example.com:5433/salesbrain?target_session_attrs=read-write"


def test_several_hosts_reach_the_driver_with_their_ports():
    read = settings_of(production(DATABASE_URL=SEVERAL))
    for alias in ("default", "inbox"):
        at = read["DATABASES"][alias]
        assert (at["HOST"], at["PORT"], at["PASSWORD"]) == ("::1,db2.example.com", "5432,5433", "secret")
        assert at["OPTIONS"]["target_session_attrs"] == "read-write"


def test_a_replica_is_one_more_alias_that_writes_nothing():
    read = settings_of(production(DATABASE_REPLICA_URL="postgresql://sb_app@db2.example.com/salesbrain"))
    at = read["DATABASES"]["replica"]
    assert (at["HOST"], at["USER"], at["NAME"]) == ("db2.example.com", "sb_app", "salesbrain")
    assert at["OPTIONS"]["options"] == "-c default_transaction_read_only=on"
    assert "replica" not in settings_of(production())["DATABASES"]


@pytest.mark.parametrize("command", ["sync_workspace --all", "migrate", "prepare_database", "check --database default"])
def test_a_database_that_does_not_answer_is_one_sentence_of_every_command(command):
    """No server listens at the configured address; a traceback would hide what to do."""
    done = manage(production(), *command.split())
    assert done.returncode != 0 and "Traceback" not in done.stderr, done.stderr
    assert "refused" in done.stderr and ("DATABASE_URL" in done.stderr or "database_roles" in done.stderr)


@pytest.mark.parametrize(("role", "why"), [("owner", "owns "), ("postgres", "passes row-level security")])
def test_no_command_runs_as_a_role_that_bypasses_row_level_security(db, role, why):
    """DATABASE_URL names the tables' owner, or a superuser: policies apply to neither."""
    at = connections["owner"].settings_dict
    host, port = at["HOST"] or at["OPTIONS"]["host"], at["PORT"] or at["OPTIONS"].get("port", 5432)
    user = at["USER"] if role == "owner" else role
    secret = f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else ""
    login = f"postgresql://{user}{secret}@/{at['NAME']}?host={quote(str(host), safe='')}&port={port}"
    done = manage(production(DATABASE_URL=login, DATABASE_OWNER_URL=login), "sync_workspace", "--all")
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith(f"error: The login {user} {why}") and "Use sb_app" in done.stderr


SAID = [
    ('connection failed: FATAL:  password authentication failed for user "sb_app"', "Correct the password"),
    ('FATAL: no pg_hba.conf entry for host "10.0.0.7", user "sb_app", no encryption', "sslmode=require"),
    ('FATAL: database "salesbrain" does not exist', "createdb --owner sb_owner"),
    ('FATAL: role "sb_app" does not exist', "database_roles"),
    ("FATAL: unsupported startup parameter: options", "ignore_startup_parameters"),
    ('prepared statement "_pg3_0" does not exist', "DATABASE_PREPARE=false"),
    ("FATAL: sorry, too many clients already", "max_connections"),
    ("cannot execute INSERT in a read-only transaction", "target_session_attrs=read-write"),
    ('relation "accounts_user" does not exist', "manage.py migrate"),
    ("failed to resolve host 'db.exmaple.com': Name or service not known", "host name"),
]


@pytest.mark.parametrize(("said", "advice"), SAID, ids=[advice for _, advice in SAID])
def test_a_database_error_comes_with_a_remedy(said, advice):
    sentence = in_one_sentence(OperationalError(said))
    assert sentence and advice in sentence and "\n" not in sentence


def test_other_errors_keep_their_traceback():
    assert in_one_sentence(OperationalError("division by zero")) is None
