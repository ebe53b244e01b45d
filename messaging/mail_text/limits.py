"""Limits on the length of untrusted mails' text and HTML, in characters unless stated otherwise.

Each keeps one kind of work linear. Text beyond a limit is cut with a visible mark or left unread; the stored delivery keeps all bytes.
"""

MAX_INPUT = 1_000_000
"""Read of a text or of an HTML part. instantly/processing/parsing.py stores no more of either."""

MAX_OUTPUT = 2_000_000
"""Sanitized HTML. Escaping makes up to six characters of one, so that short input could become far longer."""

MAX_DEPTH = 100
"""Elements open at once in sanitized HTML; deeper ones lose their tags and keep their text. HTML parsers are quadratic in depth."""

MAX_TAGS = 40_000
"""Tags and comments in HTML; of what lies behind, the text is read without its tags. 800,000 characters of
short paragraphs as Outlook writes them have as many."""

MAX_TAG = 20_000
"""Looked at for attributes in one tag."""

MAX_ATTRIBUTE = 4_000
"""Value of one attribute; longer ones are dropped. A rewritten link of a mail filter has about 1,000."""

MAX_ESCAPES = 1_000
"""Ampersands and no-break spaces in one text node: nh3 0.3 writes them in quadratic time, so longer runs are broken by <wbr>."""

MAX_LINK = 2_000
"""Address written behind a link's label."""

MAX_QUOTE_LEVEL = 5
"""Marks (`> `) before a quoted line and steps of indentation of a list, in text made from HTML."""

MAX_OPENER = 600
"""A line, or lines joined, that is looked at as the beginning of a quote. `On … wrote:` with long names has about 200."""

MAX_OPENER_LINES = 4
"""Lines over which one `On … wrote:` may be broken."""

MAX_HEADER_LINES = 24
"""Lines from `From:` to the last header of a quoted mail."""

MAX_LINES = 100_000
"""Lines of a mail in which quotes are looked for; what follows counts as one line more."""

MAX_COMPARED = 200_000
"""The person's own words, of a text and of its HTML, that are compared with each other; longer ones are not."""

MAX_CANDIDATES = 2_000
"""Lines of a mail that are looked at as the beginning of a quote; further ones count as the person's own."""

CUT = "[…]"
"""Stands where something was cut off."""
