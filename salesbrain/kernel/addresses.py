"""Canonical form of email addresses: one text for every spelling, or a refusal with its reason.

Two addresses are one person exactly where `canonical` returns the same text; every entry point uses it, so that a suppression, a webhook
and a search find the same person (docs/decisions/0020). Pure functions; knows no database.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

import idna
from django.utils.translation import gettext_noop
from email_validator import EmailNotValidError, validate_email

from salesbrain.kernel.messages import message, register

MAX_ADDRESS = 320
"""Characters of a canonical address: 64 + 1 + 255 (RFC 3696, erratum 1690)."""

MAX_INPUT = 2000
"""Characters of an input, enough for an address with a long display name; longer ones are refused."""

ORDINARY = re.compile(
    r"[a-z0-9!#$%&*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
"""Pattern of addresses that are canonical already, which are by far the most. Excludes those that need conversion: quotes, `xn--`, anything
but ASCII.
"""

ORDINARY_IN_SQL = (
    r"^[a-z0-9!#$%&*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}$"
)
"""Equally strict SQL pattern of addresses that need no conversion, unless they contain `xn--`."""

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees: Unicode's Default_Ignorable_Code_Point, and annotation marks."""

CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
AROUND = " \t\r\n\"'<>()[]\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a,;:\u2022\u00b7"
"""Characters that people and programs put around an address. No address begins or ends with one of them, except that it may begin with a
dot.
"""
BEHIND = "/\\!?*`"
"""Characters that no domain ends with."""
EMPHASIS = "*`_~|"
"""Characters put around a text for emphasis; an address may begin with one, but ends with none."""
SCHEMES = re.compile(r"(mailto|smtp|e-?mail|mail):/{0,2}", re.IGNORECASE)
"""Prefixes of addresses; Exchange lists them with `smtp:`."""
BRAILLE_BLANK = "\u2800"
TYPOGRAPHY = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u2032"), "'"),
    ord("\u3002"): ".",
    ord("\u0130"): "i",
}
"""Typographic characters that word processors write in place of those of an address; no address contains them."""

QUOTED_LOCAL = re.compile(r'"([a-z0-9!#$%&*+/=?^_`{|}~.-]+)"@', re.IGNORECASE)
"""Pattern of a quoted local part that means the same without its quotes (RFC 5321, 4.1.2)."""
IN_BRACKETS = re.compile(r"<([^<>]*)>$")
COMMENT = re.compile(r"\([^()]*\)$")
NEVER_INSIDE = re.compile(r"[\s<>,;\"]")
ACE = "xn--"


register({
    "address.far_too_long": gettext_noop("This is far too long to be an address."),
    "address.no_dot": gettext_noop("The domain has no dot."),
    "address.not_writable": gettext_noop("This is no address that mail can be sent to: a character or a part of it is not allowed there."),
    "address.none": gettext_noop("There is no address."),
    "address.control": gettext_noop("There is a control character in the address."),
    "address.several": gettext_noop("These are several addresses, or none: one at sign is expected."),
    "address.no_at": gettext_noop("An address has an at sign."),
    "address.inside": gettext_noop("There is a blank, a line break, a comma, a bracket or a quotation mark inside the address."),
    "address.half": gettext_noop("The part before or after the at sign is missing."),
    "address.dots": gettext_noop("There are two dots in a row in the domain, or one at its beginning."),
    "address.too_long": gettext_noop("An address has %(most)s characters at most."),
})  # fmt: skip


class NotAnAddress(ValueError):
    """Error: the text names no single address; `str()` is a sentence for the user, without the text itself.

    It is a message of salesbrain.kernel.messages: `shown` returns it in the reader's language.
    """


def canonical(text: str) -> str:
    """Return the canonical form of an address. Raises NotAnAddress.

    Accepts display names, `mailto:` and `smtp:`, quotes, brackets, dots and emphasis around the address, a local part in quotes that needs
    none, invisible characters, upper case, full-width and decomposed letters, typographic dashes and apostrophes, and domains in Unicode or
    Punycode. Returns lower case with the domain in ASCII. It does not check whether mail can be sent to the address: see `writable`.
    """
    lowered = text.strip().lower() if len(text) <= MAX_ADDRESS else ""
    if ORDINARY.fullmatch(lowered) and ACE not in lowered:
        return lowered
    if len(text) > MAX_INPUT:
        raise NotAnAddress(message("address.far_too_long"))
    return _canonical(text)


def canonical_or_none(text: str) -> str | None:
    """Return the canonical form, None where the text names no address."""
    try:
        return canonical(text)
    except NotAnAddress:
        return None


def writable(text: str) -> str:
    """Return the canonical form of an address that mail can be sent to. Raises NotAnAddress where its syntax forbids that."""
    address = canonical(text)
    if "." not in address.rpartition("@")[2]:
        raise NotAnAddress(message("address.no_dot"))
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False, allow_smtputf8=True)
    except EmailNotValidError as error:
        raise NotAnAddress(message("address.not_writable")) from error
    return address


def searched(text: str) -> str:
    """Return the search term for a typed address or part of one: the canonical form if possible, else in lower case without invisible
    characters, with a domain in ASCII. Never raises.
    """
    if (address := canonical_or_none(text)) is not None:
        return address
    cleaned = _folded(_visible(text[:MAX_INPUT])).strip()
    local, at, domain = cleaned.rpartition("@")
    if at and domain and not NEVER_INSIDE.search(domain):
        return f"{local}@{_domain(domain)}"
    return cleaned


def spellings(address: str) -> tuple[str, ...]:
    """Return a canonical address with its domain in ASCII, and in Unicode where that differs."""
    local, _, domain = address.rpartition("@")
    readable = ".".join(map(_readable, domain.split(".")))
    return (address,) if readable == domain else (address, f"{local}@{readable}")


@lru_cache(maxsize=10_000)
def _canonical(text: str) -> str:
    address = _without_wrapping(_visible(text))
    if not address:
        raise NotAnAddress(message("address.none"))
    if CONTROLS.search(address):
        raise NotAnAddress(message("address.control"))
    if address.count("@") != 1:
        raise NotAnAddress(message("address.several" if "@" in address else "address.no_at"))
    if NEVER_INSIDE.search(address):
        raise NotAnAddress(message("address.inside"))
    local, _, domain = address.partition("@")
    local, domain = _folded(local), _domain(domain)
    if not local or not domain.strip("."):
        raise NotAnAddress(message("address.half"))
    if ".." in domain or domain.startswith("."):
        raise NotAnAddress(message("address.dots"))
    address = f"{local}@{domain}"
    if len(address) > MAX_ADDRESS:
        raise NotAnAddress(message("address.too_long", most=MAX_ADDRESS))
    return address


def _visible(text: str) -> str:
    """Normalize to NFKC without invisible characters, so that look-alikes such as a full-width @ become the ordinary sign."""
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)))


def _without_wrapping(text: str) -> str:
    """Remove what surrounds an address: a display name, a comment, `mailto:`, quotes."""
    text = text.replace(BRAILLE_BLANK, " ").strip().rstrip(" .,;")
    while len(text) > 1 and text[0] == text[-1] and text[0] in EMPHASIS:
        text = text[1:-1]
    if found := IN_BRACKETS.search(text):
        before = text[: found.start()]
        if "<" in before or ("@" in before and not _is_name(before, found.group(1))):
            raise NotAnAddress("These are several addresses: one is expected.")
        text = found.group(1)
    elif found := COMMENT.search(text):
        text = text[: found.start()]
    text = _without_schemes(QUOTED_LOCAL.sub(r"\1@", text.rstrip(AROUND + BEHIND)).strip(AROUND))
    return text.lstrip(AROUND).rstrip(AROUND + BEHIND + ".").translate(TYPOGRAPHY)


def _without_schemes(text: str) -> str:
    while found := SCHEMES.match(text):
        text = text[found.end() :]
        if found.group(1).lower() == "mailto":
            text = _visible(unquote(text.partition("?")[0]))
        text = text.lstrip(AROUND)
    return text


def _is_name(before: str, address: str) -> bool:
    """Return whether the text before an address is its display name; that may be an address too, quoted or the same one."""
    name = before.strip()
    quoted = len(name) > 1 and name[0] == name[-1] == '"' and '"' not in name[1:-1]
    return quoted or name.strip(AROUND).lower() == address.strip(AROUND).lower()


def _folded(text: str) -> str:
    """Lower-case letter by letter (a Greek sigma does not depend on its position) and compose. Idempotent."""
    return unicodedata.normalize("NFKC", "".join(map(str.lower, unicodedata.normalize("NFKC", text))))


def _domain(text: str) -> str:
    """Return a domain in ASCII and lower case, without the root's dot."""
    try:
        mapped = idna.uts46_remap(text, std3_rules=False, transitional=False)
    except idna.IDNAError:
        mapped = _folded(text)
    return ".".join(map(_ascii_label, mapped.rstrip(".").split(".")))


def _ascii_label(label: str) -> str:
    if label.startswith(ACE):
        if (decoded := _decoded(label)) is None:
            return label
        label = decoded
    label = _folded(INVISIBLE.sub("", label))
    return label if label.isascii() else ACE + label.encode("punycode").decode("ascii")


def _decoded(label: str) -> str | None:
    """Return the Unicode form of an ASCII label, None if encoding it again would yield another label."""
    try:
        decoded = label[len(ACE) :].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return None
    fit = decoded and not decoded.isascii() and not NEVER_INSIDE.search(decoded) and not set("@.") & set(decoded)
    return decoded if fit and not CONTROLS.search(decoded) and not INVISIBLE.search(decoded) else None


def _readable(label: str) -> str:
    return (_decoded(label) or label) if label.startswith(ACE) else label
