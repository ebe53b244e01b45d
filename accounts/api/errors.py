"""API responses for this app's exceptions."""

from accounts.models.user import NoOrganization, OrganizationRequired, UnknownOrganization
from salesbrain.api.exceptions import NOT_FOUND, answer_with

answer_with(UnknownOrganization, status=404, code="not_found", detail=NOT_FOUND)
answer_with(
    NoOrganization,
    status=403,
    code="no_organization",
    detail="This user belongs to no active organization: ask the agency to add them to one.",
)
answer_with(
    OrganizationRequired,
    status=400,
    code="organization_required",
    detail="This user belongs to several organizations: name one with ?organization_id=…; GET /api/instantly/me lists them.",
)
