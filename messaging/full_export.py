"""Export everything of an organization or a connection to files, with a manifest of checksums.

The content is a rule per table: every column is either exported or internal, and a test refuses one that is neither.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import DateTimeField, Expression, F, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import AccessEntry, EmailAccount, Invitation, Membership, Organization, ProviderConnection
from campaigns.models import AssignmentRule, Campaign
from messaging.models import (
    CategoryCorrection,
    Contact,
    ContactLabel,
    ContactScore,
    ContactSearch,
    ContactVariables,
    Conversation,
    ConversationBuild,
    ConversationPresence,
    DailyStats,
    DigestSubscription,
    Event,
    FollowUpSettings,
    Goal,
    Message,
    MessageCategory,
    MessageSearch,
    Note,
    OrganizationDailyStats,
    OutboxMessage,
    ScoringSettings,
    Snippet,
    StaleStats,
    SuggestionDecision,
    Suppression,
    TriageLearning,
    TriageReplay,
)
from salesbrain import rls
from salesbrain.api import sqljson
from salesbrain.exporting import FORMATS, Rows, Tally

CHOSEN = dict.fromkeys(
    [
        "chosen_state",
        "chosen_reason",
        "chosen_until",
        "chosen_at",
        "chosen_seen",
        "chosen_replies",
        "read_at",
        "read_seen",
        "read_replies",
    ],
    "what the state is worked out from; the events have it",
) | {"lane": "worked out from state, category and snooze"}
MIRROR = {"raw": "the provider's last answer, as it came", "digest": "tells a sync that nothing changed"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One file of the export: a table, its internal columns with reasons, and the filter for the rows of a connection (None: they belong to
    none).
    """

    name: str
    model: type[Model]
    of_connection: Callable[[ProviderConnection], Q] | None
    internal: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields if field.attname not in self.internal]

    @property
    def row(self) -> Expression:
        """Return the SQL expression of a row as JSON text, with times in the API's format."""
        fields = {field.attname: field for field in self.model._meta.concrete_fields}
        columns = {
            name: sqljson.Moment(F(name)) if isinstance(fields[name], DateTimeField) else F(name)
            for name in self.columns
        }
        return Cast(sqljson.Row(columns), TextField())


KINDS = (
    Kind(
        "campaigns",
        Campaign,
        lambda connection: Q(connection=connection),
        {
            **MIRROR,
            "is_variant_unsure": "tells the worker to look up the variants of later deliveries",
            "removed_at": "tells the worker to record nothing of it; no campaign of an organization has it",
            "has_repaired_leads": "tells the worker to look for events that a list of leads told before",
            "tags": "the agency's labels in its workspace",
            "assigned_rule": "how the agency shares out a workspace",
        },
    ),
    Kind("email_accounts", EmailAccount, lambda connection: Q(connection=connection), MIRROR),
    Kind(
        "contacts",
        Contact,
        lambda connection: Q(pk__in=Event.objects.filter(connection_id=connection.pk).values("contact_id")),
        {"named_at": "decides which of two names is the later one"},
    ),
    Kind("contact_variables", ContactVariables, lambda connection: Q(campaign__connection=connection), {}),
    Kind("suppressions", Suppression, None, {}),
    Kind(
        "messages",
        Message,
        lambda connection: Q(campaign__connection=connection),
        {
            "text_at": "decides which sending's text is kept",
            "open_times": "the earliest ones only, to guess machines from; the events have them all",
            "click_times": "the same",
        },
    ),
    Kind(
        "categories",
        MessageCategory,
        None,
        {
            "version": "of the model that read the message",
            "sentence_scores": "what the embeddings say of the text, so that a replay need not read it",
        },
    ),
    Kind("category_corrections", CategoryCorrection, None, {}),
    Kind("conversations", Conversation, None, CHOSEN),
    Kind("notes", Note, None, {}),
    Kind("labels", ContactLabel, None, {}),
    Kind(
        "replies",
        OutboxMessage,
        None,
        {
            "idempotency_key": "tells a repeated request",
            "reason": "the key of a sentence, which pages and API show in the reader's language",
            "mails_seen": "tells the job that nothing came meanwhile",
            "lookups": "tells the job how often it looked",
        },
    ),
    Kind("snippets", Snippet, None, {}),
    Kind("goals", Goal, None, {}),
    Kind("scores", ContactScore, None, {}),
    Kind("suggestion_decisions", SuggestionDecision, None, {"key": "distinguishes the suggestions of a contact"}),
    Kind("events", Event, lambda connection: Q(connection_id=connection.pk), {}),
    Kind("daily_stats", DailyStats, lambda connection: Q(campaign__connection=connection), {}),
)

NOT_EXPORTED: Mapping[type[Model], str] = {
    Organization: "whose export it is; the manifest names it",
    Membership: "who may log in here",
    Invitation: "who is asked to log in here",
    AccessEntry: "who read which conversation; its owners read that in the access log",
    AssignmentRule: "how the agency shares out a workspace",
    TriageReplay: "trials of the reply lab",
    TriageLearning: "weights of the engine",
    ContactSearch: "search index",
    ConversationPresence: "who is looking at this moment",
    ScoringSettings: "which variables are mapped, and what was learned",
    DigestSubscription: "who of the users gets a digest by mail",
    OrganizationDailyStats: "sums of daily_stats",
    StaleStats: "which of those sums are to be made again",
    FollowUpSettings: "whose holidays count, and which suggestions were switched on again",
    ConversationBuild: "how far an upgrade has come",
    MessageSearch: "search index",
}
"""Tables of organizations that are not exported, each with the reason."""


def export(
    folder: Path,
    *,
    form: str,
    now: datetime,
    organization: Organization | None = None,
    connection: ProviderConnection | None = None,
) -> dict[str, Any]:
    """Write one file per kind and manifest.json into the new folder `folder`; return the manifest.

    With `organization`: the rows it sees itself, read in its own scope. With `connection`: the rows of its workspace, of any organization;
    kinds that belong to no workspace are left out. `form` is one of exporting.FORMATS. Raises FileExistsError, OSError.
    """
    folder.mkdir(parents=True)
    scope = rls.customer(organization.pk) if organization else rls.SYSTEM
    files = []
    for kind in KINDS:
        chosen = Q(organization=organization) if organization else None
        if connection is not None:
            if kind.of_connection is None:
                continue
            chosen = kind.of_connection(connection)
        assert chosen is not None, "an export is of an organization or of a connection"
        files.append(_write(folder / f"{kind.name}.{form}", kind, form, _rows(kind, chosen, scope)))
    manifest = {
        "made_at": now.isoformat(),
        "organization": organization.slug if organization else None,
        "connection": connection.name if connection else None,
        "format": form,
        "files": files,
        "rows": sum(file["rows"] for file in files),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def _rows(kind: Kind, chosen: Q, scope: rls.Scope) -> Rows:
    def queryset() -> QuerySet[Any]:
        return kind.model._default_manager.filter(chosen)

    return Rows(queryset, kind.row, scope)


def _write(path: Path, kind: Kind, form: str, rows: Rows) -> dict[str, Any]:
    tally = Tally()
    with path.open("wb") as file:
        for data in tally.hashed(FORMATS[form](kind.columns, tally.count(rows.texts()))):
            file.write(data)
    return {
        "name": path.name,
        "rows": tally.rows,
        "bytes": tally.size,
        "sha256": tally.sha256,
        "columns": kind.columns,
    }
