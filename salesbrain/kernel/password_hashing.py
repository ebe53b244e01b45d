"""Password hasher that runs in a small thread pool of low priority.

A hash is slow on purpose. In trials dozens of concurrent logins occupied both cores, and deliveries waited a hundred times as long as
usual. Now logins wait for this pool instead; lanes (serving/lanes.py) limit how many may wait.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from threading import current_thread, get_native_id

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

NICENESS = 10
NAME = "password-hashing"


class QueuedPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    """Django's PBKDF2 hasher under the same algorithm name, so that existing hashes stay valid."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        if current_thread().name.startswith(NAME):
            return super().encode(password, salt, iterations)
        return _queue(os.getpid()).submit(super().encode, password, salt, iterations).result()


@lru_cache(maxsize=1)
def _queue(process: int) -> ThreadPoolExecutor:
    """Return this process's thread pool; a forked process does not inherit its parent's."""
    return ThreadPoolExecutor(settings.PASSWORD_HASHINGS_AT_ONCE, thread_name_prefix=NAME, initializer=_lower_priority)


def _lower_priority() -> None:
    """Lower the priority of the current thread, which Linux supports per thread."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)
