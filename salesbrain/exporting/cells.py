"""Escape CSV cells, so that no spreadsheet runs a text as a formula and numbers stay numbers.

An apostrophe is put in front of a formula's sign: where the cell begins with one, blanks or not, and where it could begin a cell of its
own. A spreadsheet whose separator is ';' finds no quotation mark at the beginning of such a cell and cuts `foo;=cmd` in two, and a line
break in it becomes a new row. `restore` removes the apostrophes, so that the original text is read back.
"""

import re
from typing import Any

import orjson

SIGNS = r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]"
"""Characters that begin a formula, also full-width ones: an Asian spreadsheet takes `\uff1d` for `=`."""
INVISIBLE = r"\x00-\x08\x0e-\x1f\x7f-\x9f\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
BLANKS = rf"[ \t\r\n\x0b\x0c{INVISIBLE}]*"
WITHIN_A_LINE = rf"[\" \t\x0b\x0c{INVISIBLE}]*"
"""Pattern of a formula's sign after a separator. It stops at the next line break, where the search begins anew, so that no text is scanned
more than twice. A quotation mark at the beginning of a cell is skipped, because CSV doubles it, which opens and closes a quotation.
"""

BEGINNING = rf"'*(?:{BLANKS}{SIGNS}|[\t\r\n])"
BEGINS = re.compile(rf"(?={BEGINNING})")
BEGAN = re.compile(rf"'(?={BEGINNING})")
CUT = re.compile(rf"([;\r\n])(?='*{WITHIN_A_LINE}{SIGNS})")
WAS_CUT = re.compile(rf"([;\r\n])'(?='*{WITHIN_A_LINE}{SIGNS})")


def neutralize(text: str) -> str:
    """Return a text with formulas escaped, safe for a spreadsheet."""
    safe = CUT.sub(r"\1'", text)
    return f"'{safe}" if BEGINS.match(text) else safe


def restore(cell: str) -> str:
    """Undo `neutralize`: return the original text of a cell."""
    text = WAS_CUT.sub(r"\1", cell)  # first: a formula's sign after a line break is where it was only then
    return text[1:] if BEGAN.match(text) else text


def cell(value: Any) -> str:
    """Return a JSON value as a CSV cell: empty for null, numbers unchanged, texts and JSON with formulas escaped."""
    if value is None:
        return ""
    if isinstance(value, str):
        return neutralize(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return neutralize(orjson.dumps(value).decode())
    return str(value)
