"""Rate limits of incoming webhook requests, counted in this process.

They cost no round trip. A valid secret is checked first, so a sender within its limit is never refused because of other requests
from the same address (a proxy's, or Instantly's own).
"""

import math
from uuid import UUID

from django.conf import settings

from salesbrain.kernel.rate_window import FixedWindow, client_prefix

MINUTE = 60.0
_deliveries, _strangers = FixedWindow(MINUTE), FixedWindow(MINUTE)


def check_delivery(connection_id: UUID) -> int:
    """Count a delivery with a valid secret; return 0, or the seconds after which the sender may go on."""
    return math.ceil(_deliveries.hit(connection_id, settings.WEBHOOK_REQUESTS_PER_MINUTE))


def check_unauthenticated(address: str) -> int:
    """Count a request whose secret is missing or unknown; return 0, or the seconds for which this address is not answered."""
    return math.ceil(_strangers.hit(client_prefix(address), settings.WEBHOOK_STRANGERS_PER_MINUTE))


def reset() -> None:
    """Clear all counts (tests)."""
    _deliveries.reset()
    _strangers.reset()
