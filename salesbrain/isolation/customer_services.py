"""Example arguments of the services that write for customers, for the isolation proof.

Each is called with the other organization's ids, and as every role.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from accounts import invitations, memberships
from accounts.choices import MembershipRole
from accounts.customer_services import REGISTERED
from accounts.models import ProviderConnection
from accounts.permissions import RoleTooLow, member_may
from accounts.refusals import Refusal
from messaging import goals
from messaging.follow_ups import business_calendar, decisions, subscriptions
from messaging.inbox import blocking, outbox, presence, snippets, undoing
from messaging.inbox import services as inbox
from messaging.intelligence.triage import conversation_category, replay
from messaging.scores import fit_mapping
from salesbrain import rls
from salesbrain.isolation.findings import Notes
from salesbrain.isolation.fixtures import Side, World
from salesbrain.rls.checks import protected_models
from salesbrain.rls.models import TenantModel

Arguments = Callable[[Side], dict[str, Any]]
DONE = "done"


@dataclass(frozen=True)
class CustomerService:
    """A service to try, called with the caller's scope, `by`, `now`, and the ids and values that `arguments` returns for an organization.
    `takes`: the ids among them; if there are none, no foreign id can be passed.
    """

    service: Callable[..., Any]
    arguments: Arguments = lambda side: {}
    takes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.service.__module__}.{self.service.__name__}"


OF_CONVERSATIONS: Mapping[Callable[..., Any], Arguments] = {
    inbox.snooze: lambda side: {"until": datetime(2200, 1, 1, tzinfo=UTC)},
    inbox.done: lambda side: {},
    inbox.reopen: lambda side: {},
    inbox.mark_read: lambda side: {},
    inbox.mark_unread: lambda side: {},
    inbox.assign: lambda side: {"assignee_id": side.ids["assignee_id"]},
    inbox.label: lambda side: {"name": side.word},
    inbox.unlabel: lambda side: {"name": side.word},
    inbox.note: lambda side: {"text": side.word},
    undoing.undo_change: lambda side: {},
    blocking.block: lambda side: {},
    blocking.unblock: lambda side: {},
    conversation_category.correct_category: lambda side: {"category": "meeting"},
    conversation_category.withdraw_correction: lambda side: {},
}


OF_ANSWERABLE: Mapping[Callable[..., Any], Arguments] = {
    outbox.save_draft: lambda side: {"text": side.word},
    outbox.send: lambda side: {"text": side.word, "version": 1},
    presence.present: lambda side: {"writing": True},
}
"""Services that need a conversation in which a reply can be sent."""

OF_REPLIES: Mapping[Callable[..., Any], Arguments] = {
    outbox.undo: lambda side: {"outbox_id": side.ids["queued_id"]},
    outbox.retry: lambda side: {"outbox_id": side.ids["failed_id"]},
    outbox.resolve_unknown: lambda side: {"outbox_id": side.ids["unknown_id"], "was_sent": False},
}


def _of_snippet(given: Arguments = lambda side: {}) -> Arguments:
    return lambda side: {"snippet_id": side.ids["snippet_id"], **given(side)}


def _of_answerable(given: Arguments) -> Arguments:
    return lambda side: {"conversation_id": side.ids["answerable_id"], **given(side)}


def _of_conversation(given: Arguments) -> Arguments:
    return lambda side: {"conversation_id": side.ids["conversation_id"], **given(side)}


CUSTOMER_SERVICES: tuple[CustomerService, ...] = (
    CustomerService(invitations.invite, lambda side: {"email": f"{side.word}@new.example", "role": "member"}),
    CustomerService(
        invitations.resend_invitation, lambda side: {"invitation_id": side.ids["invitation_id"]}, ("invitation_id",)
    ),
    CustomerService(
        invitations.revoke_invitation, lambda side: {"invitation_id": side.ids["invitation_id"]}, ("invitation_id",)
    ),
    CustomerService(
        memberships.change_role, lambda side: {"member_id": side.ids["observer_id"], "role": "member"}, ("member_id",)
    ),
    CustomerService(memberships.remove_member, lambda side: {"member_id": side.ids["observer_id"]}, ("member_id",)),
    CustomerService(memberships.leave),
    *(
        CustomerService(service, _of_conversation(given), ("conversation_id",))
        for service, given in OF_CONVERSATIONS.items()
    ),
    *(
        CustomerService(service, _of_answerable(given), ("conversation_id",))
        for service, given in OF_ANSWERABLE.items()
    ),
    *(CustomerService(service, given, ("outbox_id",)) for service, given in OF_REPLIES.items()),
    CustomerService(goals.set_goals, lambda side: {"month": date(2026, 7, 1), "targets": {"meetings": 30}}),
    CustomerService(
        decisions.decide,
        lambda side: {
            "contact_id": side.ids["answerable_id"],
            "key": side.ids["suggestion_key"],
            "decision": "dismissed",
            "why": "other",
        },
        ("contact_id",),
    ),
    CustomerService(
        decisions.take_back,
        lambda side: {"contact_id": side.ids["answerable_id"], "key": side.word},
        ("contact_id",),
    ),
    CustomerService(subscriptions.subscribe),
    CustomerService(subscriptions.unsubscribe),
    CustomerService(replay.ask_for_replay, lambda side: {"threshold": 0.7}),
    CustomerService(replay.set_threshold, lambda side: {"threshold": 0.7}),
    CustomerService(fit_mapping.set_mapping, lambda side: {"title": f"{side.word} title"}),
    CustomerService(decisions.switch_on, lambda side: {"kind": "answer"}),
    CustomerService(business_calendar.set_country, lambda side: {"country": "AT", "subdivision": "9"}),
    CustomerService(snippets.create_snippet, lambda side: {"name": f"{side.word} new", "text": side.word}),
    CustomerService(snippets.change_snippet, _of_snippet(lambda side: {"text": side.word}), ("snippet_id",)),
    CustomerService(snippets.delete_snippet, _of_snippet(), ("snippet_id",)),
    CustomerService(
        snippets.fill_snippet,
        _of_snippet(lambda side: {"contact_id": side.ids["answerable_id"]}),
        ("snippet_id", "contact_id"),
    ),
)
"""Every service marked with `customer_service`; a test compares both, and the proof fails if one is missing."""


def check_customer_services(world: World, notes: Notes) -> None:
    """Call every service as each role of A, and without a role: with A's ids, B's, and unknown ones."""
    listed = {entry.service for entry in CUSTOMER_SERVICES}
    for service in REGISTERED:
        said = "nobody tries it: add it to salesbrain/isolation/customer_services.py"
        notes.check("services.listed", service in listed, f"{service.__module__}.{service.__name__}", said)
    for entry in CUSTOMER_SERVICES:
        held = entry.service in REGISTERED
        notes.check("services.listed", held, entry.name, "is not marked with customer_service")
        if held:
            for role in (*MembershipRole.values, ""):
                _try_role(world, notes, entry, role)


def _try_role(world: World, notes: Notes, entry: CustomerService, role: str) -> None:
    permission, a, b = REGISTERED[entry.service], world.a, world.b
    user = a.members.get(role, a.members[MembershipRole.OWNER])
    allowed = member_may(role, permission)
    where = f"{entry.name} as {role or 'nobody'} of A"

    def call(arguments: Mapping[str, Any]) -> str:
        return _call(world, notes, entry, rls.customer(a.organization, role), user, arguments, where)

    own = call(entry.arguments(a))
    if allowed:
        tried = own == DONE or own.startswith(
            "LastOwner"
        )  # the only owner can not leave: that is as far as it may come
        notes.check("services.own", tried, where, f"with own ids it answered {own}")
    else:
        notes.check(
            "services.roles", own.startswith(RoleTooLow.__name__), where, f"must be refused, and answered {own}"
        )
    outcomes = {"own": own}
    if entry.takes:
        foreign = {name: entry.arguments(b)[name] for name in entry.takes}
        unknown = {name: uuid4() for name in entry.takes}
        for name, ids in (("foreign", foreign), ("unknown", unknown)):
            outcomes[name] = call({**entry.arguments(a), **ids})
        said = f"B's id is answered {outcomes['foreign']}, nobody's {outcomes['unknown']}"
        notes.check("services.alike", outcomes["foreign"] == outcomes["unknown"] != DONE, where, said)
    notes.row("services", service=entry.name, needs=str(permission), role=role or "none", **outcomes)


def _call(
    world: World, notes: Notes, entry: CustomerService, scope: rls.Scope, user: Any, arguments: Mapping[str, Any], where: str
) -> str:  # fmt: skip
    """Return `done`, or the refusal and its sentence; check that no row of B changed. Everything is rolled back."""
    with transaction.atomic():
        with rls.scope(rls.SYSTEM):
            ProviderConnection.objects.update(is_active=True)  # nothing is sent from one that is off
        before = rows_of(world.b)
        try:
            with transaction.atomic():
                entry.service(scope, by=user, now=datetime.now(UTC), **arguments)
            outcome = DONE
        except (RoleTooLow, Refusal) as error:
            outcome = f"{type(error).__name__}: {error}"
        except Exception as error:
            outcome = f"broken: {type(error).__name__}: {error}"
            notes.check("services.broken", False, where, outcome)
        notes.check("services.foreign", rows_of(world.b) == before, where, f"changed rows of B ({dict(arguments)})")
        transaction.set_rollback(True)
    return outcome


def rows_of(side: Side) -> dict[str, Any]:
    """Return a digest of everything an organization has, by table."""
    found = {}
    with rls.scope(rls.SYSTEM), connection.cursor() as cursor:
        for model in protected_models():
            if issubclass(model, TenantModel):
                table, column = model._meta.db_table, model.organization_column
                query = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t WHERE {column} = %s"  # noqa: S608
                cursor.execute(query, [side.organization])
                found[table] = cursor.fetchone()
    return found
