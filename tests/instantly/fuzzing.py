"""Hypothesis strategies for malformed input: values, JSON objects, bytes.

`FUZZ=1` (`make fuzz`) draws far more.
"""

import json
import os
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

MORE = 20 if os.environ.get("FUZZ") else 1
KEYS = [
    "timestamp",
    "event_type",
    "workspace",
    "campaign_id",
    "campaign_name",
    "lead_email",
    "email",
    "email_account",
    "step",
    "variant",
    "is_first",
    "unibox_url",
    "email_id",
    "email_subject",
    "email_text",
    "email_html",
    "reply_subject",
    "reply_text",
    "reply_text_snippet",
    "reply_html",
    "firstName",
    "lastName",
    "companyName",
    "phone",
    "website",
    "error_message",
    "reason",
    "message",
    "lead_status",
    "interest_status",
    "organization_id",
    "id",
]
TYPES = [
    "email_sent",
    "email_opened",
    "link_clicked",
    "email_link_clicked",
    "reply_received",
    "auto_reply_received",
    "email_bounced",
    "lead_unsubscribed",
    "email_spam_report",
    "lead_interested",
    "lead_not_interested",
    "lead_meeting_booked",
    "lead_neutral",
    "lead_completed",
    "lead_error",
    "campaign_completed",
    "campaign_paused",
    "account_error",
    "account_suspended",
    "supersearch_enrichment_completed",
]
NASTY = [
    "", " ", "\0", "a\0b", "\ud800", "x\udfffy", "\u202eevil", "ı@İ.example", "@", "a@b@c", "%00", "' OR 1=1 --", "<script>", "<p>" * 500,
    "> " * 2000, "On Mon, Ada <a@b.example> wrote:\n" * 50, "9" * 400, "1e999", "-0", "null", "2026-07-10T09:00:00.000Z", "0001-01-01",
    "9999-12-31T23:59:59.999999+14:00", "2026-02-30T00:00:00Z", "2026-07-10T09:00:00,5+00:00", "//[::1", "https://x/?thread_search=thread:\0",
    "a" * 5000 + "@lead.example", "ß" * 400, "\N{COMBINING ACUTE ACCENT}" * 300, "{{firstName}}", "lead@lead.example", "LEAD@Lead.Example",
]  # fmt: skip
TIMES = ["2026-07-10T09:00:00.000Z", "2026-07-10T11:00:00.000+02:00", "2026-07-10", "2026-07-10T09:00:00"]

texts = st.sampled_from(NASTY) | st.text(max_size=60)
numbers = (
    st.integers()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.sampled_from([2**63, -(2**63), 2**64, 10**400, 32768, -1])
)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def thoroughly(examples: int) -> Any:
    """Return hypothesis settings: this number of examples, twenty times as many with FUZZ; without shrinking, because the database keeps
    state.
    """
    return settings(
        max_examples=examples * MORE,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        derandomize=not os.environ.get("FUZZ"),
    )


def as_json(value: Any) -> bytes:
    """Return a value as JSON with everything the grammar allows and parsers dislike: huge numbers, NaN, lone surrogates, escaped NUL."""
    return json.dumps(value).encode()


def finite(value: Any) -> Any:
    """Return a value without NaN and infinities, which are no valid JSON."""
    return json.loads(json.dumps(value), parse_constant=lambda name: None, parse_int=str)


def torn(raw: bytes, at: int, byte: int, how: str) -> bytes:
    """Return bytes damaged in transit."""
    place = at % (len(raw) + 1)
    return {
        "cut": raw[:place],
        "changed": raw[:place] + bytes([byte]) + raw[place + 1 :],
        "doubled": raw + raw,
        "with a mark": b"\xef\xbb\xbf" + raw,
        "in UTF-16": raw.decode("utf-8", "replace").encode("utf-16"),
        "deep": b'{"a":' * (at % 5000) + raw + b"}" * (at % 5000),
    }[how]


damage = st.sampled_from(["cut", "changed", "doubled", "with a mark", "in UTF-16", "deep"])
