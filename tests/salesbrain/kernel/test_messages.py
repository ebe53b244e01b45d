"""Translatable sentences as keys with parameters: stored, restored, shown in two languages."""

import copy
import pickle
import re

import pytest
from django.utils import translation

from instantly.client.errors import error_for_status
from salesbrain.kernel import messages
from salesbrain.kernel.messages import MARK, Message, message, restored, shown, stored

SAME_IN_BOTH = {
    "lead.address",
    "step.client",
    "step.scopes",
    "step.webhook",
    "step.workspace",
    "status.other",
    "test.listed",
    "test.workspace",
}
"""Sentences that are equal in both languages: placeholders only, or a word that German has adopted."""

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def test_a_message_is_its_english_sentence():
    said = message("action.assigned_with", contacts=1200, messages=3, events=0)
    assert said == "Assigned, with 1,200 contacts, 3 messages, 0 events."
    with translation.override("de"):
        assert said == "Assigned, with 1,200 contacts, 3 messages, 0 events."
        assert shown(said).startswith("Zugewiesen") and "1.200" in shown(said)


def test_a_message_survives_storing_pickling_and_an_exception():
    said = message("alert.of_connection", name="Acme", what=[message("sync.killed"), "the provider's own words"])
    for copied in (
        restored(stored(said)),
        pickle.loads(pickle.dumps(said)),
        copy.deepcopy(said),
        str(ValueError(said)),
    ):
        assert copied == said and isinstance(copied, Message)
        with translation.override("de"):
            assert shown(copied).startswith("Acme: Der Prozess") and "the provider's own words" in shown(copied)


def test_a_sentence_of_the_client_is_shown_in_german_with_the_providers_own_words():
    error = error_for_status(403, "GET /api/v2/leads", said="Missing scope", scope="leads:read")
    assert "give the API key the scope leads:read" in str(error)
    with translation.override("de"):
        assert "(Missing scope)" in shown(error) and "den Scope leads:read" in shown(error)
        assert shown(stored(str(error))) == shown(error)


@pytest.mark.parametrize(
    "text",
    ["", "It was theirs already.", '{"message":"Bad Request"}', f"{MARK}", f'{MARK}x"}}', f'{MARK}x","with":3}}'],
)
def test_ordinary_texts_pass_unchanged(text):
    assert stored(text) == restored(text) == shown(text) == text


def test_a_key_of_another_release_is_shown_as_far_as_it_can_be():
    assert shown(f'{MARK}action.of_tomorrow","with":{{"name":"Acme"}}}}') == "action.of_tomorrow (name: Acme)"
    assert shown(f'{MARK}connection.off","with":{{}}}}') == "connection.off ()"


def test_too_deep_a_nesting_is_left_as_it_came():
    text = f'{MARK}alert.given_up","with":{{"detail":"x"}}}}'
    for _ in range(20):
        text = f'{MARK}alert.given_up","with":{{"detail":{text}}}}}'
    assert restored(text) == text and type(restored(text)) is str


def test_an_unknown_key_or_a_missing_parameter_is_a_mistake_found_at_once():
    with pytest.raises(KeyError):
        message("no.such_key")
    with pytest.raises(KeyError):
        message("connection.off")


def test_no_nul_is_stored():
    assert "\0" not in stored(message("alert.given_up", detail="a\0b")) and "u0000" not in stored(
        message("alert.given_up", detail="a\0b")
    )


@pytest.mark.parametrize("key", sorted(messages.registered()))
def test_each_sentence_is_german_with_all_its_parameters(key):
    sentence = messages.registered()[key]
    parameters = dict.fromkeys(PLACEHOLDER.findall(sentence), "≈")
    english = message(key, **parameters)
    with translation.override("de"):
        german = shown(english)
    assert german.count("≈") >= len(parameters)
    assert german != english or key in SAME_IN_BOTH or not re.search("[a-z]", PLACEHOLDER.sub("", sentence))
