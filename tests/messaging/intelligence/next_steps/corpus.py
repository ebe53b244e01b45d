"""Read the example mails of fixtures/next_steps, by which the rules were developed."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[4] / "fixtures" / "next_steps"


def read(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


ABSENCES = read("absence.jsonl")
NEXT_STEPS = read("next_steps.jsonl")
