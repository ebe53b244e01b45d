"""Place of the demo's history between the emulator, which makes it, and the product, which records it."""

from pathlib import Path

from django.conf import settings


def history_file() -> Path:
    """Where the emulator leaves its history (Procfile); it goes once everything in it is recorded."""
    return settings.LOCAL_DIR / "demo-history.ndjson"
