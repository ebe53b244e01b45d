"""Read untrusted mails: replies without quotes, plain text of HTML, harmless HTML.

Linear time, bounded memory, no Django.
"""

from .html_lines import html_to_text
from .limits import MAX_INPUT
from .quotes import Method
from .replies import ReplyText, body_text, plain_body, reply_text
from .sanitizing import STORED, Policy, sanitize_html

__all__ = [
    "MAX_INPUT",
    "STORED",
    "Method",
    "Policy",
    "ReplyText",
    "body_text",
    "html_to_text",
    "plain_body",
    "reply_text",
    "sanitize_html",
]
