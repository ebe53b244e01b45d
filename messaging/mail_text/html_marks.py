"""Recognize quotes and hidden parts in mail programs' HTML by tag, class, id and style."""

import re

from .limits import MAX_TAG
from .tokens import attributes

VALUE = re.compile(r"""=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++)""")
HIDDEN_ATTRIBUTE = re.compile(r"[\s\"]hidden(?=[\s/>=]|\Z)")

NONE = 0
QUOTED, INDENTED, ATTRIBUTION, HIDDEN, PREFORMATTED = (1 << n for n in range(5))
"""Effects of an element on its text; plain numbers, because a mail may have a hundred thousand elements."""
OPENER, FORWARD = 1 << 5, 1 << 6
"""Effects: a quoted mail, or a forwarded one, begins with the element and continues after it."""

CONTAINER = 1 << 7
"""Effect: the element contains the quoted mail, and possibly text that the person typed into it."""

QUOTE_CLASSES = (
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "blockquote_zmail",
    "cite",
    "gmail_quote",
    "ydpquote",
    "iosymail",
)
"""Classes of blockquotes that quote. Gmail, Proton, Tutanota and Zoho put a container around them, which may hold answers as well."""
CONTAINERS = ("yahoo_quoted",)

IDS = {
    "divrplyfwdmsg": OPENER,  # Outlook on the web and on phones
    "mail-editor-reference-message-container": OPENER,  # new Outlook
    "olk_src_body_section": OPENER,  # Outlook for Mac
    "reply-intro": ATTRIBUTION,  # Roundcube
    "replyblockquote": QUOTED,
}
CLASSES = {
    "moz-cite-prefix": ATTRIBUTION,  # Thunderbird
    "gmail_attr": ATTRIBUTION,
    "moz-forward-container": FORWARD,
    "outlookmessageheader": OPENER,
}
HIDING = (
    "display:none",
    "visibility:hidden",
    "mso-hide:all",
    "font-size:0px",
    "font-size:0;",
    "max-height:0px",
    "max-height:0;",
)
TELLING = (
    "quote", "cite", "rply", "reply", "container", "olk_src", "gmail_attr", "moz-", "zmail", "iosymail", "header", "hid", "none",
    "font-size", "max-height",
)  # fmt: skip
"""Words of which one is in every tag with an effect; tags without any are not examined further."""


def effect(name: str, raw: str) -> int:
    """Return the effect of an element (quote, hidden …) by its start tag."""
    if name == "pre":
        return PREFORMATTED
    is_blockquote = name == "blockquote"
    lower = raw.lower()
    if not any(word in lower for word in TELLING):
        return INDENTED if is_blockquote else NONE
    found = {key: value.lower() for key, value in attributes(lower).items()}
    style = found.get("style", "").replace(" ", "") + ";"
    done = HIDDEN if any(way in style for way in HIDING) or _has_hidden(lower) else NONE
    classes = found.get("class", "").split()
    id = found.get("id", "").removeprefix("x_")  # Outlook renames what it quotes
    for key in classes:
        done |= CLASSES.get(key.removeprefix("x_"), NONE)
    done |= IDS.get(id, NONE)
    if is_blockquote:
        cites = found.get("type") == "cite" or any(quote in key for key in (*classes, id) for quote in QUOTE_CLASSES)
        return done | (QUOTED if cites else INDENTED)
    is_named = name == "div" and found.get("name") == "quote"  # web.de and GMX
    if is_named or any(key.startswith(CONTAINERS) for key in (*classes, id)):
        done |= QUOTED | CONTAINER
    return done


def _has_hidden(tag: str) -> bool:
    """Return whether the tag has the attribute `hidden`, not the word in a style, a class or a title."""
    return "hidden" in tag and HIDDEN_ATTRIBUTE.search(VALUE.sub('=""', tag[:MAX_TAG])) is not None
