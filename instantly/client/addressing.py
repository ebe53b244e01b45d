"""Build the URL of a call to Instantly; base URL and path are checked before the key is sent there."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from .operations import Operation

_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".test", ".example", ".invalid")


def base_of(base_url: str) -> tuple[str, bool]:
    """Return the base of all URLs, and whether it is a local address for which http is allowed."""
    parts = urlsplit(base_url.strip())
    host = parts.hostname or ""
    bare = parts.path.rstrip("/").removesuffix("/api/v2").rstrip("/")
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise ValueError("The base URL has to look like https://api.instantly.ai, without user, query or fragment.")
    local = _is_local(host)
    if parts.scheme == "http" and not local:
        raise ValueError(
            f"The base URL http://{host} would send the API key unencrypted; use https, http is for an emulator nearby."
        )
    return f"{parts.scheme}://{parts.netloc}{bare}/api/v2", local


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_ENDINGS)


def header_value(workspace: str) -> str:
    if not workspace.isascii() or not workspace.isprintable() or not workspace.strip() or " " in workspace:
        raise ValueError("The sub-workspace has to be its id as Instantly shows it, a uuid.")
    return workspace


def path_of(operation: Operation, values: Mapping[str, str]) -> str:
    """Return the operation's path with ``values`` filled in, percent-encoded. Raises ValueError for an empty or dotted value, which would
    name another operation, such as DELETE /leads/."""
    quoted: dict[str, str] = {}
    for name, value in values.items():
        if not isinstance(value, str) or value.strip() in ("", ".", ".."):
            raise ValueError(f"{operation} needs a real {name}, not {value!r}.")
        quoted[name] = quote(value, safe="")
    return operation.path.format_map(quoted)


def known(operation: Operation, what: str, names: tuple[str, ...], given: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise TypeError(f"{operation} has no {what} {', '.join(unknown)}; it has {', '.join(names) or 'none'}.")
    return given
