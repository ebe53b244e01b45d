"""Deliberately slow mail reader, for tests of the CPU limit on reading mails."""

from typing import Any

from tests.salesbrain.kernel.costly_functions import work


def read_slowly(parts: dict[str, Any]) -> dict[str, Any]:
    """Read a mail in quadratic time, in place of the real reader."""
    if "slow" in parts["text"]:
        while True:
            pass
    if "fail" in parts["text"]:
        raise ValueError("a bug")
    if "tenth" in parts["text"]:
        work("tenth")
    return {"body_text": parts["text"], "body_html": "", "reply_text": parts["text"]}
