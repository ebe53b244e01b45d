from .contact import Contact, Suppression
from .event import Event
from .message import Message, MessageSearch, SearchPending
from .rollup import DailyStats

__all__ = ["Contact", "DailyStats", "Event", "Message", "MessageSearch", "SearchPending", "Suppression"]
