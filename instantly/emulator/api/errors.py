"""Refusals in the service's shape, Fastify's ``{"statusCode", "error", "message"}``, and the documented odd ones."""

from typing import Any

NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Payload Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


class Refusal(Exception):
    """An answer other than success. ``body`` replaces the usual envelope where the document shows another one."""

    def __init__(
        self, status: int, message: str, *, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.body = body or {"statusCode": status, "error": NAMES.get(status, "Error"), "message": message}
        self.headers = headers or {}


def bad_request(message: str) -> Refusal:
    return Refusal(400, message)


def not_found(message: str = "Resource not found") -> Refusal:
    return Refusal(404, message)


def only_message(message: str) -> Refusal:
    """The 400 of the analytics endpoints: ``{"message"}`` alone."""
    return Refusal(400, message, body={"message": message})
