"""Isolation proof: every endpoint tried as every kind of user on a scratch database, with a report.

It proves that no organization sees another's data.

    from salesbrain.isolation import latest, prove_in_scratch, write

`manage.py prove_isolation` runs it; its cases are derived from the code (the OpenAPI document, the admin's addresses, the models, the
catalogue), so that a new endpoint or table is tried as well; one that cannot be tried makes the proof fail.
"""

from .proof import Proof, prove, prove_in_scratch
from .report import latest, write

__all__ = ["Proof", "latest", "prove", "prove_in_scratch", "write"]
