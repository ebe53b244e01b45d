"""Demo data of an emulated workspace: campaigns, email accounts, labels, a tag, with reproducible ids."""

from collections.abc import Iterable
from typing import Any

from .life import people, pitches
from .state import rows
from .state.clock import DAY_MS, iso, parse_instant
from .state.identifiers import stable_number, stable_v4, stable_v7
from .state.tables import Row
from .state.vocabulary import ACTIVE, DRAFT, PAUSED
from .state.workspaces import SendingState, Workspace

CREATED_MS = parse_instant("2025-09-01T08:00:00.000Z")
WEEK = {
    "schedules": [
        {
            "name": "Working hours",
            "timing": {"from": "08:00", "to": "17:30"},
            "days": {"0": False, "1": True, "2": True, "3": True, "4": True, "5": True, "6": False},
            "timezone": "Europe/Belgrade",  # Central European time: Europe/Berlin is not on Instantly's list
        }
    ]
}
# Lead variables that caused problems in real deliveries: documented names, other letter cases, secrets, numeric text.
PROBLEMATIC_VARIABLES: tuple[dict[str, Any], ...] = (
    {},
    {"favourite_colour": "blue", "Umsatz": "{number}.5", "notes": None},
    {"campaign": "0b7f6c3e-5a55-4c1e-9d0e-2f6f0c1d9a11", "Subject": "Re: your order {number}", "signInToken": "xyz"},
)
BULK_STATUSES = (ACTIVE, ACTIVE, PAUSED, 3, DRAFT)


def create_workspace(name: str, *, seed: int | str, id: str | None = None) -> Workspace:
    """A workspace that contains only its own row and its owner."""
    owner = stable_v4(seed, name, "owner")
    workspace = Workspace(rows.workspace(id or stable_v4(seed, name, "workspace"), name, owner, CREATED_MS))
    workspace.members.add(
        {
            "id": stable_v4(seed, name, "member"),
            "email": f"owner@{slug(name)}.example",
            "user_id": owner,
            "user_email": f"owner@{slug(name)}.example",
            "nickname": None,
            "name": {"first": "Olivia", "last": "Owner"},
            "role": "owner",
            "timestamp_created": iso(CREATED_MS),
            "workspace_id": workspace.id,
            "accepted": True,
            "issuer_id": None,
            "permissions": None,
        }
    )
    return workspace


def add_content(
    workspace: Workspace,
    *,
    seed: int | str,
    campaigns: Iterable[str | Row] | None = None,
    accounts: Iterable[str] | None = None,
) -> None:
    """Add campaigns and accounts to a new workspace; None: the demo's own ones, an empty list: none."""
    addresses = _default_addresses(workspace.name) if accounts is None else list(accounts)
    for number, typed in enumerate(addresses):
        _add_account(workspace, typed, number, len(addresses), seed)
    senders = [row["email"] for row in workspace.accounts if row["status"] == ACTIVE]
    offers = _offers(seed, workspace.name)
    wanted = [pitch.name for pitch in offers[:7]] if campaigns is None else list(campaigns)
    for number, entry in enumerate(wanted):
        given: Row = {"name": entry} if isinstance(entry, str) else dict(entry)
        given.setdefault("status", _default_status(number, len(wanted)))
        _add_campaign(workspace, given, number, seed, _pick_senders(senders, number), offers[number % len(offers)])
    if wanted or addresses:
        add_label_and_tag(workspace, seed)
    workspace.campaigns_changed()


def add_bulk_content(workspace: Workspace, *, seed: int | str, campaigns: int, accounts: int) -> None:
    """Add thousands of plain campaigns and accounts, for measuring a sync."""
    domain = f"{slug(workspace.name)}.example"
    for number in range(accounts):
        _add_account(workspace, f"sender{number:05d}@mail{number % 97}.{domain}", number, 50, seed)
    senders = [row["email"] for row in workspace.accounts if row["status"] == ACTIVE]
    for number in range(campaigns):
        status = BULK_STATUSES[number % len(BULK_STATUSES)]
        given = {"name": f"Campaign {number:05d}", "status": status}
        pitch = pitches.PITCHES[number % len(pitches.PITCHES)]
        _add_campaign(workspace, given, number, seed, _pick_senders(senders, number), pitch)
    workspace.campaigns_changed()


def slug(name: str) -> str:
    plain = people.ascii_only(name).lower()
    spaced = "".join(char if char.isalnum() and char.isascii() else " " for char in plain)
    return "-".join(spaced.split()) or "workspace"


def _offers(seed: int | str, name: str) -> list[pitches.Pitch]:
    """All offers, rotated by workspace, so that two workspaces differ."""
    first = stable_number(len(pitches.PITCHES), seed, name, "offers")
    return [*pitches.PITCHES[first:], *pitches.PITCHES[:first]]


def _default_status(number: int, count: int) -> int:
    """Return a campaign's initial status: active; of four or more the last is a draft and the one before it paused."""
    if count >= 4 and number >= count - 2:
        return DRAFT if number == count - 1 else PAUSED
    return ACTIVE


def _pick_senders(senders: list[str], number: int) -> list[str]:
    """Two or three accounts of the workspace, different for each campaign."""
    if len(senders) <= 3:
        return senders
    return sorted({senders[(number * 2 + offset) % len(senders)] for offset in range(2 + number % 2)})


def _add_campaign(
    workspace: Workspace, given: Row, number: int, seed: int | str, senders: list[str], pitch: pitches.Pitch
) -> None:
    created_ms = (
        CREATED_MS + number * DAY_MS // 50 + stable_number(DAY_MS // 100, seed, workspace.id, "campaign", number)
    )
    key = (seed, workspace.id, "campaign", given["name"], number)
    # every third one dates from before Instantly's change to version 7
    id = given.pop("id", None) or (stable_v4(*key) if number % 3 == 2 else stable_v7(created_ms, *key))
    limited = number % 5 == 3  # these run out of leads and complete
    values: Row = {"campaign_schedule": WEEK, "sequences": pitches.sequences(pitch), "email_list": senders}
    values |= {"is_evergreen": not limited, **given}
    row = rows.campaign(id, values.pop("name"), workspace.id, workspace.row["owner"], created_ms, **values)
    workspace.campaigns.add(row)
    workspace.sending[id] = SendingState(
        finds_leads=True,
        leads_to_find=40 if limited else None,
        language=pitch.language,
        extra_variables=PROBLEMATIC_VARIABLES[number % len(PROBLEMATIC_VARIABLES)],
    )


def _default_addresses(name: str) -> list[str]:
    domain = slug(name)
    return [
        f"anna.keller@{domain}-outreach.example",
        f"James.Walker@{domain}-outreach.example",  # entered with capitals, and delivered so
        f"priya@try-{domain}.example",
        f"jonas@try-{domain}.example",
        f"team@get-{domain}.example",
        f"sabine.lorenz@get-{domain}.example",
    ]


def _add_account(workspace: Workspace, typed: str, number: int, count: int, seed: int | str) -> None:
    email = typed.lower()
    local = email.partition("@")[0]
    first, _, last = local.replace("_", ".").partition(".")
    state: Row = {}
    if count >= 3 and number % count == count - 1:
        state = {"status": -1, "stat_warmup_score": 61, "autofix_failed": True}
        state["status_message"] = {
            "code": "EAUTH",
            "command": "AUTH PLAIN",
            "response": "535-5.7.8 Username and Password not accepted",
            "e_message": "error: invalid login",
            "responseCode": 535,
        }
    elif count >= 5 and number % count == count - 2:
        state = {"status": 2, "warmup_status": 0, "stat_warmup_score": 88}
    created_ms = CREATED_MS + number * 60_000 + stable_number(60_000, seed, email)
    workspace.accounts.add(
        rows.account(
            email,
            first.capitalize(),
            last.capitalize() or "Team",
            workspace.id,
            workspace.row["owner"],
            created_ms,
            **{
                "provider_code": (2, 3, 1)[number % 3],
                "daily_limit": (30, 40, 50)[number % 3],
                "stat_warmup_score": 90 + stable_number(11, seed, email, "score"),
                "warmup": {**rows.DEFAULT_WARMUP, "limit": 10 + number % 3 * 5},
                **state,
            },
        )
    )
    if typed != email:
        workspace.typed_addresses[email] = typed


def add_label_and_tag(workspace: Workspace, seed: int | str) -> None:
    """Add two lead labels of the workspace's own and a tag."""
    for number, (label, sentiment) in enumerate((("Ask again later", "neutral"), ("Hot Lead", "positive"))):
        workspace.lead_labels.add(
            {
                "id": stable_v4(seed, workspace.id, "label", label),
                "timestamp_created": iso(CREATED_MS + number),
                "created_by": workspace.row["owner"],
                "organization_id": workspace.id,
                "label": label,
                "interest_status_label": sentiment,
                "interest_status": 10_000 + stable_number(9_000, seed, workspace.id, label),
                "description": None,
                "use_with_ai": True,
            }
        )
    workspace.tags.add(
        {
            "id": stable_v4(seed, workspace.id, "tag"),
            "timestamp_created": iso(CREATED_MS),
            "timestamp_updated": iso(CREATED_MS),
            "organization_id": workspace.id,
            "label": "Outbound",
            "description": "Cold outreach",
        }
    )
