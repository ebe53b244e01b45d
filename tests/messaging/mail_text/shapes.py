"""Example replies of fixtures/mail_text, each with the expected text without quotes."""

import json
from pathlib import Path
from typing import Any

SHAPES = Path(__file__).resolve().parents[3] / "fixtures" / "mail_text" / "shapes.jsonl"


def shapes() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SHAPES.read_text(encoding="utf-8").splitlines()]
