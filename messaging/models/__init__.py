"""Models of this app, one module a subject."""

from .category import CategoryCorrection, MessageCategory, TriageLearning, TriagePending
from .contact import Contact, Suppression
from .contact_search import ContactSearch
from .contact_variables import ContactVariables
from .conversation import ContactLabel, Conversation, ConversationBuild, Note
from .event import Event
from .message import Message, MessageSearch, RenamedContact, SearchPending
from .rollup import DailyStats

__all__ = [
    "CategoryCorrection",
    "Contact",
    "ContactLabel",
    "ContactSearch",
    "ContactVariables",
    "Conversation",
    "ConversationBuild",
    "DailyStats",
    "Event",
    "Message",
    "MessageCategory",
    "MessageSearch",
    "Note",
    "RenamedContact",
    "SearchPending",
    "Suppression",
    "TriageLearning",
    "TriagePending",
]
