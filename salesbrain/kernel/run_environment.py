"""Environment variables of a running `make run`, for commands started in a second terminal."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO


def environment_of_run(file: Path) -> dict[str, str]:
    """Return the variables that a running `make run` left in its lock file; none if there is no such run. Never raises."""
    try:
        with file.open(encoding="utf-8") as handle:
            content = json.load(handle)
            if not (_process_exists(int(content["pid"])) and _is_locked(handle)):
                return {}
            return {str(name): str(value) for name, value in content["environment"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _process_exists(number: int) -> bool:
    """Return whether the process exists. Checked first: trying the lock of a dead run could block the next one."""
    try:
        os.kill(number, 0)
    except PermissionError:  # another user's
        return True
    except ProcessLookupError:
        return False
    return True


def _is_locked(handle: IO[str]) -> bool:
    """Return whether another process holds the lock: then the run is alive, and its number was not taken over."""
    try:
        fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False
