"""Models of contacts, messages, events, conversations and stats, one module per subject."""

from .category import CategoryCorrection, MessageCategory, TriageLearning, TriagePending, TriageReplay
from .contact import Contact, Suppression
from .contact_search import ContactSearch
from .contact_variables import ContactVariables
from .conversation import ContactLabel, Conversation, ConversationBuild, Note
from .digest import DigestSubscription
from .event import Event
from .finding import Finding, Measurement
from .follow_up import FollowUpSettings, SuggestionDecision
from .goal import Goal
from .message import Message, MessageSearch, RenamedContact, SearchPending
from .organization_stats import OrganizationDailyStats, StaleStats
from .outbox import OutboxMessage
from .presence import ConversationPresence
from .rollup import DailyStats
from .score import ContactScore, ScoringSettings
from .snippet import Snippet

__all__ = [
    "CategoryCorrection",
    "Contact",
    "ContactLabel",
    "ContactScore",
    "ContactSearch",
    "ContactVariables",
    "Conversation",
    "ConversationBuild",
    "ConversationPresence",
    "DailyStats",
    "DigestSubscription",
    "Event",
    "Finding",
    "FollowUpSettings",
    "Goal",
    "Measurement",
    "Message",
    "MessageCategory",
    "MessageSearch",
    "Note",
    "OrganizationDailyStats",
    "OutboxMessage",
    "RenamedContact",
    "ScoringSettings",
    "SearchPending",
    "Snippet",
    "StaleStats",
    "SuggestionDecision",
    "Suppression",
    "TriageLearning",
    "TriagePending",
    "TriageReplay",
]
