"""Result of one run of gap repair: counts of fetched events, and where the next run continues."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from instantly.choices import SyncStatus
from instantly.monitoring import feed_state
from instantly.monitoring.feed_health import completeness, gaps_of


@dataclass
class ReconcileReport:
    """Result of one run; its `facts` are stored in the SyncRun and continued by the next run."""

    connection: str
    status: SyncStatus = SyncStatus.RUNNING
    webhook: str = "none"
    webhook_id: str = ""
    log_rows: int = 0
    log_counted: int = 0
    log_failed: int = 0
    log_unread: int = 0
    from_log: int = 0
    from_mails: int = 0
    from_manual: int = 0
    from_leads: int = 0
    derived: int = 0
    joined: int = 0
    read_state: int = 0
    through: datetime | None = None
    emails_through: datetime | None = None
    manual_through: datetime | None = None
    complete_since: datetime | None = None
    gaps: list[dict[str, Any]] = field(default_factory=list)
    undated: dict[str, int] = field(default_factory=dict)
    resumes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    requests: int = 0
    dry_run: bool = False

    def facts(self) -> dict[str, Any]:
        times = {
            name: getattr(self, name) for name in ("through", "emails_through", "manual_through", "complete_since")
        }
        return {
            **{name: moment.isoformat() if moment else None for name, moment in times.items()},
            "webhook": self.webhook,
            "webhook_id": self.webhook_id,
            "log_rows": self.log_rows,
            "log_counted": self.log_counted,
            "log_failed": self.log_failed,
            "log_unread": self.log_unread,
            "from_log": self.from_log,
            "from_mails": self.from_mails,
            "from_manual": self.from_manual,
            "from_leads": self.from_leads,
            "derived": self.derived,
            "joined": self.joined,
            "read_state": self.read_state,
            "gaps": self.gaps[-feed_state.REMEMBERED :],
            "undated": self.undated,
            "resumes": self.resumes[-feed_state.REMEMBERED :],
        }

    def sentence(self) -> str:
        """Return the result as a sentence: since when events are complete."""
        if self.complete_since is None:
            return "nothing can be said of the feed: " + ("; ".join(self.problems) or "there is no webhook")
        summary = completeness(self.complete_since, gaps_of({"gaps": self.gaps}), self.undated)
        if self.log_rows >= self.log_counted:
            return summary
        return (
            f"{summary}; Instantly's log lists {self.log_rows} of {self.log_counted} deliveries it counts, the others are left to "
            "inbox and leads"
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "connection": self.connection,
            "status": str(self.status),
            "outcome": self.sentence(),
            "errors": self.problems,
            "requests": self.requests,
            "dry_run": self.dry_run,
            **self.facts(),
        }
