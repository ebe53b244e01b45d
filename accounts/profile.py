"""Change a user's own profile: name, language, time zone, keyboard shortcuts."""

from typing import Any

from accounts.models import User
from accounts.services import record_audit
from salesbrain import rls

CHOSEN_BY_USERS = ("name", "language", "time_zone", "single_key_shortcuts")


def change_profile(user: User, **chosen: Any) -> User:
    """Set name, language, time_zone or single_key_shortcuts of a user; omitted fields are unchanged.

    Raises ValidationError by field, and TypeError for a field that users do not choose.
    """
    foreign = set(chosen) - set(CHOSEN_BY_USERS)
    if foreign:
        raise TypeError(f"Users do not choose {', '.join(sorted(foreign))}.")
    for field, value in chosen.items():
        setattr(user, field, value)
    others = [field.name for field in User._meta.get_fields() if field.name not in chosen]
    user.clean_fields(exclude=others)
    with rls.scope(rls.SYSTEM):
        user.save(update_fields=list(chosen))
        record_audit(action="profile.change", actor=user, target=user, detail={"fields": sorted(chosen)})
    return user
