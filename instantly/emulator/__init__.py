"""A stand-in for Instantly: its API, its webhooks, its life, its troubles. See ``fake.FakeInstantly``.

Two doors: ``FakeInstantly().adapter()`` for tests, ``manage.py run_emulator`` for people. It follows the vendor's
OpenAPI document; what that and the captured deliveries leave open is decided in ``assumptions.Assumptions``.
"""

from .deliveries.transport import handing_to
from .fake import FakeInstantly
from .setup import Access
from .state.assumptions import Assumptions
from .state.clock import ManualClock, SystemClock
from .state.habits import Habits

__all__ = ["Access", "Assumptions", "FakeInstantly", "Habits", "ManualClock", "SystemClock", "handing_to"]
