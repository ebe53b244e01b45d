"""WSGI application for the app server: `granian --interface wsgi salesbrain.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")
django_application = get_wsgi_application()

from accounts.login_lockout import with_login_limit  # noqa: E402  needs the apps to be loaded
from instantly.webhooks.wsgi import with_webhook  # noqa: E402  the same
from salesbrain.kernel import allocator, gc_tuning, security_events, tracing  # noqa: E402  the same
from salesbrain.kernel.serving import plan  # noqa: E402  the same
from salesbrain.kernel.serving.wsgi import with_bounds  # noqa: E402  the same
from salesbrain.kernel.trusted_proxies import with_client_address  # noqa: E402  the same
from salesbrain.replica import watch  # noqa: E402  the same
from salesbrain.rls.self_check import self_check  # noqa: E402  the same

allocator.give_back_large_blocks()
self_check.start()
watch.start()
security_events.start()
get_resolver().url_patterns  # noqa: B018  an address list that cannot be imported ends the start, not the first request
bounds = plan.begin()
application = tracing.traced(
    with_webhook(
        with_client_address(with_login_limit(with_bounds(django_application, bounds))),
        lane=plan.DELIVERIES,
        patience=bounds.patience,
    )
)
gc_tuning.reduce_gc_frequency()  # last: what is imported by now is excluded
