"""Readers of environment variables that hold addresses: of databases, web pages, host names, proxies."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

from salesbrain.kernel.env import env

DATABASE_SCHEMES = "postgres", "postgresql"
WRITABLE = "read-write", "primary"
READABLE = "prefer-standby", "standby", "read-only", "any"
"""Values of target_session_attrs in an address of several hosts: for what is written to, and for a replica."""

EXAMPLE = "postgres://sb_app:password@db.example.com:5432/salesbrain"


def database_address(name: str, *, sessions: tuple[str, ...] = WRITABLE) -> None:
    """Raise ImproperlyConfigured, naming the variable and never its password, unless it is a PostgreSQL address.

    An address of several hosts must say which of them is meant: one of `sessions`, libpq's target_session_attrs.
    """
    text = env.str(name, default="")
    wrong = _wrong_with_database(text, sessions) if text else ""
    if wrong:
        raise ImproperlyConfigured(f"{name} {wrong}: an address such as {EXAMPLE} is expected. See .env.example.")


def _wrong_with_database(text: str, sessions: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(text)
        hosts = parts.netloc.rpartition("@")[2].split(",")
        ports = [urlsplit(f"//{host}").port for host in hosts]
    except ValueError:
        return "has a port that is none, or a character in its password that must be percent-encoded"
    if parts.scheme not in DATABASE_SCHEMES:
        return "does not begin with postgres://"
    if not parts.path.strip("/"):
        return "names no database"
    if not parts.username:
        return "names no role"
    if any(port is None and ":" in host.rpartition("]")[2] for host, port in zip(hosts, ports, strict=True)):
        return "names no port behind the colon"
    if len(set(map(bool, ports))) > 1:
        return "gives some of its hosts a port and others none"
    given = parse_qs(parts.query)
    several = len(hosts) > 1 or "," in "".join(given.get("host", []))
    if several and given.get("target_session_attrs", [""])[0] not in sessions:
        return f"names several hosts without ?target_session_attrs={sessions[0]}"
    return ""


def replica_address(name: str, *, of: str) -> str:
    """Return the variable's address of a replica, empty if it is not set; raise ImproperlyConfigured unless it names the role and the
    database of `of`, at another server.
    """
    database_address(name, sessions=READABLE)
    text, primary = env.str(name, default=""), env.str(of, default="")
    if not text:
        return ""
    if not primary:
        raise ImproperlyConfigured(
            f"{name} is set and {of} is not: only a server of its own has a replica. See .env.example."
        )
    ours, theirs = urlsplit(text), urlsplit(primary)
    if text == primary:
        raise ImproperlyConfigured(
            f"{name} is the address of {of}: name a standby of that server, or leave it empty. See .env.example."
        )
    for what, one, other in (("role", ours.username, theirs.username), ("database", ours.path, theirs.path)):
        if one != other:
            raise ImproperlyConfigured(
                f"{name} names another {what} than {of}: a replica has the same ones. See .env.example."
            )
    return text


def web_address(name: str, *, default: str, only_https: bool = False, path: str | None = None) -> str:
    """Return the variable's http(s) address; raise ImproperlyConfigured naming it if it is invalid or of a kind not allowed.

    `only_https`: plain http is refused. `path`: the path it must have, "" for none; None: any.
    """
    text = env.str(name, default="")
    if not text:
        return default.rstrip("/")
    schemes = ("https",) if only_https else ("http", "https")
    if not _is_web_address(text, schemes):
        raise ImproperlyConfigured(
            f"{name} is {text!r}: an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)} is expected. "
            "See .env.example."
        )
    if path is not None and urlsplit(text).path.rstrip("/") != path:
        expected = f"an address that ends with {path}" if path else "an address without a path"
        raise ImproperlyConfigured(f"{name} is {text!r}: {expected} is expected. See .env.example.")
    return text.rstrip("/")


def _is_web_address(text: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_usable and not (parts.query or parts.fragment or parts.username)


def mail_server(name: str) -> dict[str, Any]:
    """Return Django's e-mail settings from the variable's address; raise ImproperlyConfigured, without its password, if it is invalid."""
    try:
        return dict(env.email_url_config(env.str(name)))
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            f"{name} is no address of a mail server: smtp+tls://user:password@mail.example.com:587 is expected, with what is special in "
            "the password percent-encoded. See .env.example."
        ) from error


def host_names(name: str, *, default: list[str]) -> list[str]:
    """Return the variable's host names; raise ImproperlyConfigured for an entry with scheme, port or path, or a wildcard."""
    return _each(name, default, _wrong_with_host, "a host name such as salesbrain.example.com")


def networks(name: str) -> list[str]:
    """Return the variable's network addresses and networks; raise ImproperlyConfigured for an invalid entry."""
    return _each(name, [], _wrong_with_network, "an address or a network such as 10.0.0.0/8")


def origins(name: str) -> list[str]:
    """Return the variable's origins of web pages; raise ImproperlyConfigured for an entry without scheme or with a path."""
    return _each(name, [], _wrong_with_origin, "an origin such as https://app.example.com")


def _each(name: str, default: list[str], wrong: Callable[[str], bool], expected: str) -> list[str]:
    entries = [entry.strip() for entry in env.list(name, default=default) if entry.strip()]
    for entry in entries:
        if wrong(entry):
            raise ImproperlyConfigured(f"{name} has {entry!r}: {expected} is expected. See .env.example.")
    return entries


def _wrong_with_host(entry: str) -> bool:
    is_ipv6 = entry.startswith("[") and entry.endswith("]")
    return "/" in entry or "*" in entry or (":" in entry and not is_ipv6)


def _wrong_with_network(entry: str) -> bool:
    try:
        ip_network(entry, strict=False)
    except ValueError:
        return True
    return False


def _wrong_with_origin(entry: str) -> bool:
    parts: Any = urlsplit(entry)
    return parts.scheme not in ("http", "https") or not parts.netloc or bool(parts.path or parts.query)
