"""Coverage-guided fuzzing of the parser of webhook deliveries: `python -m tests.fuzz [SECONDS]`.

Also `make fuzz`. The fuzzer (requirements/fuzz.txt) is installed into .local/fuzz at the first run. Interesting inputs stay in
.local/fuzz-corpus and start the next run; a body that breaks something is written to .local/fuzz-crash-… and belongs into a test.
"""

import os
import subprocess
import sys
from pathlib import Path

from instantly.webhooks.body import MAX_BYTES

CHECKOUT = Path(__file__).resolve().parents[2]
LIST = CHECKOUT / "requirements" / "fuzz.txt"
PLACE = CHECKOUT / ".local" / "fuzz"
CORPUS = CHECKOUT / ".local" / "fuzz-corpus"
FIXTURES = CHECKOUT / "fixtures" / "instantly" / "webhooks"


def install() -> None:
    """Install the fuzzer into its folder. Raises SystemExit if there is none for this Python version."""
    if (PLACE / "atheris").is_dir():
        return
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
    ]
    done = subprocess.run([*command, "--target", PLACE, "-r", LIST], capture_output=True, text=True, check=False)
    if done.returncode:
        version = ".".join(map(str, sys.version_info[:2]))
        said = (done.stdout + done.stderr).strip().splitlines()
        raise SystemExit(
            f"error: the fuzzer cannot be installed for Python {version} on this machine: {said[-1] if said else ''}"
        )


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    install()
    CORPUS.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"PYTHONPATH": f"{PLACE}:{CHECKOUT}"}
    limits = [f"-max_total_time={seconds}", f"-max_len={min(MAX_BYTES, 20_000)}", "-timeout=20", "-rss_limit_mb=2048"]
    command = [sys.executable, "-m", "tests.fuzz.parser", *limits, f"-artifact_prefix={CORPUS.parent}/fuzz-crash-"]
    return subprocess.run([*command, CORPUS, FIXTURES], env=environment, cwd=CHECKOUT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
