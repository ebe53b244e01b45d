from .contact import Contact, Suppression
from .contact_search import ContactSearch
from .event import Event
from .message import Message, MessageSearch, RenamedContact, SearchPending
from .rollup import DailyStats

__all__ = [
    "Contact",
    "ContactSearch",
    "DailyStats",
    "Event",
    "Message",
    "MessageSearch",
    "RenamedContact",
    "SearchPending",
    "Suppression",
]
