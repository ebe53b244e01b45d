"""Read chunked HTTP request bodies (RFC 9112, 7.1) within a size limit.

granian passes on the decoded bytes, and reports an ordinary end even if the client disconnected. A truncated body is noticed by the parser,
because a JSON object without its end is invalid.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

PIECE = 64 * 1024
"""Bytes read at once: granian waits until so many have arrived."""


class UnknownCoding(Exception):
    """Error: the body has a transfer coding that this server does not support, such as gzip."""


def is_chunked(environ: dict[str, Any]) -> bool:
    """Return whether the body is chunked. Raises UnknownCoding for any other coding, or a repeated one."""
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if not coding:
        return False
    if coding.strip().lower() != "chunked":
        raise UnknownCoding(coding)
    return True


def read_up_to(read: Callable[[int], bytes], most: int, *, begun: bytes | bytearray = b"") -> bytearray:
    """Return `begun` and the bytes that `read` returns after it; of more than `most` bytes only `most + 1`. Raises what `read` raises."""
    whole = bytearray(begun)
    while len(whole) <= most and (piece := read(min(PIECE, most + 1 - len(whole)))):
        whole += piece
    return whole


def with_length(environ: dict[str, Any], body: bytes | bytearray) -> None:
    """Replace the body in `environ` by one with a known length."""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
