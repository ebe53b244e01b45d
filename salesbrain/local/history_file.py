"""Path of the demo's history file, which the emulator writes and the product imports."""

from pathlib import Path

from django.conf import settings


def history_file() -> Path:
    """Return the path of the demo's history file; the importer deletes it once all of it is recorded."""
    return settings.LOCAL_DIR / "demo-history.ndjson"
