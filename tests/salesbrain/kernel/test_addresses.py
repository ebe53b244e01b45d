"""Canonical form of email addresses in any spelling; a reason for invalid ones."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from salesbrain.kernel.addresses import (
    MAX_INPUT,
    ORDINARY,
    NotAnAddress,
    _canonical,
    canonical,
    canonical_or_none,
    searched,
    spellings,
    writable,
)
from tests.spellings import addresses, spelled


@given(st.data(), addresses())
def test_every_spelling_of_an_address_has_one_form(data, address):
    assert canonical(data.draw(spelled(address))) == canonical(address)


@given(st.text(max_size=60) | addresses())
@example("@")
@example("xn--@xn--.xn--0")
@example("\u0130@\u0130.example")
def test_a_canonical_address_is_unchanged(text):
    address = canonical_or_none(text)
    if address is not None:
        assert canonical(address) == address
        assert address == unicodedata.normalize("NFKC", address) and not set(address) & set(" \r\n\t<>")
    assert searched(searched(text)) == searched(text)


@given(st.from_regex(ORDINARY, fullmatch=True).filter(lambda text: len(text) < 320 and "xn--" not in text))
def test_the_short_way_agrees_with_the_long_one(address):
    assert canonical(address) == address == _canonical(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Eva@Shop.example", "eva@shop.example"),
        ("eva@shop.example.", "eva@shop.example"),
        ("Eva Blum <eva@shop.example>", "eva@shop.example"),
        ('"Blum, Eva" <eva@shop.example>', "eva@shop.example"),
        ("eva@shop.example <eva@shop.example>", "eva@shop.example"),
        ("eva@shop.example (Eva Blum)", "eva@shop.example"),
        ("MAILTO:eva%2Bnews@shop.example?subject=Hi", "eva+news@shop.example"),
        ("\u201eeva@shop.example\u201c", "eva@shop.example"),
        ("eva@shop\u3002example", "eva@shop.example"),
        ("eva@b\u00fccher.example", "eva@xn--bcher-kva.example"),
        ("eva@XN--BCHER-KVA.example", "eva@xn--bcher-kva.example"),
        ("eva@\u2764.example", "eva@xn--qei.example"),
        ("e..va.@shop.example", "e..va.@shop.example"),
        (".eva@shop.example", ".eva@shop.example"),
        ("root@localhost", "root@localhost"),
        ("=f()@shop.example", "=f()@shop.example"),
        ("0123abcd@erased.invalid", "0123abcd@erased.invalid"),
        ("SMTP:Eva@shop.example", "eva@shop.example"),
        ("smtp:mailto:eva@shop.example", "eva@shop.example"),
        ("mailto://eva@shop.example/", "eva@shop.example"),
        ("E-Mail:eva@shop.example", "eva@shop.example"),
        ('"eva.blum"@shop.example', "eva.blum@shop.example"),
        ('Eva <"Eva.Blum"@shop.example>', "eva.blum@shop.example"),
        ("`eva@shop.example`", "eva@shop.example"),
        ("**eva@shop.example**", "eva@shop.example"),
        ("_eva_@shop.example", "_eva_@shop.example"),
        ("*eva@shop.example", "*eva@shop.example"),
        ("eva@shop.example!", "eva@shop.example"),
        ("\u2022 eva@shop.example", "eva@shop.example"),
        ("eva\u2011blum@shop\u2011ag.example", "eva-blum@shop-ag.example"),
        ("eva\u2013blum@shop.example", "eva-blum@shop.example"),
        ("o\u2019neil@shop.example", "o'neil@shop.example"),
        ("eva\u3002blum@shop.example", "eva.blum@shop.example"),
        ("\u0130lker@shop.example", "ilker@shop.example"),
        ("smtp@shop.example", "smtp@shop.example"),
        ("mail.eva@shop.example", "mail.eva@shop.example"),
    ],
)
def test_real_world_spellings(text, address):
    assert canonical(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "eva", "@", "eva@", "@shop.example", "eva@shop@example", "eva @shop.example", "eva@sh\u00a0op.example",
        "eva@shop.example\r\nBcc: bob@shop.example", "eva@shop.example\nbob", "eva@shop.example, bob@shop.example",
        "<eva@shop.example> <bob@shop.example>", "Bob bob@shop.example <eva@shop.example>", "eva\x00@shop.example",
        "eva@shop..example", "eva@.example", "x" * 320 + "@shop.example", "x" * (MAX_INPUT + 1),
    ],
)  # fmt: skip
def test_an_invalid_address_is_refused_without_repeating_it(text):
    with pytest.raises(NotAnAddress) as refused:
        canonical(text)
    assert str(refused.value).endswith(".") and (not text.strip() or text not in str(refused.value))


@pytest.mark.parametrize(
    "text", ["eva@shop", "e..va@shop.example", "f()@shop.example", "eva@-shop.example", "eva@shop_1.example"]
)
def test_only_syntactically_valid_addresses_are_writable(text):
    assert canonical(text)
    with pytest.raises(NotAnAddress):
        writable(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eva+x@shop.example", "eva@shop.example"),
        ("e.va@shop.example", "eva@shop.example"),
        ("\u0435va@shop.example", "eva@shop.example"),
        ("eva@\u0455hop.example", "eva@shop.example"),
        ("eva-@shop.example", "eva@shop.example"),
        ("*eva@shop.example", "eva@shop.example"),
        ("mail@shop.example", "eva@shop.example"),
        ("eva@stra\u00dfe.example", "eva@strasse.example"),
        ("\u00e9va@shop.example", "eva@shop.example"),
    ],
    ids=["tag", "dot", "look-alike", "look-alike domain", "dash", "star", "scheme's name", "sharp s", "accent"],
)
def test_addresses_of_two_people_stay_two(one, other):
    assert canonical(one) != canonical(other)


def test_a_part_of_an_address_is_searched_as_it_is_stored():
    assert searched("  EVA@b\u00fccher.exa") == "eva@xn--bcher-kva.exa"
    assert searched("\uff25va\u200b") == "eva"
    assert spellings("eva@xn--bcher-kva.example") == ("eva@xn--bcher-kva.example", "eva@b\u00fccher.example")
