"""Create the data of a fresh `make run`: the demo with the emulator, or one real workspace.

Only in the embedded database. Fixtures contain no secrets: passwords, keys, workspace ids and webhook secrets are
generated at the first run and kept in the database and in `.local/` (files readable by their owner alone).
"""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from accounts.choices import MembershipRole, StaffRole
from accounts.models import EmailAccount, Membership, Organization, ProviderConnection, User, WebhookSecret
from accounts.models.organization import HOUSE_ID
from campaigns.models import Campaign
from messaging.campaign_transfer import move_campaign, move_email_account
from messaging.goals import first_day
from messaging.models import Goal
from salesbrain import rls
from salesbrain.kernel.env import BASE_DIR

FIXTURE = BASE_DIR / "fixtures" / "demo.json"
REAL = "instantly"
"""Name of the one connection that INSTANTLY_API_KEY makes."""

Mover = Callable[..., Any]

ADMIN = {"email": "admin@salesbrain.example", "name": "Ada Admin", "role": StaffRole.ADMIN}


class DemoRefused(Exception):
    """Error: demo data must not be loaded into this database; `str()` is the line to print."""


@dataclass
class Loaded:
    """Result of `load`, printed by the command."""

    created: list[str] = field(default_factory=list)
    emulator: Path | None = None
    workspaces: list[str] = field(default_factory=list)


def fixture() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return data


def passwords_file() -> Path:
    return settings.LOCAL_DIR / "demo-passwords.json"


def emulator_file() -> Path:
    return settings.LOCAL_DIR / "emulator.json"


def load() -> Loaded:
    """Create missing demo data; a second run changes nothing. Raises DemoRefused outside the embedded database.

    With DEMO off only the admin user is created, and the demo's connections are switched off (their keys are the emulator's, and must not
    be sent to Instantly). INSTANTLY_API_KEY creates a real connection, which is switched off while DEMO is on.
    """
    if not settings.EMBEDDED_DATABASE:
        raise DemoRefused("Demo data is only for the embedded database: DATABASE_URL is set, so nothing was created.")
    loaded = Loaded()
    with rls.scope(rls.SYSTEM):
        if not settings.DEMO:
            _load_users([ADMIN], loaded)
            _switch_demo_off()
            if settings.INSTANTLY_API_KEY:
                _load_real(loaded)
        else:
            data = fixture()
            _load_organizations(data["organizations"], loaded)
            _load_users(data["users"], loaded)
            _load_connections(data["connections"], loaded)
            _load_goals(data["goals"])
    return loaded


def passwords() -> list[tuple[User, str]]:
    """Return the demo users whose generated password is still valid, each with the password, in the fixture's order."""
    kept = _kept_passwords()
    with rls.scope(rls.SYSTEM):
        users = {user.email: user for user in User.objects.filter(email__in=kept, is_active=True)}
    known = ((users[email], entry) for email, entry in kept.items() if email in users)
    return [(user, entry["password"]) for user, entry in known if _is_password_valid(user, entry)]


def assign_shared_workspace() -> list[str]:
    """Assign the shared workspace's campaigns and email accounts to the organizations; return a line for each kind of row assigned.

    Called after the first sync: organizations get them in turn, in the order of names, and a part stays unassigned (the house's), so that
    there is something left to assign. Rows that were assigned since stay unchanged.
    """
    lines = []
    for row in fixture()["connections"]:
        slugs = row.get("shared_between", [])
        with rls.scope(rls.SYSTEM):
            connection = ProviderConnection.objects.filter(name=row["name"], is_active=True).first()
            takers = [Organization.objects.filter(slug=slug).first() for slug in slugs]
            things: list[tuple[Mover, list[Any]]] = [
                (move_campaign, list(Campaign.objects.filter(connection=connection).order_by("name", "id"))),
                (move_email_account, list(EmailAccount.objects.filter(connection=connection).order_by("address"))),
            ]
        for move, found in things:
            if any(thing.organization_id != HOUSE_ID for thing in found):
                continue  # shared out already, by us or by somebody
            for thing, taker in zip(found, cycle([*takers, None]), strict=False):
                if taker is not None:
                    move(thing.pk, taker.pk, now=timezone.now(), actor_name="load_demo")
            given = sum(1 for _, taker in zip(found, cycle([*takers, None]), strict=False) if taker is not None)
            if given:
                kind = "campaigns" if move is move_campaign else "email accounts"
                names = " and ".join(taker.name for taker in takers if taker)
                lines.append(f"{row['name']}: {given} of {len(found)} {kind} given to {names}")
    return lines


def _is_password_valid(user: User, entry: dict[str, str]) -> bool:
    """Return whether a password is still valid, by the stored hash: hashing it at every start takes a third of a second each."""
    return user.password == entry["hash"] or user.check_password(entry["password"])


def _load_organizations(rows: Iterable[dict[str, str]], loaded: Loaded) -> None:
    for row in rows:
        _, created = Organization.objects.get_or_create(slug=row["slug"], defaults={"name": row["name"]})
        if created:
            loaded.created.append(f"organization {row['name']}")


def _load_users(rows: Iterable[dict[str, Any]], loaded: Loaded) -> None:
    kept = _kept_passwords()
    before = json.dumps(kept)
    for row in rows:
        user = User.objects.filter(email=row["email"]).first()
        if user is None:
            user = User(email=row["email"], name=row["name"], role=row.get("role", ""))
            loaded.created.append(f"user {row['email']}")
        if user.email not in kept or not user.password:
            password = secrets.token_urlsafe(9)
            user.set_password(password)
            user.save()
            kept[user.email] = {"password": password, "hash": user.password}
        for slug in row.get("organizations", ()):
            Membership.objects.get_or_create(
                user=user,
                organization=Organization.objects.get(slug=slug),
                defaults={"role": row.get("member_role", MembershipRole.OWNER)},
            )
    if json.dumps(kept) != before:
        _write_privately(passwords_file(), kept)


def _load_connections(rows: Iterable[dict[str, Any]], loaded: Loaded) -> None:
    workspaces = []
    for row in rows:
        connection = ProviderConnection.objects.filter(name=row["name"]).first()
        if connection is None:
            owner = Organization.objects.get(slug=row["organization"]) if row["organization"] else None
            connection = ProviderConnection(
                name=row["name"], organization=owner, workspace_id=str(uuid4()), workspace_name=row["name"].title()
            )
            connection.set_api_key(f"demo-{secrets.token_urlsafe(24)}")
            connection.save()
            loaded.created.append(f"connection {connection.name}")
        _switch(connection, on=True)
        _secret_for(connection)
        group = {"sub_of": row["sub_of"]} if "sub_of" in row else {}  # so that Globex can be promoted
        workspaces.append({"name": connection.name, "id": connection.workspace_id, "key": connection.api_key, **group})
    ProviderConnection.objects.filter(name=REAL, is_active=True).update(is_active=False)
    loaded.emulator = emulator_file()
    loaded.workspaces = [workspace["name"] for workspace in workspaces]
    _write_privately(loaded.emulator, {"workspaces": workspaces})


def _load_goals(wanted: dict[str, dict[str, int]]) -> None:
    """Create goals for the current month, where an organization has none yet."""
    month = first_day(timezone.now().date())
    for slug, targets in wanted.items():
        organization = Organization.objects.get(slug=slug)
        if Goal.objects.filter(organization=organization, month=month).exists():
            continue
        for metric, target in targets.items():
            Goal.objects.create(organization=organization, month=month, metric=metric, target=target)


def _load_real(loaded: Loaded) -> None:
    connection = ProviderConnection.objects.filter(name=REAL).first()
    if connection is None:
        connection = ProviderConnection(name=REAL, organization=None)
        loaded.created.append(f"connection {REAL}")
    if connection.api_key != settings.INSTANTLY_API_KEY:
        connection.set_api_key(settings.INSTANTLY_API_KEY)
        connection.save()
    _switch(connection, on=True)
    _secret_for(connection)


def _switch_demo_off() -> None:
    demo = [row["name"] for row in fixture()["connections"]]
    ProviderConnection.objects.filter(name__in=demo, workspace_id__in=_emulated_workspaces(), is_active=True).update(
        is_active=False
    )


def _switch(connection: ProviderConnection, *, on: bool) -> None:
    if connection.is_active != on:
        ProviderConnection.objects.filter(pk=connection.pk).update(is_active=on)


def _secret_for(connection: ProviderConnection) -> None:
    if not connection.webhook_secrets.exists():
        WebhookSecret.objects.issue(connection)


def _emulated_workspaces() -> list[str]:
    try:
        return [row["id"] for row in json.loads(emulator_file().read_text(encoding="utf-8"))["workspaces"]]
    except (OSError, ValueError, KeyError):
        return []


def _kept_passwords() -> dict[str, dict[str, str]]:
    try:
        kept: dict[str, dict[str, str]] = json.loads(passwords_file().read_text(encoding="utf-8"))
        return kept
    except (OSError, ValueError):
        return {}


def _write_privately(path: Path, content: dict[str, Any]) -> None:
    """Replace the file in one step; nobody but its owner may read it at any moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)
