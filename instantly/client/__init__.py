"""HTTP client for Instantly's API v2; independent of Django."""

from .instantly_client import InstantlyClient
from .listing import Listing, Rejected
from .operations import OPERATIONS, Operation
from .rate_limit import BudgetKind, BudgetUse, LocalRateBudget, RateBudget

__all__ = [
    "OPERATIONS",
    "BudgetKind",
    "BudgetUse",
    "InstantlyClient",
    "Listing",
    "LocalRateBudget",
    "Operation",
    "RateBudget",
    "Rejected",
]
