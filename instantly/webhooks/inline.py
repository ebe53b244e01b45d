"""INSTANTLY_PROCESSING=inline, for tiny installations: the receiving process does the worker's work, after the commit."""

import logging

from django.db import DatabaseError, connection

from .processing import number_events, process_pending

logger = logging.getLogger(__name__)

AT_ONCE = 50


def process_soon() -> None:
    """Process what is pending. A failure is logged and nothing more: the delivery is stored, and the next one tries again."""
    try:
        process_pending(AT_ONCE)
        number_events()
    except DatabaseError:
        logger.exception("Could not process deliveries; they stay pending")
        connection.close_if_unusable_or_obsolete()
