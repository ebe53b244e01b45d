"""Emulated email verification; the result depends only on the address."""

from ..state.identifiers import stable_number
from ..state.tables import Row
from .errors import not_found
from .routing import Call, Route
from .validation import EMAIL, obj, text

CREDITS = 100


def create(call: Call) -> Row:
    email = call.body["email"]
    valid = bool(EMAIL.match(email)) and stable_number(20, email.lower()) > 0
    row = {
        "email": email,
        "status": "success",
        "verification_status": "verified" if valid else "invalid",
        "catch_all": False,
        "credits": CREDITS,
        "credits_used": 0.25,
    }
    if email in call.workspace.verifications:
        call.workspace.verifications.remove(email)
    return call.workspace.verifications.add(row)


def get(call: Call) -> Row:
    row = call.workspace.verifications.get(call.params["email"])
    if row is None:
        raise not_found()
    return row


CREATE = obj({"email": text(required=True), "webhook_url": text()})
ROUTES = (
    Route("POST", "/email-verification", "email_verifications:create", create, body=CREATE, body_required=True),
    Route("GET", "/email-verification/{email}", "email_verifications:read", get),
)
