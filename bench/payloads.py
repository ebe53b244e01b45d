"""Generate distinct webhook deliveries of one workspace, in the shapes Instantly sends.

Half are sent mails; the rest are opens, clicks, replies, bounces and changes of interest about mails sent earlier in the same stream, so
that contacts and messages recur as in production. Timestamps are distinct seconds, because they identify a delivery, and few opens follow
the sending so closely that they count as machine opens. All are in the past, because the product holds deliveries with a future time.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

BEGIN = datetime(2025, 7, 1, 6, tzinfo=UTC)
SPAN = 1_000_000
"""Length of each stream's period in seconds, which is also its maximum of deliveries; the largest plan uses a quarter of them."""
SPANS = ("ingest", "ingest, hot", "drain", "drain, hot", "footprint", "cost", "growth")
"""Streams that may write to one database, in the order of their periods. In a common second, two of their deliveries would be taken for
copies.
"""
MIX = (
    ("email_sent", 50),
    ("email_opened", 30),
    ("link_clicked", 8),
    ("reply_received", 6),
    ("email_bounced", 3),
    ("lead_interested", 3),
)
TEXT = (
    "Hallo Robin,\n\nbei drei Werkzeugbauern haben wir die Spannzeiten halbiert. Lohnt sich ein Gespräch von 15 Minuten?\n\n"
    "Viele Grüße\nNora"
)
HTML = "".join(f"<div>{line or '<br />'}</div>" for line in TEXT.split("\n"))
REPLY = (
    "Klingt gut, Donnerstag um 10 Uhr passt mir.\n\nGruß\nRobin\n\nAm Di., 14. Juli 2026 um 09:02 schrieb Nora:\n\n> "
    + TEXT.replace("\n", "\n> ")
)


@dataclass(frozen=True)
class Mail:
    campaign: str
    lead: str
    account: str
    step: int


class Stream:
    """Source of at most SPAN bodies; the same name and seed give the same bodies, another name gives different ones.

    `span` (one of SPANS) selects the period of their timestamps. Raises SystemExit when that is used up.
    """

    def __init__(self, workspace: str, campaigns: Sequence[str], *, name: str, span: str, seed: int = 7) -> None:
        self.workspace, self.campaigns, self.name = workspace, campaigns, name
        self.random = Random(f"{name}{seed}")
        self.number = SPAN * SPANS.index(span)  # seconds after BEGIN
        self.end = self.number + SPAN
        self.mails: list[Mail] = []
        self.kinds, self.weights = zip(*MIX, strict=True)

    def take(self, count: int) -> list[bytes]:
        return [json.dumps(next(self._bodies()), ensure_ascii=False).encode() for _ in range(count)]

    def _bodies(self) -> Iterator[dict[str, object]]:
        while True:
            if self.number + 1 >= self.end:
                raise SystemExit(
                    f"error: the stream {self.name} has no time left; make SPAN of bench/payloads.py longer."
                )
            self.number += 1
            kind = self.random.choices(self.kinds, self.weights)[0]
            if kind == "email_sent" or not self.mails:
                yield self._sent()
            else:
                yield self._later(kind, self.random.choice(self.mails[-5000:]))

    def _common(self, kind: str, mail: Mail) -> dict[str, object]:
        person = mail.lead.split("@")[0]
        return {
            "timestamp": f"{BEGIN + timedelta(seconds=self.number):%Y-%m-%dT%H:%M:%S}.000Z",
            "event_type": kind,
            "workspace": self.workspace,
            "campaign_id": mail.campaign,
            "campaign_name": "Werkzeugbau DACH, Q3",
            "unibox_url": None,
            "email_account": mail.account,
            "is_first": True,
            "lead_email": mail.lead,
            "email": mail.lead,
            "firstName": "Robin",
            "lastName": person.title(),
            "companyName": f"{person.title()} Werkzeugbau GmbH",
            "Branche": "Maschinenbau",
            "step": mail.step,
            "variant": 1,
        }

    def _sent(self) -> dict[str, object]:
        mail = Mail(
            self.random.choice(self.campaigns),
            f"{self.name}-{self.number}@lead{self.number % 997}.example",
            f"nora{self.random.randrange(5)}@outreach.example",
            self.random.randrange(1, 4),
        )
        self.mails.append(mail)
        text = {"email_subject": "Spannzeiten halbieren, Robin?", "email_html": HTML, "email_text": TEXT}
        return self._common("email_sent", mail) | {"email_id": f"{self.name}-{self.number}"} | text

    def _later(self, kind: str, mail: Mail) -> dict[str, object]:
        body = self._common(kind, mail)
        if kind == "reply_received":
            body |= {
                "email_id": f"{self.name}-r{self.number}",
                "reply_subject": "Re: Spannzeiten halbieren, Robin?",
                "reply_text": REPLY,
            }
        return body
