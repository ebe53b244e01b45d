"""Produce harmless HTML of a mail for display; runs inside a bounded process."""

import nh3

from .sanitizing import Policy, sanitize_html

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "dd", "del", "div", "dl", "dt", "em", "font",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike",
    "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "wbr",
}  # fmt: skip
"""Allowed tags: no img (an image reveals to its sender that the mail was read), no form, nothing that frames, embeds or runs."""

ATTRIBUTES = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "ol": {"start", "type"},
    "font": {"color", "size"},
}
STYLES = {
    "color", "background-color", "font-size", "font-style", "font-weight", "line-height", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
    "text-align", "text-decoration", "vertical-align", "white-space",
}  # fmt: skip
"""Allowed style properties: none takes a URL or moves an element over another."""

SHOWN = Policy(
    tags=TAGS,
    attributes=ATTRIBUTES,
    cleaner=nh3.Cleaner(
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "noscript", "template", "textarea", "xmp"},
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        filter_style_properties=STYLES,
        strip_comments=True,
    ),
)


def show_html(html: str) -> str:
    """Return harmless HTML for hostile HTML: links only to http(s), opened in a new tab without referrer; no pictures."""
    return sanitize_html(html, SHOWN)
