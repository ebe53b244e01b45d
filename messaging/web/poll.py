"""`/poll`: live updates of open pages: the latest event's number, or 204 if nothing is new.

Every open page asks every few seconds, so the session's check and the number are one statement (sql/web_poll_1.sql). Nothing is
cached: a session that ended, a user who was deactivated, a membership that was removed take effect at the next request.
"""

from uuid import UUID

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django_otp import DEVICE_ID_SESSION_KEY

from accounts.models import User
from salesbrain import replica
from salesbrain.kernel import db
from salesbrain.web.organizations import ALL, Current

POLL = "SELECT session_data, password, role, feed_position FROM web_poll(%s, %s, %s)"
HEADERS = {"Cache-Control": "private, no-store"}
NOBODY = 401


def poll(request: HttpRequest) -> HttpResponse:
    """Respond 204 if the latest event is still number `since`, else 200 with the new number; 401 if the session is no longer valid."""
    try:
        user, organization, since = _asked(request)
    except (KeyError, ValueError):
        return HttpResponse(status=400, headers=HEADERS)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    row = db.first(POLL, [key, user, organization]) if key and "\0" not in key else None
    if row is None or not _is_session_of_user(row, user):
        return HttpResponse(status=NOBODY, headers=HEADERS)
    position = row[3] or 0
    if position == since:
        return HttpResponse(status=204, headers=HEADERS)
    if not row[2]:  # the page now loads what is new: a replica must have it
        replica.note(user)
    return JsonResponse({"position": position}, headers=HEADERS)


def _asked(request: HttpRequest) -> tuple[UUID, UUID | None, int]:
    given = request.GET
    organization = given["organization"]
    return UUID(given["user"]), None if organization == ALL else UUID(organization), int(given["since"])


def _is_session_of_user(row: tuple[str, str, str, int | None], user: UUID) -> bool:
    """Return whether the session is this user's, made with the present password, and with a complete login."""
    session_data, password, role, _ = row
    session = SessionStore().decode(session_data)
    if session.get(SESSION_KEY) != str(user):
        return False
    if not constant_time_compare(session.get(HASH_SESSION_KEY, ""), User(password=password).get_session_auth_hash()):
        return False
    return not (role and settings.SECOND_FACTOR_REQUIRED) or DEVICE_ID_SESSION_KEY in session


def address(user: User, organization: Current) -> str:
    """Return the URL that a page polls, without `since`."""
    return f"{reverse('poll')}?user={user.pk}&organization={organization.token}"
