"""Limits on the length of untrusted mails' text and HTML, in characters unless stated otherwise.

Each keeps one kind of work linear. Text beyond a limit is cut with a visible mark or left unread; the stored delivery keeps all bytes.
"""

MAX_INPUT = 1_000_000
"""Characters of a text or an HTML part that are read. instantly/processing/parsing.py stores no more of either."""

MAX_OUTPUT = 2_000_000
"""Characters of sanitized HTML. Escaping makes up to six characters of one, so that short input could become far longer."""

MAX_DEPTH = 100
"""Depth of elements in sanitized HTML; deeper ones lose their tags and keep their text. HTML parsers are quadratic in depth."""

MAX_TAGS = 40_000
"""Tags and comments that are read in HTML; after them only text is read. 800,000 characters of short paragraphs as Outlook writes them have
as many.
"""

MAX_TAG = 20_000
"""Characters of one tag that are searched for attributes."""

MAX_ATTRIBUTE = 4_000
"""Characters of an attribute's value; longer ones are dropped. A rewritten link of a mail filter has about 1,000."""

MAX_ESCAPES = 1_000
"""Ampersands and no-break spaces in one text node: nh3 0.3 writes them in quadratic time, so longer runs are broken by <wbr>."""

MAX_LINK = 2_000
"""Characters of an address written after a link's label."""

MAX_QUOTE_LEVEL = 5
"""Marks (`> `) before a quoted line and steps of indentation of a list, in text made from HTML."""

MAX_OPENER = 600
"""Characters of a line, or of joined lines, that may introduce a quote. `On … wrote:` with long names has about 200."""

MAX_OPENER_LINES = 4
"""Lines over which one `On … wrote:` may be broken."""

MAX_HEADER_LINES = 24
"""Lines from `From:` to the last header of a quoted mail."""

MAX_LINES = 100_000
"""Lines of a mail in which quotes are searched; the rest counts as one line."""

MAX_COMPARED = 200_000
"""Characters of the person's own words up to which the text part and the HTML part are compared."""

MAX_CANDIDATES = 2_000
"""Lines of a mail that are examined as the beginning of a quote; further ones count as the person's own."""

CUT = "[…]"
"""Mark at the place where a text was cut off."""
