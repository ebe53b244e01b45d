"""Collect static files for `make run` in the background, only when one has changed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from salesbrain.kernel.env import BASE_DIR
from salesbrain.local.run.errors import RunError


@contextmanager
def collecting_static_files() -> Iterator[None]:
    """Run collectstatic in the background during the block, and wait for it at the end; raises RunError.

    Compressed and with the manifest, as in production.
    Collecting takes seconds (it compresses), hence beside the block, and not again for the same files.
    """
    stamp = Path(f"{settings.STATIC_ROOT}.collected")
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and Path(settings.STATIC_ROOT).is_dir():
        yield
        return
    collecting = subprocess.Popen(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield
    except BaseException:
        collecting.kill()
        collecting.communicate()
        raise
    printed, _ = collecting.communicate()
    if collecting.returncode:
        reason = (printed.strip().splitlines() or ["no output"])[-1]
        raise RunError(f"The static files could not be collected into {settings.STATIC_ROOT}: {reason}")
    stamp.write_text(wanted, encoding="utf-8")


def _fingerprint() -> str:
    """Return a digest of the names, sizes and times of all static files there are."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = os.stat(storage.path(name))
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
