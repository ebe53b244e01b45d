"""Map the exceptions of accounts (last owner, unknown member, invalid link) to API error responses."""

from django.utils.translation import gettext_lazy as _

from accounts import refusals
from accounts.models.user import NoOrganization, OrganizationRequired, UnknownOrganization
from accounts.permissions import RoleTooLow
from salesbrain.api.exceptions import NOT_FOUND, answer_with

answer_with(UnknownOrganization, status=404, code="not_found", detail=NOT_FOUND)
answer_with(
    NoOrganization,
    status=403,
    code="no_organization",
    detail=_("This user belongs to no active organization: ask the agency to add them to one."),
)
answer_with(
    OrganizationRequired,
    status=400,
    code="organization_required",
    detail=_(
        "This user belongs to several organizations: name one with ?organization_id=…; GET /api/instantly/me lists them."
    ),
)
answer_with(RoleTooLow, status=403, code="role_too_low", detail=None)
answer_with(refusals.UnknownMember, status=404, code="not_found", detail=NOT_FOUND)
answer_with(refusals.UnknownInvitation, status=404, code="not_found", detail=NOT_FOUND)
answer_with(refusals.AlreadyMember, status=409, code="already_member", detail=None)
answer_with(refusals.AlreadyInvited, status=409, code="already_invited", detail=None)
answer_with(refusals.LastOwner, status=409, code="last_owner", detail=None)
answer_with(refusals.TooManyMails, status=429, code="too_many_mails", detail=None, retry_after=3600)
