"""Password hashing: few at a time, at low priority, with Django's hashes."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, get_native_id
from time import sleep

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from salesbrain.kernel import password_hashing
from salesbrain.kernel.password_hashing import NICENESS, QueuedPBKDF2PasswordHasher


@pytest.fixture
def own_queue(settings):
    def begin(at_once: int) -> None:
        settings.PASSWORD_HASHINGS_AT_ONCE = at_once
        password_hashing._queue.cache_clear()

    yield begin
    password_hashing._queue.cache_clear()


def test_hashes_are_interchangeable_with_djangos(settings, own_queue):
    own_queue(1)
    ours, djangos = QueuedPBKDF2PasswordHasher(), PBKDF2PasswordHasher()
    assert ours.encode("secret", "salt", 10) == djangos.encode("secret", "salt", 10)
    settings.PASSWORD_HASHERS = ["salesbrain.kernel.password_hashing.QueuedPBKDF2PasswordHasher"]
    hashers.get_hashers.cache_clear()  # type: ignore[attr-defined]  # lru_cache, not in the stubs
    try:
        assert hashers.check_password("secret", djangos.encode("secret", "salt", 10))
        assert not hashers.check_password("Secret", djangos.encode("secret", "salt", 10))
    finally:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        hashers.get_hashers.cache_clear()  # type: ignore[attr-defined]  # lru_cache, not in the stubs


@pytest.mark.parametrize("at_once", [1, 2])
def test_concurrent_password_hashes_are_limited(monkeypatch, own_queue, at_once):
    own_queue(at_once)
    now, most, lock = 0, 0, Lock()

    def encode(self, password, salt, iterations=None):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        sleep(0.05)
        with lock:
            now -= 1
        return password

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(lambda n: QueuedPBKDF2PasswordHasher().encode(str(n), "salt"), range(8)))
    assert (told, most) == ([str(n) for n in range(8)], at_once)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness of their own on Linux only")
def test_hashing_runs_at_low_priority(monkeypatch, own_queue):
    own_queue(1)
    monkeypatch.setattr(
        PBKDF2PasswordHasher, "encode", lambda *_: str(os.getpriority(os.PRIO_PROCESS, get_native_id()))
    )
    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert int(QueuedPBKDF2PasswordHasher().encode("x", "salt")) >= max(before, NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
