"""Compare our removal of quotes with two libraries on known shapes of replies."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.mail_text import html_to_text, reply_text

SHAPES = "fixtures/mail_text/shapes.jsonl"
Shape = dict[str, Any]
Reader = Callable[[Shape], str]
LANGUAGES = ["en", "de", "fr", "nl"]
COLUMNS = ("shapes", "as expected", "all words kept", "quotes gone")


class Command(BaseCommand):
    help = (
        f"Say how many of the shapes in {SHAPES} are cut as expected by our reader of replies, by mail-parser-reply and by "
        "email-reply-parser; the libraries belong to `make dev`. Example: manage.py reply_text_report --failures ours"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--failures", metavar="READER", help="name the shapes that this reader cuts differently")

    def handle(self, *args: Any, failures: str | None, **options: Any) -> None:
        shapes = _shapes()
        groups = {
            "plain text": [shape for shape in shapes if shape["text"].strip()],
            "HTML only": [shape for shape in shapes if shape["html"] and not shape["text"].strip()],
        }
        readers = {
            "ours": _salesbrain,
            "mail-parser-reply": _mail_parser_reply(),
            "email-reply-parser": _email_reply_parser(),
        }
        if failures is not None and failures not in readers:
            raise CommandError(f"There is no reader {failures!r}. There are: {', '.join(readers)}.")
        self.stdout.write(f"{'':32}" + "".join(f"{column:>16}" for column in COLUMNS))
        for name, reader in readers.items():
            if reader is None:
                self.stdout.write(f"{name} is not installed: it belongs to requirements/dev.txt (make dev).")
                continue
            for group, members in groups.items():
                self.stdout.write(_line(f"{name}, {group}", members, reader))
        if failures is not None and (reader := readers[failures]) is not None:
            for shape in shapes:
                if reader(shape) != shape["expected"]:
                    self.stdout.write(f"{shape['name']}: {reader(shape)!r} instead of {shape['expected']!r}")
        self.stdout.write(
            "The libraries read no HTML: of HTML-only mails they are given the text that ours makes of it."
        )


def _shapes() -> list[Shape]:
    path = settings.BASE_DIR / SHAPES
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise CommandError(f"The shapes cannot be read: {error}. They are part of a checkout.") from error


def _line(title: str, shapes: list[Shape], reader: Reader) -> str:
    texts = [(shape, reader(shape)) for shape in shapes]
    counts = [
        len(shapes),
        sum(text == shape["expected"] for shape, text in texts),
        sum(all(word in text for word in shape["must_contain"]) for shape, text in texts),
        sum(not any(word in text for word in shape["must_not_contain"]) for shape, text in texts),
    ]
    return f"{title:32}" + "".join(f"{count:>16}" for count in counts)


def _salesbrain(shape: Shape) -> str:
    return reply_text(shape["text"], shape["html"], shape["snippet"], subject=shape["subject"]).text


def _plain(shape: Shape) -> str:
    return shape["text"] if shape["text"].strip() else html_to_text(shape["html"])


def _mail_parser_reply() -> Reader | None:
    try:
        library = import_module("mailparser_reply")
    except ImportError:
        return None
    parser = library.EmailReplyParser(languages=LANGUAGES)
    return lambda shape: (parser.parse_reply(_plain(shape)) or "").strip()


def _email_reply_parser() -> Reader | None:
    try:
        library = import_module("email_reply_parser")
    except ImportError:
        return None
    return lambda shape: library.EmailReplyParser.parse_reply(_plain(shape)).strip()
