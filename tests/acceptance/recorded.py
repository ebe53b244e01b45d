"""Compare the API's recorded example responses with fresh ones, or record them anew.

They are in salesbrain/api/examples.json. SALESBRAIN_WRITE_EXAMPLES=1 records them again:

    SALESBRAIN_WRITE_EXAMPLES=1 pytest tests/acceptance/test_api_guide.py tests/acceptance/test_schema_examples.py
"""

import json
import os
import re
from typing import Any

from salesbrain.api.schema import EXAMPLES_FILE

WRITING = os.environ.get("SALESBRAIN_WRITE_EXAMPLES") == "1"
HOW = "Record the examples anew: see tests/acceptance/recorded.py"
LONGEST = 2  # rows of a list, which is enough to see what they look like


def known() -> dict[str, Any]:
    return dict(json.loads(EXAMPLES_FILE.read_text(encoding="utf-8")))


def hold(kind: str, name: str, told: Any) -> None:
    """Compare the recorded example `name` with `told`, a response or body, or record it. `kind`: answers, bodies or errors."""
    examples = known()
    if WRITING:
        examples.setdefault(kind, {})[name] = told
        in_order = {part: dict(sorted(examples[part].items())) for part in sorted(examples)}
        EXAMPLES_FILE.write_text(json.dumps(in_order, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    assert name in examples[kind], f"{name} has no example among the {kind}. {HOW}"
    assert_alike(examples[kind][name], told, name)


def tidied(told: Any, *, url: str) -> Any:
    """Return an example shortened, without this machine's address and without a token."""
    if isinstance(told, dict):
        return {key: tidied(value, url=url) for key, value in told.items()}
    if isinstance(told, list):
        return [tidied(value, url=url) for value in told[:LONGEST]]
    if isinstance(told, str):
        told = re.sub(r"/invitations/[\w-]{60,}", "/invitations/…", told.replace("http://127.0.0.1:8001", url))
        return re.sub(r"\bsb_[0-9a-zA-Z]{5,}", "sb_…", told.replace(url, "https://salesbrain.example"))
    return told


def assert_alike(example: Any, told: Any, where: str) -> None:
    """Assert that both have the same keys at all depths, and values of the same types; null matches anything."""
    if example is None or told is None:
        return
    numbers = (int, float)
    same = type(example) is type(told) or (isinstance(example, numbers) and isinstance(told, numbers))
    assert same, f"{where} is {told!r} now, {example!r} in the example. {HOW}"
    if isinstance(told, dict) and not where.endswith((".schedule", ".sequences", ".errors", ".definitions")):
        assert set(example) == set(told), f"{where} has other keys than its example. {HOW}"
        for key, value in told.items():
            assert_alike(example[key], value, f"{where}.{key}")
    if isinstance(told, list) and told and example:
        assert_alike(example[0], told[0], f"{where}[0]")
