"""Hypothesis strategies for email addresses and equivalent spellings of them."""

import unicodedata
from typing import Any

from hypothesis import strategies as st

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in LETTERS + "@.-_+"}
INVISIBLE = ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u200d", "\u200e", "\ufe0f", "\u034f", "\u3164"]
AROUND = ["{}", " {}", "{}\r\n", "{}.", "<{}>", "Eva Blum <{}>", '"Blum, Eva" <{}>', "'{}'", "mailto:{}", "MailTo:{}?subject=x",
    "{} (Eva)", "{};", "smtp:{}", "SMTP:{}", "**{}**", "`{}`", "{}!", "\u2022 {}", "\u00a0{}\u00a0", "\u201c{}\u201d"]  # fmt: skip


@st.composite
def addresses(draw: Any) -> str:
    """Draw addresses in canonical form, except that the domain may be Unicode."""
    local = draw(st.lists(st.text(LETTERS + "-_", min_size=1, max_size=8), min_size=1, max_size=3).map(".".join))
    label = draw(st.text(LETTERS + "\u00e4\u00f6\u00fc\u00e9\u00e7\u00f1\u0142", min_size=3, max_size=8))
    return f"{local}@{label}.example"


@st.composite
def spelled(draw: Any, address: str) -> str:
    """Draw another spelling of the address."""
    local, _, domain = address.partition("@")
    domain = draw(st.sampled_from([domain, domain.encode("idna").decode(), unicodedata.normalize("NFD", domain)]))
    text = f"{local}@{domain}"
    if draw(st.booleans()):
        text = "".join(letter.upper() if draw(st.booleans()) else letter for letter in text)
    if draw(st.booleans()):
        text = text.translate(FULL_WIDTH)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(INVISIBLE)) + text[place:]
    return draw(st.sampled_from(AROUND)).format(text)
