"""Number of concurrent requests a web process allows per kind (lane); closing of idle connections."""

from time import monotonic

from django.conf import settings

from salesbrain.kernel import allocator
from salesbrain.kernel.serving import lending
from salesbrain.kernel.serving.lanes import Budget, Lane, PerKey
from salesbrain.kernel.serving.lending import Lender
from salesbrain.kernel.serving.patience import Patience
from salesbrain.kernel.serving.wsgi import Bounds

MIB = 1024 * 1024

LENDERS = {
    "pages": Lender("default", most=8),
    "logins": Lender("default", most=2),
    "streams": Lender("default", most=2, kept=15.0),
    "default": Lender("default", most=2),  # deliveries that are processed inline
    "inbox": Lender("inbox", most=3),
    "large deliveries": Lender("inbox", most=1, kept=15.0),
}
if settings.DATABASE_REPLICA_URL:
    LENDERS["replica"] = Lender("replica", most=8)  # as many as pages work at once
PAGES = Lane("pages", at_once=8, waiting=40, patience=20.0, lends=[LENDERS["pages"]])
LOGINS = Lane("logins", at_once=2, waiting=6, patience=5.0, lends=[LENDERS["logins"]])
QUESTIONS = Lane("questions", at_once=4, waiting=12, patience=4.0)
DELIVERIES = Lane("deliveries", at_once=80)
STREAMS = Lane("streams", at_once=24)
LANES = (PAGES, LOGINS, QUESTIONS, DELIVERIES, STREAMS)
THREADS = 192
"""Threads of a web process (Procfile): more than the lanes hold, so that /healthz and refusals always find one."""

STREAMS_OF_AN_ADDRESS = 8
BODIES = 16 * MIB
ANSWERS = 16 * MIB
TRIM_EVERY = 10.0
"""Seconds between releases of free memory, and only after a large block was freed."""

MONITORING_PATHS = ("/readyz", "/metrics")
WITH_PASSWORDS = ("/login", "/api/auth/tokens", "/settings/password")
BELOW_WITH_PASSWORDS = ("/invitations/", "/password-reset/")


def lane_of(path: str, method: str) -> Lane | None:
    """Return the lane of a request; None for /healthz, which costs nothing and must always be answered.

    Webhook deliveries have entered their lane earlier (instantly.webhooks.wsgi).
    """
    if path in MONITORING_PATHS:
        return QUESTIONS
    if method == "POST" and (path in WITH_PASSWORDS or path.startswith(BELOW_WITH_PASSWORDS)):
        return LOGINS
    return None if path == "/healthz" else PAGES


def begin() -> Bounds:
    """Start limiting this process's requests, and return the limits. Call once, in processes that serve requests."""
    lending.shared.update(LENDERS)
    bounds = Bounds(
        lane_of=lane_of,
        streams=STREAMS,
        streams_of_an_address=PerKey(most=STREAMS_OF_AN_ADDRESS, total=STREAMS.at_once),
        bodies=Budget(BODIES),
        answers=Budget(ANSWERS),
        lends=LENDERS["streams"],
        patience=Patience(settings.WEB_STALLED_SECONDS),
        longest=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    )
    trimming = allocator.Trimming(every=TRIM_EVERY)
    bounds.patience.watch(also=[_close_unused, trimming.look])
    return bounds


def _close_unused() -> None:
    for lender in LENDERS.values():
        lender.close_unused(now=monotonic())
