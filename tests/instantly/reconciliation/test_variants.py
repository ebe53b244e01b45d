"""A/B variant of a sent mail, recognized from its subject alone."""

import pytest

from instantly.reconciliation.emails import _variant


def sequences(*subjects: str) -> list[dict]:
    return [{"steps": [{"variants": [{"subject": subject} for subject in subjects]}]}]


@pytest.mark.parametrize(
    ("subjects", "sent", "variant"),
    [
        (["one", "two"], "two", 2),
        (["one", "two"], "three", 0),
        (["{{firstName}}, a question", "{{firstName}}, an idea"], "Ann, an idea", 2),
        (["{{firstName}}, a question", "Ann, {{topic}}"], "Ann, a question", 0),
        (["{Hi|Hello} {{firstName}}", "{Dear|Good day} {{firstName}}!"], "Good day Ann!", 0),
        (["{Hi|Hello} {{firstName}}?", "{Dear|Good day} {{firstName}}!"], "Good day Ann!", 2),
        (["{Hi|Hello {{firstName}}}: news", "{Dear|Good day} {{firstName}}!"], "Hello Ann: news", 1),
        (["50% [off] *today*?", "50% off today"], "50% [off] *today*?", 1),
        (["50% [off] *today*?", "50% off today"], "50% o today", 0),
        (["two\nlines {{x}}", "one"], "two\nlines of it", 1),
        (["{{x}}", "{{y}}"], "", 0),
        (["", "one"], "", 1),
    ],
)
def test_the_variant_whose_subject_matches_is_chosen(subjects, sent, variant):
    assert _variant(sequences(*subjects), 1, sent) == variant


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("{{x}} " * 30 + "!", "a " * 2000),
        ("{" * 3000 + "|" * 3000, "a"),
        ("{{a}}" * 3000 + "{", "a" * 3000),
        ("{a|" * 3000, "a"),
    ],
    ids=["many variables", "alternatives without an end", "variables in a row", "alternatives within alternatives"],
)
def test_matching_a_subject_takes_linear_time(written, sent):
    assert _variant(sequences(written, "another"), 1, sent) == 0
