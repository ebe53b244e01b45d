"""Models of contacts, messages, events, conversations and stats, one module per subject."""

from .category import CategoryCorrection, MessageCategory, TriageLearning, TriagePending
from .contact import Contact, Suppression
from .contact_search import ContactSearch
from .contact_variables import ContactVariables
from .conversation import ContactLabel, Conversation, ConversationBuild, Note
from .event import Event
from .goal import Goal
from .message import Message, MessageSearch, RenamedContact, SearchPending
from .outbox import OutboxMessage
from .presence import ConversationPresence
from .rollup import DailyStats
from .snippet import Snippet

__all__ = [
    "CategoryCorrection",
    "Contact",
    "ContactLabel",
    "ContactSearch",
    "ContactVariables",
    "Conversation",
    "ConversationBuild",
    "ConversationPresence",
    "DailyStats",
    "Event",
    "Goal",
    "Message",
    "MessageCategory",
    "MessageSearch",
    "Note",
    "OutboxMessage",
    "RenamedContact",
    "SearchPending",
    "Snippet",
    "Suppression",
    "TriageLearning",
    "TriagePending",
]
