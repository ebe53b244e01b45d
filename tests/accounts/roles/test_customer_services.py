"""Registry of services that customers may call: complete, and the isolation proof notices a gap."""

import ast
import inspect
from pathlib import Path

import pytest

import accounts
from accounts import customer_services as declared
from accounts import memberships
from accounts.models import AccessEntry, Membership, Organization
from salesbrain import rls
from salesbrain.isolation import customer_services
from salesbrain.isolation.customer_services import CUSTOMER_SERVICES, CustomerService, check_customer_services
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import build
from salesbrain.rls import grants

ROOT = Path(accounts.__file__).parent.parent
APPS = ("accounts", "campaigns", "messaging", "instantly")
SERVICE = "customer_service"
PARTS = {
    "messaging/inbox/changes.py changing": {
        "messaging/follow_ups/decisions.py",
        "messaging/inbox/blocking.py",
        "messaging/inbox/services.py",
        "messaging/inbox/undoing.py",
    }
}
"""Functions used by services, with the files that may use them: every public service in these files is marked, so the role is checked."""
HOLDING = {
    "messaging/inbox/holding.py holding_conversation": {"messaging/inbox/outbox.py"},
    "messaging/inbox/holding.py holding_reply": {"messaging/inbox/outbox.py"},
}
"""Like PARTS, for functions without an acting user among their arguments."""
READING = {"messaging/inbox/presence.py others"}
"""Functions that only read an organization's rows in the caller's scope; their `by` is a user to leave out."""


def takes_a_callers_scope(function: ast.FunctionDef) -> bool:
    """Return whether a function is a write for a customer: public, with a scope and the acting user (`by`)."""
    first = function.args.args[:1]
    annotation = ast.unparse(first[0].annotation) if first and first[0].annotation else ""
    names = {argument.arg for argument in function.args.kwonlyargs}
    return annotation in ("rls.Scope", "Scope") and "by" in names and not function.name.startswith("_")


def test_every_service_that_takes_a_callers_scope_is_marked_and_listed():
    unmarked = []
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and takes_a_callers_scope(node):
                    marks = {ast.unparse(mark).partition("(")[0] for mark in node.decorator_list}
                    unmarked += [f"{path.relative_to(ROOT)} {node.name}"] if SERVICE not in marks else []
    assert set(unmarked) == {*PARTS, *READING}, f"mark them with {SERVICE} (accounts/customer_services.py)"
    listed = {entry.service for entry in CUSTOMER_SERVICES}
    missing = [service.__qualname__ for service in declared.REGISTERED if service not in listed]
    assert missing == [], "list them in salesbrain/isolation/customer_services.py"


@pytest.mark.parametrize("part", [*PARTS, *HOLDING])
def test_parts_of_services_are_used_by_services_only(part):
    name = part.split()[1]
    using = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    }
    assert using == {**PARTS, **HOLDING}[part]


@pytest.fixture
def world(db):
    return build()


@pytest.fixture
def failed(world):
    """Return a function that tries a table of services and returns the names of the checks that failed."""

    def run() -> set[str]:
        notes = Notes()
        check_customer_services(world, notes)
        return notes.failed()

    return run


@pytest.fixture
def only(monkeypatch):
    """Return a function that replaces the table of customer services by this one service, with this permission."""

    def replace(service, permission, takes=()):
        entry = CustomerService(service, lambda side: dict.fromkeys(takes, side.ids["observer_id"]), takes)
        monkeypatch.setattr(customer_services, "REGISTERED", {service: permission})
        monkeypatch.setattr(customer_services, "CUSTOMER_SERVICES", (entry,))

    return replace


def test_the_registered_services_pass_the_proof(failed):
    assert failed() == set()


def test_an_unlisted_service_is_noticed(failed, monkeypatch):
    monkeypatch.setattr(customer_services, "CUSTOMER_SERVICES", CUSTOMER_SERVICES[1:])
    assert failed() == {"services.listed"}


def test_a_service_that_does_not_check_the_role_is_noticed(failed, only):
    only(inspect.unwrap(memberships.leave), declared.Permission.MANAGE_TEAM)
    assert "services.roles" in failed()


def test_a_service_that_finds_rows_of_others_is_noticed(failed, only):
    def remove(scope, *, by, member_id, now):
        declared.require(scope, declared.Permission.MANAGE_TEAM)
        with rls.scope(rls.SYSTEM):
            Membership.objects.get(pk=member_id).delete()

    only(remove, declared.Permission.MANAGE_TEAM, ("member_id",))
    assert {"services.foreign", "services.alike"} <= failed()


def test_grants_follow_from_what_the_model_lets_customers_do(db):
    rights = dict(grants.expected(["accounts_accessentry", "accounts_organization"]))
    assert rights["accounts_accessentry"] == (grants.APPEND_ONLY, grants.APPEND_ONLY)
    assert rights["accounts_organization"] == (grants.READ_ONLY, grants.EVERYTHING)
    assert AccessEntry.customer_may == {"insert"} and Organization.customer_may == frozenset()
