"""Summarize a schemathesis run against the API: `python tests/acceptance/schema_report.py FILE`.

FILE is the one named by SALESBRAIN_SCHEMATHESIS_REPORT.
"""

import json
import sys
from collections import Counter
from pathlib import Path


def summary(lines: list[str]) -> str:
    """Return a text with the numbers of requests, operations, callers and response statuses of a run."""
    statuses: Counter[str] = Counter()
    people: Counter[str] = Counter()
    operations = set()
    for line in map(json.loads, lines):
        operations.add(line["operation"])
        statuses.update(line["statuses"])
        people[f"{line['who']}, {line['mode']}"] += sum(line["statuses"].values())
    told = [f"{sum(statuses.values())} requests to {len(operations)} operations, every answer as the document says"]
    told += [f"  {who}: {count}" for who, count in sorted(people.items())]
    told += ["answered with " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))]
    return "\n".join(told)


if __name__ == "__main__":
    sys.stdout.write(summary(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()) + "\n")
