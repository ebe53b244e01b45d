"""RLS scopes under which the isolation proof reads tables: the product's own, and invalid ones."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from salesbrain import rls
from salesbrain.isolation.fixtures import World
from salesbrain.rls.models import StaffModel

READS = ("select", "copy")
WRITES = ("insert", "update", "delete")
VERBS = (*READS, *WRITES, "truncate")

NOTHING, DENIED = "nothing", "denied"
SET = "SELECT set_config('app.user_role', %s, true), set_config('app.current_org_id', %s, true), set_config('role', %s, true)"


@dataclass(frozen=True)
class Actor:
    """An identity that tries the tables. `enter` sets its scope; `sees`: organizations whose rows it may read; `may`: permitted writes."""

    name: str
    title: str
    enter: Callable[[], None]
    sees: str = ""  # "", "A", "B" or "AB"
    staff: bool = False  # does it run as sb_staff?
    may: tuple[str, ...] = ()
    finds: str | None = None  # through the search functions, where that is not what it sees

    def expected(self, model: type, verb: str) -> str:
        """Return the expected result: organizations it reaches (A, B, AB), `nothing`, or `denied`."""
        if verb == "truncate":
            return DENIED
        append_only = getattr(model, "append_only", False)
        if issubclass(model, StaffModel) and not self.staff:
            return NOTHING if append_only and verb in READS else DENIED
        if verb in READS:
            return self.sees or NOTHING
        if not self.staff and verb in getattr(model, "customer_may", ()):
            return self.sees or (DENIED if verb == "insert" else NOTHING)
        if not self.staff or (append_only and verb != "insert"):
            return DENIED
        if verb in self.may:
            return "AB"
        return DENIED if verb == "insert" else NOTHING


def set_raw(role: str, organization: object, database_role: str) -> None:
    """Set the scope's three settings directly, in combinations that the product never sets."""
    with connection.cursor() as cursor:
        cursor.execute(SET, [role, str(organization or ""), database_role])


def actors(world: World) -> list[Actor]:
    a, b = world.a.organization, world.b.organization
    staff = {"sb_viewer": (), "sb_operator": ("insert", "update"), "sb_admin": WRITES}
    return [
        Actor("unset", "no scope", lambda: None),
        Actor("customer_a", "customer of A", lambda: rls.enter(rls.customer(a)), "A"),
        Actor("customer_b", "customer of B", lambda: rls.enter(rls.customer(b)), "B"),
        Actor("claims_admin", "customer of A who sets app.user_role to sb_admin", lambda: set_raw("sb_admin", a, "none"), "A"),
        Actor("claims_admin_alone", "app.user_role sb_admin and no organization", lambda: set_raw("sb_admin", "", "none")),
        Actor("staff_role_alone", "database role sb_staff without app.user_role", lambda: set_raw("", "", "sb_staff"), staff=True),
        Actor("customer_as_staff", "database role sb_staff, app.user_role customer, of A",
              lambda: set_raw("customer", a, "sb_staff"), staff=True, finds="A"),
        *(
            Actor(role, role.removeprefix("sb_"), lambda role=role: rls.enter(rls.staff(role)), "AB", True, may)  # type: ignore[misc]
            for role, may in staff.items()
        ),
    ]  # fmt: skip
