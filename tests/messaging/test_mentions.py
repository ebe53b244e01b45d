"""Removal of an erased address from other people's mails in every spelling; other addresses stay."""

import pytest
from django.db.models import TextField, Value
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organization
from messaging.erasure.mentions import MAX_TEXT, Mention
from salesbrain import rls

ALIAS = "0a1b@erased.invalid"
EVA = Mention("eva.blum@shop.example", ALIAS)
ANNE = Mention("anne-marie.o'neil@shop-ag.example", ALIAS)
JOERG = Mention("j\u00f6rg@xn--bcher-kva.example", ALIAS)
WRITTEN = [
    "EVA.Blum@shop.example", "eva.blum@<wbr>shop.example", "eva<span>.</span>blum@<b>shop</b>.example", "eva%2Eblum%40shop%2Eexample",
    "eva%252eblum%2540shop.example", "eva.blum@\u200bshop.example", "e\u00adva.blum@shop.example", "eva.blum=40shop.example",
    "eva.bl=\r\num=40shop.example", "eva.blum@\r\nshop.example", "eva.blum&#64;shop.example", "eva.blum&#x40;shop&period;example",
    "eva.blum&amp;#64;shop.example", "&#101;va.blum@shop.example", "eva.blum\\u0040shop.example", "eva.blum [at] shop [dot] example",
    "eva.blum(at)shop.example", "\uff45\uff56\uff41\uff0e\uff42\uff4c\uff55\uff4d\uff20\uff53\uff48\uff4f\uff50.example",
    '<a href="mailto:eva%2eblum%40shop.example?subject=Hi">', "%3Ceva.blum%40shop.example%3E", "to=eva.blum@shop.example",
]  # fmt: skip
OF_JOERG = [
    "j\u00f6rg@b\u00fccher.example", "jo\u0308rg@bu\u0308cher.example", "J\u00d6RG@B\u00dcCHER.example", "j\u00f6rg@xn--bcher-kva.example",
    "j%C3%B6rg%40b%C3%BCcher.example", "j&ouml;rg@b&#252;cher.example", "j=C3=B6rg=40b=C3=BCcher.example", "j\\u00f6rg@b\\u00fccher.example",  # noqa: E501
]  # fmt: skip
OF_ANNE = [
    "anne\u2011marie.o\u2019neil@shop\u2011ag.example",
    "anne\u2013marie.o'neil@shop-ag.example", '"Anne-Marie.O\u2019Neil"@shop-ag.example',
    "anne-marie.o&rsquo;neil@shop-ag.example", "smtp:anne-marie.o'neil@shop-ag.example",
]  # fmt: skip
OF_OTHERS = [
    "reva.blum@shop.example",
    "x-eva.blum@shop.example",
    "eva.blum@shop.example.org",
    "eva.blum@shop.examples",
    "eva.blum at the shop, example",
]


def found_in_sql(mention: Mention, text: str) -> bool:
    """Evaluate the SQL condition on a constructed row with this text."""
    with rls.scope(rls.SYSTEM):
        asked = Organization.objects.annotate(text=Value(text, output_field=TextField())).filter(
            mention.may_be_in("text")
        )
        return asked.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mention", "text"),
    [*((EVA, text) for text in WRITTEN), *((JOERG, text) for text in OF_JOERG), *((ANNE, text) for text in OF_ANNE)],
)
def test_every_spelling_of_an_address_is_removed(mention, text):
    around = f"Ask {text}, please. "
    removed = mention.removed(around) or ""
    assert ALIAS in removed and not mention._may_name(removed.replace(ALIAS, ""))
    assert removed.startswith("Ask ") and removed.endswith(", please. ")
    assert found_in_sql(mention, around)


@pytest.mark.parametrize("text", OF_OTHERS)
def test_addresses_of_others_stay(text):
    assert EVA.removed(text) == text


def test_elements_around_an_address_stay_whole():
    assert EVA.removed("<b>eva.blum@</b>shop.example") == f"<b>{ALIAS}</b>"


def test_a_text_that_costs_too_much_is_replaced_and_never_left():
    text = "word " * (MAX_TEXT // 5) + "eva.blum@<wbr>shop.example"
    assert EVA.removed(text) == f"[A text that named {ALIAS} was removed.]"
    plain = "word " * MAX_TEXT + "eva.blum@shop.example"
    assert EVA.removed(plain) == "word " * MAX_TEXT + ALIAS
    assert EVA.removed("word " * MAX_TEXT) == "word " * MAX_TEXT


@given(st.text(max_size=200))
def test_other_texts_are_left_as_they_are(text):
    assert EVA.removed(text) == text


@given(st.text(alphabet="eva.blum@shop.example<>&#;%=40 \u200b", max_size=80))
def test_the_remaining_text_contains_no_plain_address(text):
    assert EVA._plain.search(EVA.removed(text) or "") is None
