"""Environment and first rows of an installation under test, on any database."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings

FURNISH = Path(__file__).with_name("furnish.py")
MENTIONED = ("secret", "workspace", "campaign", "api_key", "token", "colleagues")


def environment_of(*, app: str, owner: str) -> dict[str, str]:
    """Return the environment variables of an installation on these addresses of its database."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "INSTANTLY_", "PG"))
    }
    return {
        **inherited,
        "DATABASE_URL": app,
        "DATABASE_OWNER_URL": owner,
        "HTTPS": "true",
        "SECRET_KEY": os.urandom(32).hex(),
        "SALESBRAIN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }


def migrate_and_furnish(environment: dict[str, str]) -> dict[str, Any]:
    """Create the tables and a workspace with a campaign; return what `furnish.py` says about them."""
    run: list[str | Path] = [settings.BASE_DIR / ".venv" / "bin" / "python", "manage.py"]
    subprocess.run(
        [*run, "migrate", "--verbosity", "0"], env=environment, cwd=settings.BASE_DIR, check=True, timeout=300
    )
    made = subprocess.run(
        [*run, "shell", "--verbosity", "0", "-c", FURNISH.read_text()],
        env=environment, cwd=settings.BASE_DIR, check=True, timeout=120, capture_output=True, text=True,
    )  # fmt: skip
    furnished = json.loads(made.stdout.splitlines()[-1])
    return {name: furnished[name] for name in MENTIONED}
