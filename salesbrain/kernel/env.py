"""Typed readers of environment variables for the settings; each variable is in `.env.example`."""

import math
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from salesbrain.kernel import run_environment

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCAL_DIR = BASE_DIR / ".local"
RUN_LOCK = LOCAL_DIR / "run.lock"
ON, OFF = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}

for variable, value in run_environment.environment_of_run(RUN_LOCK).items():  # before .env, which a run may override
    os.environ.setdefault(variable, value)
env = environ.Env()
env.read_env(BASE_DIR / ".env")


def required(name: str, why: str) -> str:
    """Return the variable's text; raise ImproperlyConfigured naming it in one line if it is missing or empty."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why} See .env.example.")
    return value


def both_or_neither(first: str, second: str) -> tuple[str, str] | None:
    """Return both variables, or None if neither is set; raise ImproperlyConfigured if only one is."""
    values = env.str(first, default=""), env.str(second, default="")
    if all(values):
        return values
    if any(values):
        missing = second if values[0] else first
        raise ImproperlyConfigured(f"{missing} is not set: {first} and {second} belong together. See .env.example.")
    return None


def switch(name: str, *, default: bool) -> bool:
    """Return the variable as a boolean, `default` if it is not set or empty; raise ImproperlyConfigured for another word."""
    text = env.str(name, default="").strip().lower()
    if text in ON | OFF:
        return text in ON
    if text:
        raise ImproperlyConfigured(f"{name} is {text!r}: true or false is expected. See .env.example.")
    return default


def refuse_together(name: str, on: bool, other: str, other_on: bool, why: str) -> None:
    """Raise ImproperlyConfigured if two settings are on that exclude each other."""
    if on and other_on:
        raise ImproperlyConfigured(f"{name} and {other} exclude each other. {why} Unset one of them. See .env.example.")


def at_least(name: str, least: float, *, default: float, why: str) -> float:
    """Return the variable's number; raise ImproperlyConfigured naming it in one line if it is invalid or too small."""
    text = env.str(name, default="") or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value < math.inf:
        raise ImproperlyConfigured(
            f"{name} is {text!r}: a number from {least:g} on is expected. {why} See .env.example."
        )
    return value


def share(name: str, *, default: float, why: str) -> float:
    """Return the variable's number from 0 to 1; raise ImproperlyConfigured naming the variable if it is another."""
    value = at_least(name, 0, default=default, why=why)
    if value > 1:
        raise ImproperlyConfigured(f"{name} is {value:g}: a number from 0 to 1 is expected. {why} See .env.example.")
    return value


def one_of(name: str, words: tuple[str, ...], *, default: str, why: str) -> str:
    """Return the variable's word in lower case; raise ImproperlyConfigured naming it for an unknown word."""
    word = (env.str(name, default="") or default).strip().lower()
    if word not in words:
        raise ImproperlyConfigured(
            f"{name} is {word!r}: one of {', '.join(words)} is expected. {why} See .env.example."
        )
    return word


def count(name: str, *, default: int, why: str, least: int = 1) -> int:
    """Return the variable's whole number; raise ImproperlyConfigured if it is invalid or below `least`."""
    value = at_least(name, least, default=default, why=why)
    if value != int(value):
        raise ImproperlyConfigured(f"{name} is {value:g}: a whole number is expected. {why} See .env.example.")
    return int(value)


def days(name: str, *, default: int, why: str, least: int = 1) -> int:
    """Return the variable's whole number of days: 0 (for ever), or from `least` to a hundred years."""
    value = count(name, default=default, least=0, why=why)
    if value and not least <= value <= 36_500:
        raise ImproperlyConfigured(
            f"{name} is {value}: 0 (for ever) or {least} to 36500 days are expected. {why} See .env.example."
        )
    return value


def port(name: str, *, default: int) -> int:
    """Return the variable's TCP port; raise ImproperlyConfigured naming the variable if its value is no port."""
    value = count(name, default=default, why="A process listens there.")
    if value > 65_535:
        raise ImproperlyConfigured(f"{name} is {value}: a number up to 65535 is expected. See .env.example.")
    return value


def secret(name: str, why: str, make: Callable[[], str], *, local: bool) -> str:
    """Return the variable's text; if it is not set, a secret generated for this checkout if `local`, else raise as `required` does."""
    if local and not env.str(name, default=""):
        return _local_secret(name.lower(), make)
    return required(name, why)


def fernet_keys(name: str, why: str, *, local: bool) -> list[str]:
    """Return the variable's Fernet keys, the first one for writing; raise ImproperlyConfigured for an invalid key, without showing it."""
    text = secret(name, why, lambda: Fernet.generate_key().decode(), local=local)
    keys = [key.strip() for key in text.split(",") if key.strip()]
    for place, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name}: key {place} is no Fernet key (32 bytes, url-safe base64). See .env.example for how to make one."
            ) from error
    return keys


def _local_secret(name: str, make: Callable[[], str]) -> str:
    """Return a secret of this checkout, generated on first use. Only for the embedded database: production sets its own."""
    path = LOCAL_DIR / name
    if not path.exists():
        LOCAL_DIR.mkdir(exist_ok=True)
        fresh = LOCAL_DIR / f"{name}.{secrets.token_hex(4)}"
        fresh.touch(mode=0o600)
        fresh.write_text(make())
        try:
            path.hardlink_to(fresh)  # whoever comes first: two processes may start at once
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
