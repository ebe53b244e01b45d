"""List the skipped tests of a pytest run: `python3 .ci/skipped.py REPORT.xml [--strict]`.

With --strict, exit code 1 if a test was skipped that is not on the list of permitted skips. CI as root is strict, because everything a
test needs can be installed there; only files that lie outside of the repository may be missing.
"""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

OUTSIDE = "../shared"


def main(report: str, *options: str) -> int:
    outside_is_here = (Path(__file__).resolve().parent.parent / OUTSIDE).is_dir()
    refused = 0
    for case in ET.parse(report).iter("testcase"):
        for skipped in case.iter("skipped"):
            reason = skipped.get("message", "")
            allowed = OUTSIDE in reason and not outside_is_here
            refused += not allowed
            print(f"skipped: {case.get('classname')}.{case.get('name')}: {reason}")
    if refused and "--strict" in options:
        print(f"{refused} tests were skipped that can run here; a skip proves nothing.")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
