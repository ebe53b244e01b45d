"""Update, compile or check the translations: `python .ci/translations.py update|compile|check`.

update   extract every translatable text from code and templates into the .po files, and compile them
compile  compile the .po files
check    exit 1 where a text is missing, untranslated, marked fuzzy, has other placeholders, or the compiled file is old
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CHECKOUT = Path(__file__).resolve().parent.parent
LOCALES = CHECKOUT / "locale"
LANGUAGES = ("de",)
SOURCES = ("salesbrain", "accounts", "campaigns", "messaging", "instantly")
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "gettext_noop": None,
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")  # Python's, and those of DRF's field errors
CALL = re.compile(r"\b(?:_|gettext|pgettext|ngettext|npgettext)\(")
PART = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[()]""", re.DOTALL
)  # a string, or a parenthesis outside of one
WIDTH = 0  # no wrapping: a changed word is one changed line


def sources() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each source file and its text in a form that Babel's Python extractor can read."""
    for package in SOURCES:
        for path in sorted((CHECKOUT / package).rglob("*.py")):
            if "migrations" not in path.parts and path.parts[-3:-1] != ("instantly", "emulator"):
                yield path.relative_to(CHECKOUT).as_posix(), path.read_bytes()
    templates = CHECKOUT / "templates"
    for path in sorted([*templates.rglob("*.html"), *templates.rglob("*.txt")]):
        code = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield path.relative_to(CHECKOUT).as_posix(), "\n".join(calls(code)).encode()


def calls(code: str) -> Iterator[str]:
    """Yield every translation call in a template, from the output of Django's templatize, whose other parts are filler."""
    for begun in CALL.finditer(code):
        depth, end = 0, begun.end() - 1
        for part in PART.finditer(code, end):
            depth += {"(": 1, ")": -1}.get(part[0], 0)
            if not depth:
                yield code[begun.start() : part.end()].replace("\n", "\\n")
                break


def template_catalog() -> Catalog:
    """Return every text of ours, untranslated, with the files that contain it."""
    catalog = Catalog(project="Salesbrain", version="1", charset="utf-8", fuzzy=False)
    for name, code in sources():
        for _, message, comments, context in extract("python", io.BytesIO(code), keywords=KEYWORDS):
            ids = message if isinstance(message, tuple) else (message,)
            if all(ids) and ids[0]:
                flags = ["python-format"] if any("%(" in text for text in ids) else []
                catalog.add(message, locations=[(name, None)], auto_comments=comments, context=context, flags=flags)
    return catalog


def read(language: str) -> Catalog:
    path = po_file(language)
    if not path.exists():
        return Catalog(locale=language, project="Salesbrain", version="1", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def po_file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def update() -> None:
    for language in LANGUAGES:
        catalog = read(language)
        catalog.update(template_catalog(), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, width=WIDTH, sort_output=True, omit_header=False, include_lineno=False)
        text = re.sub(
            r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To).*\n',
            "",
            path.read_text(encoding="utf-8"),
        )
        path.write_text(text, encoding="utf-8")
    compile_all()


def compiled(language: str) -> bytes:
    file = io.BytesIO()
    write_mo(file, read(language))
    return file.getvalue()


def compile_all() -> None:
    for language in LANGUAGES:
        po_file(language).with_suffix(".mo").write_bytes(compiled(language))


def problems(language: str) -> Iterator[str]:
    """Yield a line for each fault of a catalogue."""
    present = read(language)
    for message in template_catalog():
        if not message.id:
            continue
        where = ", ".join(sorted({name for name, _ in message.locations}))
        found = present.get(message.id, message.context)
        if found is None:
            yield f"{where}: {message.id!r} is not in the catalogue"
        else:
            yield from (f"{where}: {message.id!r} {said}" for said in _faults(found))
    mo = po_file(language).with_suffix(".mo")
    if not mo.exists() or _texts(mo.read_bytes()) != _texts(compiled(language)):
        yield f"{mo.relative_to(CHECKOUT)} is older than its catalogue"


def _faults(message: Message) -> Iterator[str]:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    if message.fuzzy:
        yield "is marked fuzzy"
    if not all(texts):
        yield "is not translated"
        return
    wanted = _placeholders(ids[-1])
    for text in texts:
        if _placeholders(text) - wanted:
            yield f"has a placeholder in {text!r} that the original has not"
    if wanted - _placeholders(texts[-1]):
        yield f"lacks a placeholder of the original in {texts[-1]!r}"


def _placeholders(text: str) -> set[str]:
    return {name for match in PLACEHOLDER.findall(text) for name in match if name}


def _texts(mo: bytes) -> dict[object, object]:
    return {
        (str(message.id), message.context): str(message.string) for message in read_mo(io.BytesIO(mo)) if message.id
    }


def check() -> int:
    found = [f"{language}: {problem}" for language in LANGUAGES for problem in problems(language)]
    print("\n".join(found) or "Every text is translated, and the compiled files are current.")
    if found:
        print(
            f"{len(found)} problems. `make translations` brings the catalogues up to date; then fill in what is empty."
        )
    return 1 if found else 0


def main(arguments: list[str]) -> int:
    actions = {"update": update, "compile": compile_all, "check": check}
    if len(arguments) != 1 or arguments[0] not in actions:
        print(__doc__)
        return 2
    return actions[arguments[0]]() or 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
