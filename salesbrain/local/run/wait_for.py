"""Wait until a server answers at a URL and, if one is named, a file is deleted.

Usage: `python -m salesbrain.local.run.wait_for URL [FILE]`. The launcher puts it before processes that ask the emulator at their start: the
demo's history is made before the emulator listens, and a sync without a server raises an alert, as gap repair does while the history (FILE)
is being recorded. Exit code 0 when both conditions hold, 1 if they do not in time.
"""

import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

PATIENCE = 90.0  # seconds
PATIENCE_WITH_FILE = 360.0  # seconds; recording gives up earlier (history.PATIENCE)
PAUSE = 0.2


def answers(url: str, *, patience: float = PATIENCE) -> bool:
    """Return whether a server answers at the URL within `seconds`; an error page is an answer."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            urlopen(url, timeout=2).close()  # noqa: S310 - an address of our own, made of PORT
        except HTTPError:
            return True
        except OSError:
            time.sleep(PAUSE)
        else:
            return True
    return False


def gone(file: Path, *, patience: float = PATIENCE_WITH_FILE) -> bool:
    """Return whether the file is deleted within `seconds`."""
    end = time.monotonic() + patience
    while file.exists():
        if time.monotonic() >= end:
            return False
        time.sleep(PAUSE)
    return True


def main(url: str, file: str = "") -> int:
    return 0 if answers(url) and (not file or gone(Path(file))) else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
