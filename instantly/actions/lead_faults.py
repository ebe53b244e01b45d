"""Texts of the reasons why a lead or an address was refused, in the reader's language."""

from django.utils.translation import gettext_noop
from pydantic import ValidationError

from salesbrain.kernel.addresses import NotAnAddress
from salesbrain.kernel.messages import Message, message, register

MOST = 3
"""Faults of a lead that are named; further ones are counted."""

LONGEST = 80
"""Maximum of characters shown of a field's name, which is untrusted text."""

register({
    "lead.unknown_field": gettext_noop("%(field)s: a lead has no such field; put it into custom_variables"),
    "lead.text": gettext_noop("%(field)s: a text is expected"),
    "lead.whole_number": gettext_noop("%(field)s: a whole number is expected"),
    "lead.object": gettext_noop("%(field)s: an object with names and values is expected"),
    "lead.plain": gettext_noop("%(field)s: a text, a number, true, false or null is expected, nothing nested"),
    "lead.misfit": gettext_noop("%(field)s: this value does not fit (%(type)s)"),
    "lead.address": gettext_noop("email: %(why)s"),
    "lead.faults": gettext_noop("%(faults)s"),
    "lead.more_faults": gettext_noop("%(faults)s and %(count)s more"),
})  # fmt: skip

BY_TYPE = {
    "extra_forbidden": "lead.unknown_field",
    "string_type": "lead.text",
    "string_unicode": "lead.text",
    "int_type": "lead.whole_number",
    "int_parsing": "lead.whole_number",
    "int_parsing_size": "lead.whole_number",
    "int_from_float": "lead.whole_number",
    "finite_number": "lead.whole_number",
    "dict_type": "lead.object",
    "model_type": "lead.object",
    "model_attributes_type": "lead.object",
}
VARIABLES = "custom_variables"


def lead_faults(fault: ValidationError | NotAnAddress) -> Message:
    """Return why a lead was refused, without its values."""
    if isinstance(fault, NotAnAddress):
        return message("lead.address", why=fault.args[0])
    found = list(
        dict.fromkeys(
            _fault(error["type"], error["loc"]) for error in fault.errors(include_url=False, include_input=False)
        )
    )
    if len(found) <= MOST:
        return message("lead.faults", faults=found)
    return message("lead.more_faults", faults=found[:MOST], count=len(found) - MOST)


def _fault(type: str, place: tuple[int | str, ...]) -> Message:
    """Return one sentence for a variable of the wrong type; pydantic reports one error per permitted type."""
    if place[:1] == (VARIABLES,) and len(place) > 1:
        return message("lead.plain", field=f"{VARIABLES}.{_name(place[1])}")
    field = ".".join(map(_name, place)) or "lead"
    key = BY_TYPE.get(type)
    return message(key, field=field) if key else message("lead.misfit", field=field, type=type)


def _name(part: int | str) -> str:
    return "".join(letter for letter in str(part) if letter.isprintable())[:LONGEST]
