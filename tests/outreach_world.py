"""Test data: some weeks of a customer's outreach: campaigns, mailboxes, people, mails, replies, stats.

Made of rows, not of deliveries, so that months take a second. Seeded: the same every time.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from accounts.models import EmailAccount, Organization, ProviderConnection
from campaigns.models import Campaign
from messaging import conversation_writer, identity
from messaging.models import Contact, Event, Message, MessageCategory, Suppression
from messaging.stats_rebuild import rebuild
from salesbrain import rls
from tests import factories

FIRST = ("Anna", "James", "Priya", "Jonas", "Sabine", "Marta", "Oliver", "Leïla", "Tom", "Ingrid", "Pavel", "Grace")
LAST = (
    "Keller",
    "Walker",
    "Nair",
    "Brandt",
    "Lorenz",
    "Kowalska",
    "Hughes",
    "Benali",
    "Schmidt",
    "Larsen",
    "Novák",
    "Okafor",
)
COMPANIES = (
    "Nordwind Logistik",
    "Hartmann Werkzeuge",
    "Bluefin Retail",
    "Kanzlei Weber",
    "Delta Foods",
    "Oak & Pine",
    "Meridian",
)
ANSWERS = (
    ("meeting", "lead_meeting_booked", "That fits well. Thursday at 10:00 works for me, please send an invitation."),
    ("interested", "lead_interested", "Das klingt spannend. Können Sie mir eine Übersicht mit Preisen schicken?"),
    ("question", None, "Do you also support warehouses outside of the EU?"),
    ("not_interested", "lead_not_interested", "Thanks, but we are not looking for anything like this."),
    ("not_now", None, "Bitte melden Sie sich im Januar noch einmal."),
    ("complaint", None, "This is spam. Do not write to me again."),
    ("out_of_office", None, "Ich bin bis zum 14. nicht im Büro."),
)  # fmt: skip
WEIGHTS = (3, 4, 3, 6, 3, 1, 8)
SCHEDULE = {
    "schedules": [
        {
            "name": "Working hours",
            "timing": {"from": "08:00", "to": "17:30"},
            "days": {"0": False, "1": True, "2": True, "3": True, "4": True, "5": True, "6": False},
            "timezone": "Europe/Belgrade",
        }
    ]
}
SUBJECTS = ("Late deliveries at {{companyName}}", "Quick question, {{firstName}}")
TEXTS = (
    "<p>Hello {{firstName}},</p><p>Most operations teams learn about a late truck when the customer calls.</p><p>Ten minutes?</p>",
    "<p>Hello {{firstName}},</p><p>A haulier in Leeds went from eleven complaints a week to two.</p><p>Worth a look?</p>",
    "<p>Did my last mail reach you?</p>",
    "<p>I will not write again. Here is our report.</p>",
)
FIRST_VARIANTS = [{"subject": subject, "body": body} for subject, body in zip(SUBJECTS, TEXTS, strict=False)]
SEQUENCES = [
    {
        "steps": [
            {"type": "email", "delay": 3, "variants": FIRST_VARIANTS},
            {"type": "email", "delay": 4, "variants": [{"subject": "", "body": TEXTS[2]}]},
            {"type": "email", "delay": 5, "variants": [{"subject": "", "body": TEXTS[3]}]},
        ]
    }
]


@dataclass
class Outreach:
    """Rows created by `furnish`. `now`: the time of the last one."""

    organization: Organization
    campaigns: list[Campaign] = field(default_factory=list)
    accounts: list[EmailAccount] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def furnish(
    connection: ProviderConnection, *, now: datetime, days: int = 20, people: int = 40, campaigns: int = 2,
    names: tuple[str, ...] = ("Logistics UK", "Maschinenbau DACH", "SaaS CFOs", "US retail", "Pflegedienste", "Steuerkanzleien"),
    seed: int = 1,
) -> Outreach:  # fmt: skip
    """Create the outreach of a connection's organization up to `now`: `people` contacts in `campaigns` campaigns over `days` days."""
    assert connection.organization is not None
    maker = _Maker(Outreach(connection.organization), connection, now, Random(seed), seed * 10**12)
    maker.make_accounts()
    maker.make_campaigns(names[:campaigns])
    for number in range(people):
        maker.make_person(number, days)
    maker.save()
    return maker.made


@dataclass
class _Maker:
    made: Outreach
    connection: ProviderConnection
    now: datetime
    dice: Random
    number: int
    events: list[Event] = field(default_factory=list)
    categories: list[MessageCategory] = field(default_factory=list)
    suppressions: list[Suppression] = field(default_factory=list)

    @property
    def own(self) -> dict[str, Any]:
        return {"organization": self.made.organization}

    def make_accounts(self) -> None:
        slug = self.made.organization.slug
        details: list[dict[str, Any]] = [
            {"warmup_status": "active", "warmup_score": 97.0},
            {"warmup_status": "active", "warmup_score": 93.0},
            {"status": "paused", "warmup_status": "paused", "warmup_score": 88.0},
            {"status": "connection_error", "status_reason": "535-5.7.8 Username and Password not accepted", "warmup_score": 61.0,
             "status_at": self.now - timedelta(days=3)},
        ]  # fmt: skip
        for name, detail in zip(("anna", "james", "priya", "jonas"), details, strict=True):
            self.made.accounts.append(
                factories.email_account(
                    self.connection, f"{name}@try-{slug}.example", daily_limit=40, first_name=name.title(), **detail
                )
            )

    def make_campaigns(self, names: tuple[str, ...]) -> None:
        states: list[dict[str, Any]] = [
            {},
            {},
            {},
            {"not_sending": "outside_schedule"},
            {"status": "paused"},
            {"status": "bounce_protect"},
        ]
        for name, state in zip(names, states, strict=False):
            self.made.campaigns.append(
                factories.campaign(
                    self.connection, name, schedule=SCHEDULE, sequences=SEQUENCES, daily_limit=120,
                    senders=[account.address for account in self.made.accounts[:3]], **state,
                )
            )  # fmt: skip

    def make_person(self, number: int, days: int) -> None:
        first, last = self.dice.choice(FIRST), self.dice.choice(LAST)
        company = self.dice.choice(COMPANIES)
        email = f"{first}.{last}{number}@{company.split()[0]}.example".lower().replace("ï", "i").replace("á", "a")
        begun = self.now - timedelta(days=self.dice.uniform(0.02, days))
        key = identity.contact_id(self.made.organization.pk, email)
        contact = Contact(
            id=key, email=email, first_name=first, last_name=last, company=company, first_seen_at=begun, **self.own
        )
        self.made.contacts.append(contact)
        campaign = self.made.campaigns[number % len(self.made.campaigns)]
        account = self.made.accounts[number % 2] if number % 9 else self.made.accounts[3]
        at, variant = begun, 1 + self.dice.randrange(2)
        for step in (1, 2, 3):
            if at > self.now:
                return
            sent = self._send(campaign, contact, account.address, step, variant if step == 1 else 1, at)
            if number % 9 == 0 and self.dice.random() < 0.2 or self.dice.random() < 0.015:
                sent.bounced_at = contact.bounced_at = at + timedelta(minutes=2)
                self._event(campaign, contact, sent, "email_bounced", sent.bounced_at)
                return
            if self.dice.random() < 0.45:
                self._open(campaign, contact, sent, at)
            chance = 0.16 if step == 1 and variant == 2 else 0.07
            if self.dice.random() < chance:
                self._answer(campaign, contact, sent, at + timedelta(hours=self.dice.uniform(1, 20)))
                return
            at += timedelta(days=3 + step)

    def _send(
        self, campaign: Campaign, contact: Contact, address: str, step: int, variant: int, at: datetime
    ) -> Message:
        body = TEXTS[variant - 1 if step == 1 else step].replace("{{firstName}}", contact.first_name or "")
        subject = SUBJECTS[variant - 1] if step == 1 else "Re: " + SUBJECTS[0]
        message = Message(
            id=identity.outbound_id(campaign.pk, contact.email, step, variant), campaign=campaign, contact=contact, direction="out",
            step=step, variant=variant, email_account=address, happened_at=at, sent_at=at, body_html=body,
            subject=subject.replace("{{companyName}}", contact.company or "").replace("{{firstName}}", contact.first_name or ""),
            body_text=body.replace("</p><p>", "\n\n").replace("<p>", "").replace("</p>", ""), **self.own,
        )  # fmt: skip
        self.made.messages.append(message)
        self._event(campaign, contact, message, "email_sent", at)
        return message

    def _open(self, campaign: Campaign, contact: Contact, sent: Message, at: datetime) -> None:
        opened = at + timedelta(minutes=self.dice.uniform(1, 500))
        if opened > self.now:
            return
        sent.opened_at, sent.open_count, sent.open_times = opened, 1, [opened]
        self._event(campaign, contact, sent, "email_opened", opened)

    def _answer(self, campaign: Campaign, contact: Contact, sent: Message, at: datetime) -> None:
        if at > self.now:
            return
        category, interest, text = self.dice.choices(ANSWERS, WEIGHTS)[0]
        automatic = category == "out_of_office"
        reply = Message(
            id=UUID(int=self.dice.getrandbits(128), version=4), campaign=campaign, contact=contact, direction="in", is_auto_reply=automatic,
            step=sent.step, variant=sent.variant, email_account=sent.email_account, happened_at=at, sent_at=at,
            subject=f"Re: {sent.subject or 'your mail'}", body_text=text, reply_text=text, is_unread=True, **self.own,
        )  # fmt: skip
        self.made.messages.append(reply)
        self._event(campaign, contact, reply, "auto_reply_received" if automatic else "reply_received", at)
        self.categories.append(
            MessageCategory(
                id=reply.pk, category=category, predicted=category, p=0.9, candidates=[category], source="model", version="w", **self.own
            )
        )  # fmt: skip
        if not automatic:
            sent.replied_at = contact.replied_at = at
        if interest:
            contact.interest, contact.interest_at = interest, at
            self._event(campaign, contact, None, interest, at + timedelta(minutes=1), interest=interest)
        if category == "meeting":
            contact.meeting_at = at
        if category == "complaint":
            contact.complained_at = at
            self._event(campaign, contact, None, "email_spam_report", at + timedelta(minutes=1))
            self.suppressions.append(
                Suppression(email=contact.email, reason="complaint", first_at=at, last_at=at, **self.own)
            )

    def _event(
        self, campaign: Campaign, contact: Contact, message: Message | None, type: str, at: datetime, **fields: Any
    ) -> None:
        self.number += 1
        self.events.append(
            Event(
                id=self.number, connection_id=campaign.connection_id, campaign=campaign, contact=contact, message=message, type=type,
                happened_at=at, recorded_at=at, lead_email=contact.email, step=message.step if message else 0,
                variant=message.variant if message else 0, email_account=(message.email_account or "") if message else "",
                **self.own, **fields,
            )
        )  # fmt: skip

    def save(self) -> None:
        self.events.sort(key=lambda event: event.happened_at)
        for position, event in enumerate(self.events, start=self.number):
            event.position = position
        with rls.scope(rls.SYSTEM):
            Contact.objects.bulk_create(self.made.contacts, batch_size=500)
            Message.objects.bulk_create(self.made.messages, batch_size=500)
            MessageCategory.objects.bulk_create(self.categories)
            Suppression.objects.bulk_create(self.suppressions)
            Event.objects.bulk_create(self.events, batch_size=500)
            wrote = sorted({message.contact_id for message in self.made.messages if message.direction == "in"})
            conversation_writer.hold_contacts(wrote)
            conversation_writer.refresh(dict.fromkeys(wrote, False))
        rebuild(self.made.organization.pk)


NOW = datetime(2026, 7, 10, 12, tzinfo=UTC)
