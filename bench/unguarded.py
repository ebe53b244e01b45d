"""The product's application without its watch over the walls, which would answer 503: some cases take policies off to see what they
cost. Without the webhook's door too, which lets everything else pass."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")
django_application = get_wsgi_application()

from salesbrain.kernel.trusted_proxies import with_client_address  # noqa: E402  needs the settings

application = with_client_address(django_application)
