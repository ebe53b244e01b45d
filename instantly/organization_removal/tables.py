"""Tables of an organization in the order of their removal, and those that need special treatment."""

from django.db.models import Model

from accounts.models import (
    AccessEntry,
    AuditEntry,
    EmailAccount,
    Invitation,
    Membership,
    Organization,
    ProviderConnection,
)
from campaigns.models import AssignmentRule, Campaign
from instantly.models import Promotion
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
    Finding,
    FollowUpSettings,
    Goal,
    Message,
    MessageCategory,
    MessageSearch,
    Note,
    OrganizationDailyStats,
    OutboxMessage,
    RenamedContact,
    ScoringSettings,
    SearchPending,
    Snippet,
    StaleStats,
    SuggestionDecision,
    Suppression,
    TriageLearning,
    TriagePending,
    TriageReplay,
)

TABLES: tuple[type[Model], ...] = (
    MessageSearch, MessageCategory, CategoryCorrection, SuggestionDecision, ContactScore, ContactVariables, ContactSearch, Note,
    ContactLabel, OutboxMessage, ConversationPresence, Conversation, Event, Message, DailyStats, StaleStats, OrganizationDailyStats,
    Suppression, Contact, Snippet, Goal, DigestSubscription, FollowUpSettings, ScoringSettings, TriageReplay, TriageLearning,
    ConversationBuild, Finding, Invitation, Membership, AssignmentRule, Promotion,
)  # fmt: skip
"""Tables whose rows of the organization are deleted, in this order: a referring row before the row it refers to."""

OTHERWISE: dict[type[Model], str] = {
    AccessEntry: "append-only: a function of the database removes them",
    AuditEntry: "the agency's record of what its staff did; it stays until its own retention",
    Campaign: "those of a shared workspace stay as empty rows of the house, which keep later deliveries out",
    EmailAccount: "those of a shared workspace go back to the house",
    Organization: "last of all",
    ProviderConnection: "dedicated ones go with everything that came over them",
}
"""Tables of organizations that another step handles, with that step."""

QUEUES: dict[type[Model], tuple[type[Model], ...]] = {
    Message: (SearchPending, TriagePending),
    Contact: (RenamedContact,),
}
"""Queue tables without a foreign key, whose entries are deleted with the row they are about."""
