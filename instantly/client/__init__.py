"""The client for Instantly's API v2."""

from .budget import BudgetKind, BudgetUse, LocalRateBudget, RateBudget
from .instantly_client import InstantlyClient
from .listing import Listing, Rejected
from .operations import OPERATIONS, Operation

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
