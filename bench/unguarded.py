"""The product's application without its watch over the walls, which would answer 503: some cases take policies off to see what they
cost. Without the webhook's door too, which lets everything else pass."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")
application = get_wsgi_application()
