"""Base class of the pydantic models of Instantly's responses.

Validation finds responses we could not work with; it does not police Instantly: unknown fields stay, unknown numbers in an
enumeration stay numbers, and only the identifying fields are required.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Self

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PrivateAttr, ValidationError

MASKED = "[hidden]"
MAX_KEY = 255
"""Characters of an object's key at most: a longer one fits into no index, and would make all others of its statement fail."""


class Answer(BaseModel):
    """Base model of an object in Instantly's responses.

    Fields carry Instantly's names; those we do not know are in ``model_extra``. ``repr`` shows only the key, because
    answers are full of other people's data.
    """

    model_config = ConfigDict(
        extra="allow", frozen=True, hide_input_in_errors=True, protected_namespaces=(), coerce_numbers_to_str=True
    )

    KEY: ClassVar[str] = "id"
    _raw: dict[str, Any] = PrivateAttr(default_factory=dict)

    @property
    def raw(self) -> dict[str, Any]:
        """Return the object as received, without secrets (see :meth:`storable`), for storing."""
        return self._raw

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Validate one decoded JSON object. Raises pydantic's ValidationError."""
        answer = cls.model_validate(given)
        answer._raw = cls.storable(given)
        return answer

    @classmethod
    def storable(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parts of ``given`` that may be stored; models whose responses hold secrets leave those out."""
        return dict(given)

    @classmethod
    def stored(cls, given: Mapping[str, Any]) -> bytes:
        """Return :meth:`storable` as JSON: the same bytes for the same object, whatever the order of its fields."""
        return orjson.dumps(cls.storable(given), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def restored(cls, stored: bytes) -> Self:
        """Validate the result of :meth:`stored`. Raises pydantic's ValidationError."""
        kept = orjson.loads(stored)
        answer = cls.model_validate(kept)
        answer._raw = kept
        return answer

    @classmethod
    def key_of(cls, given: Mapping[str, Any]) -> str:
        """Return the id of an object that did not validate, empty if it has none."""
        value = given.get(cls.KEY)
        return str(value)[:200] if isinstance(value, str | int) and not isinstance(value, bool) else ""

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return [(self.KEY, getattr(self, self.KEY, None))]


def reasons(fault: ValidationError) -> str:
    """Return in one line why an object did not validate, without its values."""
    lines = [
        f"{'.'.join(str(step) for step in error['loc']) or 'it'}: {error['msg']}"
        for error in fault.errors(include_url=False, include_input=False, include_context=False)
    ]
    more = f" and {len(lines) - 3} more" if len(lines) > 3 else ""
    text = "; ".join(lines[:3]) + more
    return "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)[:400]


def word(value: IntEnum | float | None) -> str:
    """Return the lower-case name of a number of Instantly's: "unknown" for an undocumented one, "" for none."""
    if value is None:
        return ""
    return value.name.lower() if isinstance(value, IntEnum) else "unknown"


def _to_integer(value: Any) -> Any:
    """Accept 1.0 and "1" as 1: JSON has one kind of number, and some programs quote it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 10:
        return int(value)
    return value


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


WHOLE = BeforeValidator(_to_integer)
Moment = Annotated[datetime, AfterValidator(_in_utc)]
OptionalMoment = Annotated[Moment | None, BeforeValidator(_none_if_empty)]
Number = int | float | None
Text = str | None
Flag = bool | None
