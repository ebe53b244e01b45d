"""Emulator of Instantly.ai in memory, for tests and demo: API, webhooks, simulated leads, faults.

Tests mount ``entry_points.adapter.InstantlyAdapter``, people start ``manage.py run_emulator``. It follows Instantly's
OpenAPI document; whatever that document and the captured deliveries leave open is decided in ``state.assumptions.Assumptions``.

Layers, each importing only lower ones: entry points > facade (fake) > setup > api, demo > life > event recorder >
deliveries, rate limits, faults, ground truth > simulation > wire, state. import-linter enforces them.
"""

from .deliveries.transport import in_process_transport
from .fake import FakeInstantly
from .setup import Access
from .state.assumptions import Assumptions
from .state.clock import ManualClock, SystemClock
from .state.habits import Habits

__all__ = ["Access", "Assumptions", "FakeInstantly", "Habits", "ManualClock", "SystemClock", "in_process_transport"]
