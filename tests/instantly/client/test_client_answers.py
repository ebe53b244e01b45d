"""Decoding of Instantly's responses: unknown fields kept, odd values tolerated, malformed refused."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from instantly import schemas
from instantly.client.decoding import decode
from instantly.schemas import word

CAMPAIGN = {"id": "c-1", "name": "Spring", "status": 1}


def test_unknown_fields_are_kept_in_the_model_and_in_the_raw_object():
    given = {**CAMPAIGN, "brand_new": {"deep": [1, 2]}}

    campaign = schemas.Campaign.read(given)

    assert campaign.model_extra == {"brand_new": {"deep": [1, 2]}}
    assert campaign.raw == given


@pytest.mark.parametrize("field", ["raw", "read", "model_config", "copy", "_raw"])
def test_an_unknown_field_named_like_a_model_attribute_breaks_nothing(field):
    campaign = schemas.Campaign.read({**CAMPAIGN, field: "theirs"})

    assert campaign.raw[field] == "theirs"
    assert campaign.id == "c-1"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (1, schemas.CampaignStatus.ACTIVE),
        (1.0, schemas.CampaignStatus.ACTIVE),
        ("-99", schemas.CampaignStatus.ACCOUNT_SUSPENDED),
        (77, 77),
        (-5, -5),
    ],
)
def test_known_numbers_become_words_and_unknown_ones_survive(given, kept):
    status = schemas.Campaign.read({**CAMPAIGN, "status": given}).status

    assert status == kept
    assert type(status) is type(kept)


def test_known_numbers_have_a_word_and_unknown_ones_are_marked():
    assert word(schemas.CampaignStatus.BOUNCE_PROTECT) == "bounce_protect"
    assert word(77) == "unknown"
    assert word(None) == ""


def test_the_words_are_those_the_product_uses():
    from accounts import choices as accounts
    from campaigns import choices as campaigns

    for ours, theirs in (
        (schemas.CampaignStatus, campaigns.CampaignStatus),
        (schemas.NotSending, campaigns.NotSending),
        (schemas.EmailAccountStatus, accounts.EmailAccountStatus),
        (schemas.WarmupStatus, accounts.WarmupStatus),
        (schemas.MailProvider, accounts.MailProvider),
    ):
        assert {word(number) for number in ours} <= set(theirs.values)
        assert word(12345) in theirs.values


def test_a_custom_interest_is_kept_as_its_number():
    lead = {"id": "l-1", "status": 1}

    assert schemas.Lead.read({**lead, "lt_interest_status": 4}).lt_interest_status is schemas.InterestStatus.WON
    assert schemas.Lead.read({**lead, "lt_interest_status": 8123}).lt_interest_status == 8123
    assert schemas.Lead.read({**lead, "lt_interest_status": 0.5}).lt_interest_status == 0.5
    assert schemas.Lead.read(lead).lt_interest_status is None


def test_times_are_converted_to_utc_and_empty_ones_to_none():
    campaign = schemas.Campaign.read(
        {**CAMPAIGN, "timestamp_created": "2026-08-13T13:11:58.027+02:00", "timestamp_updated": ""}
    )

    assert campaign.timestamp_created == datetime(2026, 8, 13, 11, 11, 58, 27000, tzinfo=UTC)
    assert campaign.timestamp_created.tzinfo is UTC
    assert campaign.timestamp_updated is None


@pytest.mark.parametrize(
    "wrong", [{}, {"id": ""}, {"id": None}, {"status": "active"}, {"timestamp_created": "99999-01-01"}]
)
def test_an_unusable_object_is_rejected(wrong):
    with pytest.raises(ValidationError):
        schemas.Campaign.read({**({} if not wrong else CAMPAIGN), **wrong})


def test_the_reason_does_not_show_values():
    with pytest.raises(ValidationError) as caught:
        schemas.Lead.read({"id": "l-1", "status": "private words", "email": {"more": "private words"}})

    reason = schemas.reasons(caught.value)
    assert reason.startswith("status")
    assert "private" not in reason + str(caught.value)


def test_the_repr_of_a_model_shows_its_key_only():
    lead = schemas.Lead.read({"id": "l-1", "status": 1, "email": "p@y.example", "phone": "0123"})

    assert repr(lead) == "Lead(id='l-1')"
    assert "p@y" not in repr(schemas.NewLead(email="p@y.example"))


def test_a_mail_gives_its_text_and_html_in_either_shape():
    mail = {"id": "m", "timestamp_created": "2026-01-01T00:00:00Z"}

    both = schemas.Email.read({**mail, "body": {"text": "t", "html": "<p>h"}})
    assert (both.text, both.html) == ("t", "<p>h")
    plain = schemas.Email.read({**mail, "body": "just text"})
    assert (plain.text, plain.html) == ("just text", "")
    none = schemas.Email.read({**mail, "body": {"text": None}})
    assert (none.text, none.html) == ("", "")


def test_a_sending_status_is_found_in_either_part():
    read = schemas.SendingStatus.read
    assert read({"diagnostics": {"status": "healthy"}, "summary": {"status": "x"}}).status == "healthy"
    assert read({"diagnostics": None, "summary": {"status": "campaign_draft"}}).status == "campaign_draft"
    assert read({"diagnostics": None, "summary": None}).status == ""


def test_a_job_is_finished_when_nothing_more_will_happen():
    states = ("pending", "in-progress", "draining", "paused", "success", "failed", "cancelled", "brand-new")

    assert [s for s in states if schemas.BackgroundJob.read({"id": "1", "status": s}).finished] == [
        "success",
        "failed",
        "cancelled",
    ]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1.5}', {"a": 1.5}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'["x\\u0000y"]', ["x\ufffdy"]),
        (b'{"k\\u0000": {"deep": ["\\u0000"]}}', {"k\ufffd": {"deep": ["\ufffd"]}}),
        (
            b'["\\ud800", "\\ud83d\\ude00", 12345678901234567890123]',
            ["\ufffd", "\U0001f600", "12345678901234567890123"],
        ),
        (b'["\xff", 7]', ["\ufffd", 7]),
        (b"[1e400, -1e400, 1e5]", ["1e400", "-1e400", 100000.0]),
        (b"[1e400, " + b"9" * 5000 + b"]", ["1e400", "9" * 5000]),
    ],
)
def test_odd_data_is_kept_readable_and_can_be_stored(body, value):
    assert decode(body) == value


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[Infinity]", b"{'a': 1}", b"[" * 100_000, b"\x00", b"1 2"])
def test_invalid_json_is_a_value_error_without_the_text(body):
    with pytest.raises(ValueError) as caught:
        decode(body)

    assert caught.value.__cause__ is None and caught.value.__context__ is None
