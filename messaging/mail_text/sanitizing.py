"""Sanitize hostile HTML to a bounded size: rewritten (balance.py), then cleaned by nh3."""

import logging
from collections.abc import Mapping, Set
from dataclasses import dataclass
from html import escape

import nh3

from .balance import balanced
from .html_lines import html_to_text
from .limits import MAX_INPUT, MAX_OUTPUT
from .lines import bounded

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Policy:
    """Allowed tags and attributes; `attributes` by tag, `*` for all. `cleaner` must not allow more."""

    tags: Set[str]
    attributes: Mapping[str, Set[str]]
    cleaner: nh3.Cleaner


_TAGS = nh3.ALLOWED_TAGS - {"img"}  # a remote image reveals its reader
SMALL = 3_000
"""Characters of HTML up to which balancing is skipped: so few take nh3 a millisecond even in quadratic time."""

STORED = Policy(
    tags=_TAGS,
    attributes={"*": {"lang", "title"}, **nh3.ALLOWED_ATTRIBUTES},
    cleaner=nh3.Cleaner(tags=_TAGS, url_schemes={"http", "https", "mailto"}, link_rel="noopener noreferrer nofollow"),
)
"""Policy of stored HTML: structure and links, no styles, nothing loaded from elsewhere."""


def sanitize_html(html: str, policy: Policy = STORED) -> str:
    """Return harmless HTML of at most MAX_OUTPUT characters (plus a mark where it was cut); never raises.

    Where the sanitizer fails or writes more than is allowed, the text is returned in a <pre>.
    """
    if not html:
        return ""
    html, _ = bounded(html)
    try:
        whole = html if len(html) <= SMALL else balanced(html, policy.tags, policy.attributes)
        clean = policy.cleaner.clean(whole)
    except Exception:  # a stranger's mail must not cost the mail
        logger.exception("Could not sanitize the HTML of a mail")
    else:
        if len(clean) <= MAX_OUTPUT:
            return clean
    return f"<pre>{escape(html_to_text(html)[: MAX_INPUT // 3], quote=False)}</pre>"
