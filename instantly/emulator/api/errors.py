"""Constructors of the error responses that the emulated API gives."""

from ..wire import Refusal


def bad_request(message: str) -> Refusal:
    return Refusal(400, message)


def not_found(message: str = "Resource not found") -> Refusal:
    return Refusal(404, message)


def message_only(message: str) -> Refusal:
    """Return the analytics endpoints' error response: 400 with ``{"message"}``, without the usual envelope."""
    return Refusal(400, message, body={"message": message})
