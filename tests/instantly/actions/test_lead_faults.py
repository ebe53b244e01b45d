"""Texts of the reasons why a lead is refused: in the reader's language, without the lead's data."""

from typing import Any

import pytest
from django.utils import translation
from pydantic import ValidationError

from instantly.actions.lead_faults import BY_TYPE, lead_faults
from instantly.schemas import NewLead
from salesbrain.kernel import messages
from salesbrain.kernel.addresses import NotAnAddress, writable
from salesbrain.kernel.messages import shown

FAULTS = {
    "unknown field": ({"industry": "secret"}, "industry: a lead has no such field", "industry: Ein Lead hat kein solches Feld"),
    "no text": ({"first_name": {"a": "secret"}}, "first_name: a text is expected", "first_name: Erwartet wird ein Text"),
    "no number": ({"lt_interest_status": "secret"}, "a whole number is expected", "Erwartet wird eine ganze Zahl"),
    "no object": ({"custom_variables": ["secret"]}, "an object with names", "ein Objekt mit Namen"),
    "nested": ({"custom_variables": {"city": ["secret"]}}, "custom_variables.city: a text", "custom_variables.city: Erwartet wird"),
    "many": (dict.fromkeys("abcde", "secret"), "e: a lead has no such field; put it into custom_variables; ", " und 2 weitere"),
}  # fmt: skip


def fault_of(lead: dict[str, Any]) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        NewLead.model_validate(lead)
    return refused.value


@pytest.mark.parametrize(("lead", "english", "german"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_in_both_languages_without_values(lead, english, german):
    said = lead_faults(fault_of(lead))
    with translation.override("de"):
        translated = shown(messages.restored(messages.stored(said)))
    assert german in translated and "secret" not in said + translated
    assert english in said or len(lead) > 3
    assert "Input should" not in said + translated


def test_a_nested_variable_is_named_once():
    assert str(lead_faults(fault_of({"custom_variables": {"city": []}}))).count("city") == 1


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c.example", "a@", "a..b", "a@nodot", "a b@c.example", f"{'x' * 3000}", "a@b..example"],
)
def test_a_wrong_address_is_explained_in_both_languages(address):
    with pytest.raises(NotAnAddress) as refused:
        writable(address)
    said = lead_faults(refused.value)
    with translation.override("de"):
        german = shown(said)
    assert said.startswith("email: ") and german.startswith("email: ") and german != said


def test_every_sentence_of_the_table_is_registered():
    assert set(BY_TYPE.values()) <= set(messages.registered())
