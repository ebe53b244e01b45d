"""Settings of the plain Django baseline: the product's, with other routes and Django's middleware."""

from salesbrain.settings import *  # noqa: F403
from salesbrain.settings import MIDDLEWARE as OURS

MIDDLEWARE = [name for name in OURS if "fast_path" not in name]  # nobody has that who writes it the usual way

ROOT_URLCONF = "bench.plain.urls"
