"""Command reply_text_report, which compares our removal of quotes with two libraries."""

import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


def report(**options) -> str:
    out = StringIO()
    call_command("reply_text_report", stdout=out, **options)
    return out.getvalue()


def test_the_report_has_our_reader_right_in_every_shape():
    for line in report().splitlines():
        if line.startswith("ours"):
            shapes, expected, kept, gone = line.split()[-4:]
            assert int(shapes) > 20 and shapes == expected == kept == gone


def test_the_report_names_missing_libraries(monkeypatch):
    monkeypatch.setitem(sys.modules, "email_reply_parser", None)
    assert "email-reply-parser is not installed" in report()


def test_the_report_names_differences_of_a_reader():
    assert "forward-outlook-de" in report(failures="mail-parser-reply")
    with pytest.raises(CommandError, match="There are: ours, mail-parser-reply, email-reply-parser"):
        report(failures="mine")
