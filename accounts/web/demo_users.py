"""One-click login as a demo user; exists in the demo only, for the users of its fixture."""

import json
from functools import cache

from django.conf import settings

from accounts.models import User


@cache
def _emails() -> tuple[str, ...]:
    text = (settings.BASE_DIR / "fixtures" / "demo.json").read_text(encoding="utf-8")
    return tuple(row["email"] for row in json.loads(text)["users"])


def demo_users() -> list[User]:
    """Return the active demo users in the fixture's order, customers first; none outside of the demo."""
    if not settings.DEMO:
        return []
    order = {email: place for place, email in enumerate(_emails())}
    found = User.objects.filter(email__in=order, is_active=True)
    return sorted(found, key=lambda user: (user.is_staff, order[user.email]))
