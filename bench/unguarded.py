"""WSGI application of the product without its RLS self-check and webhook endpoint.

Some benchmark cases disable policies to measure their cost, which the self-check would answer with 503.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")
django_application = get_wsgi_application()

from salesbrain.kernel.trusted_proxies import with_client_address  # noqa: E402  needs the settings

application = with_client_address(django_application)
