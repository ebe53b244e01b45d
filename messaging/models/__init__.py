"""Models of this app, one module a subject."""

from .category import CategoryCorrection, MessageCategory, TriageLearning, TriagePending
from .contact import Contact, Suppression
from .contact_search import ContactSearch
from .event import Event
from .message import Message, MessageSearch, RenamedContact, SearchPending
from .rollup import DailyStats

__all__ = [
    "CategoryCorrection",
    "Contact",
    "ContactSearch",
    "DailyStats",
    "Event",
    "Message",
    "MessageCategory",
    "MessageSearch",
    "RenamedContact",
    "SearchPending",
    "Suppression",
    "TriageLearning",
    "TriagePending",
]
