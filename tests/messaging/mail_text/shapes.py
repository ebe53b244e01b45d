"""Shapes of replies from fixtures/mail_text, with the expected text of each."""

import json
from pathlib import Path
from typing import Any

SHAPES = Path(__file__).resolve().parents[3] / "fixtures" / "mail_text" / "shapes.jsonl"


def shapes() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SHAPES.read_text(encoding="utf-8").splitlines()]
