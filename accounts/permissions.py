"""Permissions of each role: of staff in the admin, of members in their organization."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts.choices import MembershipRole, StaffRole
from salesbrain import rls

# --- staff: Django's permissions; the policies enforce the same -------------------------------------------------------

VIEWS = {"view"}
WORKS = {"view", "add", "change"}
FOR_ADMINS = {"user", "membership", "invitation", "providerconnection", "webhooksecret", "authtoken", "logentry"}
"""Models of keys and people, which only admins may change; operators may view connections."""


def may(role: str, permission: str) -> bool:
    """Return whether a staff role has a Django permission such as `campaigns.change_campaign`; an empty role has none."""
    if role == StaffRole.ADMIN:
        return True
    verb, _, model = permission.rpartition(".")[2].partition("_")
    if role == StaffRole.VIEWER:
        return verb in VIEWS
    if role == StaffRole.OPERATOR:
        return verb in (VIEWS if model in FOR_ADMINS else WORKS)
    return False


# --- members: what a customer's page or request may change ------------------------------------------------------------


class Permission(StrEnum):
    """Permission of a member in an organization, in addition to reading its rows."""

    LEAVE = "leave"
    MARK_READ = "mark_read"
    SHOW_PRESENCE = "show_presence"
    REPLY = "reply"
    LABEL = "label"
    NOTE = "note"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    CATEGORIZE = "categorize"
    FOLLOW_UP = "follow_up"
    MANAGE_TEAM = "manage_team"
    MANAGE_TOKENS = "manage_tokens"
    MANAGE_GOALS = "manage_goals"
    MANAGE_SNIPPETS = "manage_snippets"
    MANAGE_SCORES = "manage_scores"
    MANAGE_SUGGESTIONS = "manage_suggestions"
    READ_ACCESS_LOG = "read_access_log"


OBSERVES = frozenset({Permission.LEAVE})
ANSWERS = OBSERVES | {
    Permission.MARK_READ,
    Permission.SHOW_PRESENCE,
    Permission.REPLY,
    Permission.LABEL,
    Permission.NOTE,
    Permission.SNOOZE,
    Permission.ASSIGN,
    Permission.CATEGORIZE,
    Permission.FOLLOW_UP,
}
OWNS = ANSWERS | {
    Permission.MANAGE_TEAM,
    Permission.MANAGE_TOKENS,
    Permission.MANAGE_GOALS,
    Permission.MANAGE_SNIPPETS,
    Permission.MANAGE_SCORES,
    Permission.MANAGE_SUGGESTIONS,
    Permission.READ_ACCESS_LOG,
}
OF_MEMBERS: Mapping[str, frozenset[Permission]] = {
    MembershipRole.OBSERVER: OBSERVES,
    MembershipRole.MEMBER: ANSWERS,
    MembershipRole.OWNER: OWNS,
}
STAFF_AS_MEMBERS: Mapping[str, MembershipRole] = {
    StaffRole.VIEWER: MembershipRole.OBSERVER,
    StaffRole.OPERATOR: MembershipRole.MEMBER,
    StaffRole.ADMIN: MembershipRole.OWNER,
}
"""Role that each staff role has in a customer's organization; people and tokens are for admins only."""

FOR_OWNERS = _("Only owners of the organization may do this. Ask one of them, or have them change your role.")
FOR_MEMBERS = _(
    "You are an observer in this organization: you see everything and change nothing. An owner can change your role."
)


class RoleTooLow(Exception):
    """Error: the caller's role in the organization does not include the action; the text is the sentence to show."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        super().__init__(str(FOR_MEMBERS if permission in ANSWERS else FOR_OWNERS))


def member_may(role: str, permission: Permission) -> bool:
    """Return whether a member's role includes this; an unknown or empty role includes nothing."""
    return permission in OF_MEMBERS.get(role, frozenset())


def require(scope: rls.Scope, permission: Permission) -> None:
    """Raise RoleTooLow unless the caller of this scope (`User.scope_for`, `scope_in`) has the permission in its organization."""
    if not member_may(scope.member_role, permission):
        raise RoleTooLow(permission)
