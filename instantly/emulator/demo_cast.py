"""Email accounts and campaigns of the three emulated workspaces in the product's demo.

Twelve accounts, thirteen campaigns. Among them: an email account with many bounces, one decided and one open A/B test, campaigns with
good and with bad reply rates, a completed one, a paused one and a draft. Times are days before the demo begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import demo
from .life import pitches
from .life.invented_leads import add_invented_lead
from .simulation import Simulation
from .state import rows
from .state.clock import DAY_MS
from .state.identifiers import stable_v7
from .state.tables import Row
from .state.vocabulary import ACTIVE, COMPLETED, DRAFT, PAUSED
from .state.workspaces import SendingState, Workspace

DAYS = 90
LIMIT = 40
EVERY_DAY = {
    "schedules": [
        {
            "name": "Any hour",
            "timing": {"from": "00:00", "to": "23:59"},
            "days": {str(day): True for day in range(7)},
            "timezone": "Europe/Belgrade",
        }
    ]
}


@dataclass(frozen=True, slots=True)
class CastAccount:
    """An email account of the demo. ``bounce`` and ``reply`` multiply the usual rates; ``score`` is the warm-up's."""

    local: str
    first_name: str
    last_name: str
    domain: str
    score: int = 97
    bounce: float = 1.0
    reply: float = 1.0
    status: int = ACTIVE
    since_day: int = 0  # days before the end from which on ``status`` holds

    @property
    def email(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class CastCampaign:
    """A campaign of the demo. ``begins`` and ``ends``: days before the end of the history; ``ends_as``: its status then."""

    pitch: int
    leads: int
    senders: tuple[int, ...]
    begins: int = DAYS
    appeal: float = 1.0
    variants: tuple[float, ...] = ()
    ends: int = 0
    ends_as: int = ACTIVE
    name: str = ""  # instead of the pitch's

    @property
    def title(self) -> str:
        return self.name or pitches.PITCHES[self.pitch].name


@dataclass(frozen=True, slots=True)
class Cast:
    """A workspace of the demo: its accounts and campaigns."""

    accounts: tuple[CastAccount, ...]
    campaigns: tuple[CastCampaign, ...]


BROKEN = -1
CASTS: Mapping[str, Cast] = {
    "acme": Cast(
        (
            CastAccount("anna.keller", "Anna", "Keller", "acme-outreach.example"),
            CastAccount("james.walker", "James", "Walker", "acme-outreach.example", score=95),
            CastAccount("priya.nair", "Priya", "Nair", "try-acme.example", score=99),
            CastAccount("jonas.vogt", "Jonas", "Vogt", "get-acme.example", score=58, bounce=54.0, reply=0.35),  # burnt
        ),
        (
            CastCampaign(0, 1500, (0, 1, 2, 3), appeal=1.1, variants=(0.5, 1.9)),  # B is clearly better
            CastCampaign(1, 1100, (0, 2), appeal=1.8),  # the best one
            CastCampaign(2, 900, (1, 3), begins=52, appeal=0.7, variants=(1.0, 1.1)),  # not decided yet
            CastCampaign(5, 420, (2,), ends=34, ends_as=COMPLETED),
            CastCampaign(7, 0, (0,), begins=2, ends=2, ends_as=DRAFT),
        ),
    ),
    "globex": Cast(
        (
            CastAccount("sabine.lorenz", "Sabine", "Lorenz", "globex-kontakt.example", score=98),
            CastAccount("tom.hughes", "Tom", "Hughes", "globex-kontakt.example", score=96),
            CastAccount("miriam.huber", "Miriam", "Huber", "try-globex.example", score=94),
            CastAccount("felix.roth", "Felix", "Roth", "try-globex.example", score=90, status=PAUSED, since_day=12),
        ),
        (
            CastCampaign(3, 1200, (0, 1, 2), appeal=1.4, variants=(1.0, 1.15)),
            CastCampaign(4, 1000, (1, 2, 3), appeal=0.8),
            CastCampaign(8, 600, (0, 2), begins=40, appeal=1.1),
            CastCampaign(9, 380, (3,), ends=12, ends_as=PAUSED, appeal=0.6),
        ),
    ),
    "shared": Cast(
        (
            CastAccount("lea.becker", "Lea", "Becker", "hello-umbrella.example", score=97),
            CastAccount("noah.reid", "Noah", "Reid", "hello-umbrella.example", score=96),
            CastAccount("petra.simon", "Petra", "Simon", "mail-umbrella.example", score=93),
            CastAccount("team", "Carolin", "Haas", "mail-umbrella.example", score=84, status=BROKEN, since_day=3),
        ),
        (
            CastCampaign(6, 900, (0, 1), appeal=1.2),
            CastCampaign(5, 800, (1, 2), name="Kanzleien Süd – Belege"),
            CastCampaign(7, 700, (0, 2), begins=60, appeal=1.3, name="Handwerk Nord – Angebote"),
            CastCampaign(2, 500, (2, 3), begins=45, appeal=0.8, name="SaaS UK – month end"),
        ),
    ),
}  # fmt: skip
LOGIN_REFUSED = {
    "code": "EAUTH",
    "command": "AUTH PLAIN",
    "response": "535-5.7.8 Username and Password not accepted",
    "e_message": "error: invalid login",
    "responseCode": 535,
}


def furnish(simulation: Simulation, workspace: Workspace, cast: Cast, *, ends_ms: int) -> None:
    """Add the demo's accounts and campaigns to a workspace, in their state at the start of the history."""
    begins_ms = ends_ms - (DAYS + 2) * DAY_MS
    for account in cast.accounts:
        workspace.accounts.add(_account_row(workspace, account, begins_ms - 30 * DAY_MS))
        if account.bounce != 1.0 or account.reply != 1.0:
            workspace.sender_trouble[account.email] = {"bounce": account.bounce, "reply": account.reply}
    for number, campaign in enumerate(cast.campaigns):
        _add_campaign(simulation, workspace, cast, number, campaign, begins_ms)
    demo.add_label_and_tag(workspace, simulation.seed)
    workspace.campaigns_changed()


def change_of_day(simulation: Simulation, workspace: Workspace, cast: Cast, days_left: int) -> None:
    """Apply the changes planned for a day of the history: campaigns that start or end, accounts that fail."""
    rows_by_name = {row["name"]: row for row in workspace.campaigns}
    for campaign in cast.campaigns:
        row = rows_by_name[campaign.title]
        if row["status"] == DRAFT and campaign.leads and days_left <= campaign.begins:
            _begin(simulation, workspace, campaign, row)
        if campaign.ends and days_left <= campaign.ends and row["status"] == ACTIVE:
            rows.update_row(row, simulation.clock.now_ms(), status=campaign.ends_as)
    for account in cast.accounts:
        known = workspace.accounts.get(account.email)
        if known and known["status"] == ACTIVE and account.status != ACTIVE and days_left <= account.since_day:
            reason = {"status_message": LOGIN_REFUSED, "autofix_failed": True} if account.status < 0 else {}
            rows.update_row(known, simulation.clock.now_ms(), status=account.status, **reason)
    workspace.campaigns_changed()


def _begin(simulation: Simulation, workspace: Workspace, campaign: CastCampaign, row: Row) -> None:
    rows.update_row(row, simulation.clock.now_ms(), status=ACTIVE)
    for _ in range(campaign.leads):
        add_invented_lead(simulation, workspace, row)


def _account_row(workspace: Workspace, account: CastAccount, ms: int) -> Row:
    return rows.account(
        account.email,
        account.first_name,
        account.last_name,
        workspace.id,
        workspace.row["owner"],
        ms,
        provider_code=2,
        daily_limit=LIMIT,
        stat_warmup_score=account.score,
    )


def _add_campaign(
    simulation: Simulation, workspace: Workspace, cast: Cast, number: int, campaign: CastCampaign, begins_ms: int
) -> None:
    pitch = pitches.PITCHES[campaign.pitch]
    created_ms = begins_ms + (DAYS - campaign.begins) * DAY_MS + number * 1000
    id = stable_v7(created_ms, simulation.seed, workspace.id, "campaign", campaign.title, number)
    values: dict[str, Any] = {
        "campaign_schedule": EVERY_DAY,
        "sequences": pitches.sequences(pitch),
        "email_list": [cast.accounts[place].email for place in campaign.senders],
        "is_evergreen": campaign.ends_as != COMPLETED,
        "daily_limit": 30 * len(campaign.senders),
        "status": DRAFT,
    }
    workspace.campaigns.add(
        rows.campaign(id, campaign.title, workspace.id, workspace.row["owner"], created_ms, **values)
    )
    workspace.sending[id] = SendingState(
        finds_leads=campaign.ends_as == ACTIVE,
        language=pitch.language,
        extra_variables=_variables(pitch.language),
        appeal=campaign.appeal,
        variant_appeal=list(campaign.variants),
    )


def _variables(language: str) -> dict[str, Any]:
    """Return example custom variables of leads, as purchased lists have them."""
    if language == "de":
        return {"Branche": "Mittelstand", "Mitarbeiter": "{number}", "Quelle": "Messe 2026"}
    return {"industry": "Mid-market", "employees": "{number}", "source": "Trade show 2026"}
