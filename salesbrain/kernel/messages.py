"""Translatable sentences, stored as a key with parameters and rendered in the reader's language.

An app registers its table (key -> English sentence with named placeholders, marked for translation) when it starts, and creates a
`Message` from an entry with `message(key, name=…)`. A Message is a str, the sentence in English, so logs, commands and tests need nothing
special; it also knows its key and parameters. `stored` converts it to the form of a column, `restored` converts back, `shown` returns the
sentence in the active language. Texts that are no Message pass through all three unchanged: the provider's own texts, and those that
older releases stored.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.formats import number_format
from django.utils.translation import gettext

MARK = '{"salesbrain.message":"'
"""Beginning of the stored form, which no provider's text has."""

MAX_DEPTH = 8
"""Depth up to which Messages inside Messages are read."""

_sentences: dict[str, str] = {}


class Message(str):
    """A str in English that knows its key and its parameters: texts, numbers, Messages, or lists of Messages."""

    __slots__ = ("key", "parameters")
    key: str
    parameters: Mapping[str, Any]

    def __new__(cls, key: str, parameters: Mapping[str, Any]) -> "Message":
        self = super().__new__(cls, _rendered(_sentences.get(key), key, parameters, str))
        self.key, self.parameters = key, parameters
        return self

    def __str__(self) -> str:
        return self  # str() of it, and of an exception made of it, keeps what it knows

    def __getnewargs__(self) -> tuple[str, Mapping[str, Any]]:
        return self.key, self.parameters


def register(sentences: Mapping[str, str]) -> None:
    """Add an app's table of sentences. Raises ValueError if a key is used for another sentence already."""
    for key, sentence in sentences.items():
        if _sentences.setdefault(key, sentence) != sentence:
            raise ValueError(f"Two sentences have the key {key}.")


def registered() -> Mapping[str, str]:
    """Return every sentence by its key."""
    return dict(_sentences)


def message(key: str, **parameters: Any) -> Message:
    """Return a registered sentence with its parameters. Raises KeyError for an unknown key or a missing parameter."""
    _sentences[key] % parameters  # what is wrong here is a mistake of ours, and must not wait until somebody reads it
    return Message(key, parameters)


def shown(text: object) -> str:
    """Return the text of a Message, of an exception's Message, or of a stored form in the active language."""
    found: Any = text if _is_message(text) else restored(str(text))
    if not _is_message(found):
        return str(found)
    return _rendered(_sentences.get(found.key), found.key, found.parameters, shown, gettext)


def stored(value: Any) -> Any:
    """Return the plain form of a text, or of all texts in lists and dicts: a Message becomes JSON, anything else stays."""
    if _is_message(value):
        return orjson.dumps(_packed(value)).decode().replace("\\u0000", "")
    if isinstance(value, Mapping):
        return {name: stored(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [stored(inner) for inner in value]
    return value


def restored(value: Any) -> Any:
    """Convert the result of `stored` back; texts that only look like a Message are returned unchanged."""
    if isinstance(value, str):
        return _read(value) if value.startswith(MARK) else value
    if isinstance(value, Mapping):
        return {name: restored(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [restored(inner) for inner in value]
    return value


def translated(value: Any) -> Any:
    """Return lists and dicts with every Message in them in the active language."""
    if _is_message(value):
        return shown(value)
    if isinstance(value, Mapping):
        return {name: translated(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [translated(inner) for inner in value]
    return value


def _is_message(text: object) -> Any:
    """Return whether an object has key and parameters; it may come from a package that cannot import this one."""
    return isinstance(text, str) and hasattr(text, "key") and hasattr(text, "parameters")


def _packed(value: Any) -> Any:
    if _is_message(value):
        return {"salesbrain.message": value.key, "with": {name: _packed(one) for name, one in value.parameters.items()}}
    if isinstance(value, list | tuple):
        return [_packed(one) for one in value]
    return value if isinstance(value, int | float) or value is None else str(value)


def _read(text: str) -> str:
    try:
        return _unpacked(orjson.loads(text), MAX_DEPTH)
    except (ValueError, TypeError, KeyError, AttributeError):
        return text


def _unpacked(value: Any, depth: int) -> Any:
    if not depth:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        parameters = {name: _unpacked(one, depth - 1) for name, one in value["with"].items()}
        return Message(value["salesbrain.message"], parameters)
    return [_unpacked(one, depth - 1) for one in value] if isinstance(value, list) else value


def _rendered(sentence: str | None, key: str, parameters: Mapping[str, Any], say: Any, translate: Any = str) -> str:
    """Render a sentence; one of another release with unknown key or parameters is shown as far as possible."""
    texts = {name: _part(one, say) for name, one in parameters.items()}
    try:
        return str(translate(sentence) % texts) if sentence is not None else _unknown(key, texts)
    except (KeyError, ValueError, TypeError):
        return _unknown(key, texts)


def _part(value: Any, say: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(map(say, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if say is str else number_format(value, force_grouping=True)
    return say(value) if _is_message(value) else value


def _unknown(key: str, texts: Mapping[str, Any]) -> str:
    return f"{key} ({', '.join(f'{name}: {text}' for name, text in texts.items())})"
