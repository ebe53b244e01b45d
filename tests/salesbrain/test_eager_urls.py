"""Refusal of a web process to start when a URL module cannot be imported."""

import os
import subprocess
import sys

from salesbrain.kernel.env import BASE_DIR

BROKEN = """
import sys, types
from salesbrain import settings
broken = types.ModuleType("settings_with_broken_urls")
broken.__dict__.update({name: getattr(settings, name) for name in dir(settings) if name.isupper()})
broken.ROOT_URLCONF = "salesbrain.no_such_urls"
sys.modules["settings_with_broken_urls"] = broken
import salesbrain.wsgi
"""


def test_addresses_that_cannot_be_imported_end_the_start(db):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings_with_broken_urls"}
    done = subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0 and "No module named 'salesbrain.no_such_urls'" in done.stderr
