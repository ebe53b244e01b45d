"""Wait until an address answers, whatever it answers: `python -m salesbrain.local.run.wait_for URL`.

The launcher puts it before processes that ask the emulator at their start: the demo's history is made before the emulator listens, and a
sync that finds nobody raises an alert. Exit code 0 once it answers, 1 when it has not within the patience.
"""

import sys
import time
from urllib.error import HTTPError
from urllib.request import urlopen

PATIENCE = 90.0  # seconds
PAUSE = 0.2


def answers(url: str, *, patience: float = PATIENCE) -> bool:
    """Return whether a server answered within that many seconds; an error page is an answer."""
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


if __name__ == "__main__":
    raise SystemExit(0 if answers(sys.argv[1]) else 1)
