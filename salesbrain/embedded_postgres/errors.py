"""Exception of the embedded PostgreSQL, with plain explanations of frequent causes."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_WORDS = ("No space left on device", "Disk quota exceeded")


class EmbeddedPostgresError(Exception):
    """Error of the embedded server: what happened, why, and what to do next, in one line."""


def disk_full(folder: Path) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"The disk is full: the embedded database cannot write to {folder}. Free some space there and try again; "
        "what was committed before is kept."
    )


def from_output(what: str, output: str, folder: Path) -> EmbeddedPostgresError:
    """Return the output of a PostgreSQL program as one line: its last FATAL, PANIC or error line, or its last line."""
    if any(words in output for words in FULL_WORDS):
        return disk_full(folder)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    relevant = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "error:"))]
    reason = (relevant or lines or ["no output"])[-1]
    return EmbeddedPostgresError(f"{what}: {reason}")


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Turn errors of operating system and server inside the block into one line each, about `folder`."""
    try:
        yield
    except PermissionError as error:
        raise EmbeddedPostgresError(
            f"May not write {error.filename or folder}: it belongs to another user. Work on this checkout as the user "
            "who ran `make` in it first, or as root run `make clean` and begin again."
        ) from error
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(folder) from error
        raise
    except psycopg.errors.DiskFull as error:
        raise disk_full(folder) from error
    except psycopg.Error as error:
        raise EmbeddedPostgresError(f"The embedded database refused: {' '.join(str(error).split())}") from error
