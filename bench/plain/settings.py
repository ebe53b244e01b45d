"""The product's settings with other routes."""

from salesbrain.settings import *  # noqa: F403

ROOT_URLCONF = "bench.plain.urls"
