"""Fuzzing target: parse a webhook's bytes up to the rows to write; only refusals may be raised.

It runs thousands of times a second.
"""

import os
import sys
from dataclasses import asdict
from uuid import UUID

import atheris

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")
with atheris.instrument_imports(
    include=["instantly.webhooks", "messaging.handlers", "messaging.events", "json", "messaging.mail_text"]
):
    import django

    django.setup()
    from instantly.processing.mails import read_unbounded
    from instantly.processing.parsing import Claimed, Unreadable, load, parse
    from instantly.webhooks import body
    from instantly.webhooks.store import digest
    from messaging import handlers

import orjson

SOMEBODY = UUID(int=1)


def one_delivery(raw: bytes) -> None:
    try:
        read = body.parse_body(raw)
    except body.Refused:
        return
    assert len(digest(read.payload)) == 32
    text = read.cleaned if read.cleaned is not None else raw.decode()
    claimed = Claimed(1, SOMEBODY, "workspace", SOMEBODY, SOMEBODY, "campaign", "webhook", 0)
    try:
        payload = load(text)
        event = parse(claimed, payload, read_unbounded(payload))
    except Unreadable:
        return
    written = orjson.dumps([asdict(event), *(asdict(change) for change in handlers.changes(event))])
    assert rb"\u0000" not in written, "PostgreSQL cannot hold it"


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_delivery)
    atheris.Fuzz()
