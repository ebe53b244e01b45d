"""Put brackets around every translated text, so that tests find untranslated ones on pages."""

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import trans_real

from tests.salesbrain.web import pages

TRANSLATIONS: Any = vars(translation)["_trans"]  # where Django looks every text up
DATA = re.compile(
    r"Salesbrain|PostgreSQL|Instantly|UTC|CSV|API|English|Deutsch|Acme|Globex|[\w.+-]+@[\w.-]+"
    r"|(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)/\S.*"
    r"|\w+\*{6,}"  # a masked hash
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
)
"""Pattern of data that needs no translation: names, names of time zones, ids."""

KEYS: dict[str, Any] = {
    "gettext": lambda text: text,
    "ngettext": lambda one, *_: (one, 0),
    "pgettext": lambda context, text: f"{context}\x04{text}",
    "npgettext": lambda context, one, *_: (f"{context}\x04{one}", 0),
}
"""The key of a text in a compiled catalogue, by the function that looks it up."""


def mark_translations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put brackets around every text that has a German translation, of ours, of Django or of another library."""
    german: Any = trans_real.translation("de")
    for name, key in KEYS.items():
        real = getattr(TRANSLATIONS, name)

        def mark(*args: Any, real: Any = real, key: Any = key) -> str:
            text = real(*args)
            return f"⟦{text}⟧" if key(*map(_plain, args)) in german._catalog else text

        monkeypatch.setattr(TRANSLATIONS, name, mark, raising=False)


def _plain(argument: object) -> object:
    """Normalize the line ends of a text, as Django does before a lookup."""
    return argument.replace("\r\n", "\n") if isinstance(argument, str) else argument


def untranslated(page: str, data: Iterable[str] = ()) -> list[str]:
    """Return the texts of a page that neither came from a catalogue nor are among the data, as whole words."""
    known = sorted({text for text in data if text}, key=len, reverse=True)
    words = re.compile("|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in known)) if known else None
    found = []
    for text in pages.texts_of(page):
        rest = text
        while (without := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = without
        rest = re.sub(r"⟦[^⟦⟧]*…?$|^[^⟦⟧]*⟧", "", rest)  # a text that was cut
        rest = DATA.sub("", words.sub("", rest) if words else rest)
        if re.search(r"[^\W\d_]{2}", rest):
            found.append(text)
    return found
