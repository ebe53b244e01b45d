"""The product's settings with other routes."""

from salesbrain.settings import *

ROOT_URLCONF = "bench.plain.urls"
