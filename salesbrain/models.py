"""Re-export of base models for released migrations; defined in kernel/models.py and rls/models.py."""

from salesbrain.kernel.models import Keyed, Mirrored, RandomUUID
from salesbrain.rls.models import CompositeForeignKey, StaffModel, TenantModel

__all__ = ["CompositeForeignKey", "Keyed", "Mirrored", "RandomUUID", "StaffModel", "TenantModel"]
