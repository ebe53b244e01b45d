"""Installation on an empty server: first run, second run, half-done states of `bootstrap`."""

import re
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import psycopg
import pytest

from salesbrain import embedded_postgres
from salesbrain.embedded_postgres.paths import Places
from tests.salesbrain.local.test_embedded_postgres import _hasty, checkout, places_, state
from tests.salesbrain.test_production import manage, production

__all__ = ["_hasty", "checkout", "places_", "state"]

ADMIN = "anna@agency.example"


@pytest.fixture
def bootstrap(places_: Places) -> Callable[..., tuple[int, str]]:
    """Return `bootstrap(*arguments)`, which runs the command against an empty server and returns (exit code, output)."""
    embedded_postgres.ensure_running(places_)
    with as_superuser(places_) as server:
        server.execute("DROP DATABASE salesbrain")
        server.execute("DROP OWNED BY sb_definer, sb_staff, sb_app, sb_owner")
        server.execute("DROP ROLE sb_definer, sb_staff, sb_app, sb_owner")
    answers_at = embedded_postgres.address(places_)
    place = f"?host={quote(str(answers_at.socket_dir), safe='')}&port={answers_at.port}"

    def run(*arguments: str, database: str = "agency", setup: str = "postgres", **changed: str) -> tuple[int, str]:
        values = {
            "DATABASE_URL": f"postgresql://sb_app:app-secret@/{database}{place}",
            "DATABASE_OWNER_URL": f"postgresql://sb_owner:owner-secret@/{database}{place}",
            "SETUP_DATABASE_URL": f"postgresql://{setup}@/postgres{place}" if setup else "",
            "PUBLIC_URL": "https://salesbrain.example",
        }
        environment = production(**values | changed)
        done = manage(environment, "bootstrap", *arguments)
        return done.returncode, done.stdout + done.stderr

    return run


def as_superuser(places: Places, database: str = "postgres") -> psycopg.Connection:
    answers_at = embedded_postgres.address(places)
    return psycopg.connect(
        host=str(answers_at.socket_dir), port=answers_at.port, user="postgres", dbname=database, autocommit=True
    )


def test_an_empty_server_becomes_an_installation_and_a_second_run_changes_nothing(bootstrap, places_):
    code, said = bootstrap("--admin", ADMIN)
    assert code == 0, said
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "Roles", "Password", "Password", "Database", "Tables", "Static files", "Staff", "https",
    ]  # fmt: skip
    assert re.search(rf"Staff: {re.escape(ADMIN)} sets a password .*\nhttps://salesbrain\.example/\S+", said)
    with as_superuser(places_, "agency") as server:
        roles = server.execute(
            "SELECT FROM pg_roles WHERE rolname ~ '^sb_' AND NOT (rolsuper OR rolbypassrls)"
        ).rowcount
        hashed = server.execute("SELECT FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%'").rowcount
        before = server.execute("SELECT id, email, role, password FROM accounts_user").fetchall()
    assert (roles, hashed) == (4, 2)
    assert [(email, role) for _, email, role, _ in before] == [(ADMIN, "sb_admin")]

    code, again = bootstrap("--admin", ADMIN)
    assert code == 0 and "Roles: all there." in again and "Database: agency is there." in again
    with as_superuser(places_, "agency") as server:
        assert server.execute("SELECT id, email, role, password FROM accounts_user").fetchall() == before
    link = re.findall(r"https://\S+", said)[0]
    assert urlsplit(link).path.count("/") >= 2 and link not in again, "the second run gives a link of its own"


def test_without_a_name_for_the_first_user_it_says_that_nobody_could_log_in(bootstrap):
    code, said = bootstrap()
    assert code != 0 and said.strip().splitlines()[-1].endswith(
        "Nobody could log in: name the first staff user with --admin EMAIL."
    )


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("CREATE DATABASE agency", "The database agency belongs to postgres"),
        ("CREATE ROLE sb_app LOGIN SUPERUSER", "sb_app passes row-level security: ALTER ROLE sb_app NOSUPERUSER NOBYPASSRLS"),
    ],
    ids=["somebody else's database", "a superuser of our name"],
)  # fmt: skip
def test_an_unsuitable_server_is_refused_in_one_sentence(bootstrap, places_, statement, sentence):
    with as_superuser(places_) as server:
        server.execute(statement.encode())
    code, said = bootstrap("--admin", ADMIN)
    assert code != 0 and sentence in said and len(said.strip().splitlines()) == 1
    with as_superuser(places_) as server:
        assert server.execute("SELECT FROM pg_roles WHERE rolname = 'sb_owner'").fetchone() is None, "nothing was begun"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is not set"),
        ({"setup": "sb_nobody"}, "SETUP_DATABASE_URL: The database says"),
        ({"setup": ""}, "Where role or database is missing"),
    ],
    ids=["no public address", "an unknown superuser", "no superuser, no roles"],
)
def test_a_missing_setting_is_named_in_one_sentence(bootstrap, changed, sentence):
    code, said = bootstrap("--admin", ADMIN, **changed)
    assert code != 0 and sentence in said and len(said.strip().splitlines()) == 1


def test_a_run_that_was_aborted_after_the_roles_is_simply_started_again(bootstrap, places_):
    with as_superuser(places_) as server:
        server.execute(embedded_postgres.ROLES_SQL.read_bytes())
        server.execute("CREATE DATABASE agency OWNER sb_owner")
    code, said = bootstrap("--admin", ADMIN)
    assert code == 0 and "Roles: all there." in said and "Tables: of this release." in said, said


def test_a_role_that_may_create_roles_and_databases_will_do(bootstrap, places_):
    """Managed PostgreSQL servers give nobody a superuser."""
    with as_superuser(places_) as server:
        server.execute("CREATE ROLE manager LOGIN CREATEROLE CREATEDB")
    code, said = bootstrap("--admin", ADMIN, setup="manager")
    assert code == 0, said
