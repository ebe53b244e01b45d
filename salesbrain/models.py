"""Re-exports for released migrations; the models live in `kernel.models` and `rls.models`."""

from salesbrain.kernel.models import Keyed, Mirrored, RandomUUID
from salesbrain.rls.models import CompositeForeignKey, StaffModel, TenantModel

__all__ = ["CompositeForeignKey", "Keyed", "Mirrored", "RandomUUID", "StaffModel", "TenantModel"]
