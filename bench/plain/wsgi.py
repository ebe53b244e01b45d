"""WSGI application of the benchmark's plain Django baseline."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.plain.settings"
django_application = get_wsgi_application()

from salesbrain.kernel.trusted_proxies import with_client_address  # noqa: E402  needs the settings

application = with_client_address(django_application)
