"""Encode and decode page cursors: the position at the end of a page, as opaque text.

Not secret: a cursor only narrows a query that is under row-level security anyway.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException

FORM = "[A-Za-z0-9_-]{4,1000}"
_FORM = re.compile(FORM)


class UnknownCursor(APIException):
    """Error: the cursor does not belong to this list in this order."""

    status_code = 404
    default_code = "unknown_cursor"
    default_detail = _("This is no cursor of this list in this order: leave it out, or send it empty, to begin again.")


def pack(*parts: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def unpack(text: str, length: int) -> Sequence[Any]:
    """Return the parts of a cursor; raises UnknownCursor unless they are `length` many."""
    try:
        parts = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        raise UnknownCursor from None
    if not isinstance(parts, list) or len(parts) != length:
        raise UnknownCursor
    return parts


def is_cursor(text: str) -> bool:
    return _FORM.fullmatch(text) is not None
