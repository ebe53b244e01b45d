"""Generate the OpenAPI document from the views' parameters, shapes, bodies and docstrings."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from salesbrain.api.parameters import Choices
from salesbrain.api.request_bodies import Body
from salesbrain.api.responses import NOTHING, Accepted, Listed, Made, Streamed

ERRORS: dict[int, str] = {
    400: "A parameter or the body is wrong; `errors` names what and why.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token's user may not do this.",
    404: "Nothing is there under that id, or it is not yours: the same answer for both.",
    409: "It contradicts something else: `detail` says what.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    429: "Too many requests; `Retry-After` says in how many seconds to come back.",
    500: "Something broke on our side; `request_id` names the log line.",
    502: "The provider did not do what it was asked; `detail` says what it answered.",
    503: "The database did not answer in time; `Retry-After` says when to come back.",
}
ALWAYS = (400, 401, 403, 404, 429, 500, 503)
WITH_BODY = (413, 415)
ERROR_SCHEMA = {
    "type": "object",
    "description": "Every answer of 400 and above.",
    "required": ["success", "detail", "code", "errors"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "detail": {"type": "string", "description": "A sentence for people: what happened and what to do."},
        "code": {"type": "string", "description": "A word for programs; it does not change."},
        "errors": {
            "type": "object",
            "description": "By parameter or field what is wrong with it.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "newer": {
            "type": "object",
            "description": "With `newer_mail`: what whoever sent a reply had not seen. Send it again with this `version` and `anyway`.",
            "required": ["kind", "who", "at", "excerpt", "version", "message_id"],
            "properties": {
                "kind": {"type": "string", "enum": ["mail", "reply", "on_the_way", "change"]},
                "who": {"type": "string", "description": "Who wrote, replied, or changed the conversation."},
                "at": {"type": "string", "format": "date-time"},
                "excerpt": {"type": "string"},
                "version": {"type": "integer", "description": "The conversation's now."},
                "message_id": {"type": "string", "description": "The email; empty: none yet."},
            },
        },
        "request_id": {"type": "string", "description": "With 500 and above: the X-Request-ID of this answer."},
    },
}
REQUEST_ID = {"X-Request-ID": {"description": "Names this request in our log.", "schema": {"type": "string"}}}
CACHING = {
    "ETag": {"description": "Send it back as If-None-Match: 304 when nothing changed.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "`private, no-store` where data is about people.", "schema": {"type": "string"}},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A random text of yours, kept for a day: the same request sent again with it happens once and gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
LINK = {"type": ["string", "null"], "format": "uri"}
BESIDE = {
    "count": {"type": "integer", "minimum": 0, "description": "How many there are in all, with these filters."},
    "count_is_exact": {
        "type": "boolean", "const": False, "description": "Present when there are more than 10,000 and `count` is where counting stopped.",
    },
    "limit": {"type": "integer", "minimum": 1, "maximum": 500},
    "offset": {"type": "integer", "minimum": 0, "description": "Absent when paged by cursor."},
    "next": {**LINK, "description": "Address of the next page."},
    "previous": {**LINK, "description": "Address of the page before."},
}  # fmt: skip
REQUIRED_BESIDE = ["count", "limit", "next", "previous"]
PATH_PARAMETER = re.compile(r"{(\w+)}")
EXAMPLES_FILE = Path(__file__).with_name("examples.json")
EXAMPLES: Mapping[str, Mapping[str, Any]] = orjson.loads(EXAMPLES_FILE.read_bytes())
"""Recorded responses by operation, their request bodies, and errors by status (written by tests/acceptance/recorded.py)."""


class Schema(AutoSchema):
    """DEFAULT_SCHEMA_CLASS: describes operations by the views' tables instead of spectacular's guesses."""

    view: Any

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        self.registry, self.path, self.path_regex, self.path_prefix, self.method = (
            registry,
            path,
            path_regex,
            path_prefix,
            method.upper(),
        )
        action: str = getattr(self.view, "action", None) or ""
        if self.is_excluded() or action not in getattr(self.view, "shapes", {}):
            return None
        summary, _, description = (getattr(type(self.view), action).__doc__ or "").strip().partition("\n")
        operation: dict[str, Any] = {
            "operationId": self._operation_id(action),
            "summary": summary.rstrip("."),
            "description": re.sub(r"[ \t]*\n[ \t]*", "\n", description.strip()),
            "tags": [self._tag()],
            "parameters": self._path_parameters() + self._query_parameters(action) + self._header_parameters(action),
            "security": [{"bearerToken": []}, *([{}] if action in self.view.without_token else [])],
            "responses": self._responses(action),
        }
        body = self._body(action)
        if body is not None:
            operation["requestBody"] = body
        return {key: value for key, value in operation.items() if value not in ("", [])}

    def _operation_id(self, action: str) -> str:
        return (
            f"{self.view.basename}_{action}"
            if getattr(self.view, "basename", None)
            else f"{type(self.view).__name__}_{action}"
        )

    def _tag(self) -> str:
        return "Staff" if self.view.staff_only else getattr(self.view, "tag", "Customers")

    def _path_parameters(self) -> list[dict[str, Any]]:
        kinds = getattr(self.view, "path_parameters", {})
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": kinds.get(name, {"type": "string", "format": "uuid"}),
            }
            for name in PATH_PARAMETER.findall(self.path)
        ]

    def _query_parameters(self, action: str) -> list[dict[str, Any]]:
        parameters = self.view.parameters.get(action)
        return [_query_parameter(name, field) for name, field in parameters.documented().items()] if parameters else []

    def _header_parameters(self, action: str) -> list[dict[str, Any]]:
        if action in getattr(self.view, "idempotent", ()):
            return [IDEMPOTENCY]
        if self.method != "GET":
            return []
        return [
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "The ETag of the answer you have.",
                "schema": {"type": "string"},
            }
        ]

    def _body(self, action: str) -> dict[str, Any] | None:
        serializer = self.view.bodies.get(action)
        if serializer is None:
            return None
        content = {"application/json": {"schema": self.resolve_serializer(serializer, "request").ref}}
        self._add_example(content, "bodies")
        return {"required": True, "content": content}

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """Mark every field of a response as required, because rows are returned complete."""
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "response":
            schema["required"] = [
                name for name in schema["properties"]
                if isinstance(serializer, serializers.ModelSerializer) or self._always(serializer.fields[name])
            ]  # fmt: skip
            schema["properties"] = {name: _cleaned(field) for name, field in schema["properties"].items()}
        elif isinstance(serializer, Body):
            schema |= {"additionalProperties": False, **serializer.openapi}
            for field in schema["properties"].values():
                text = field.get("items", field)
                if text.get("type") == "string" and "format" not in text:
                    text["pattern"] = r"^[^\x00]*$"  # PostgreSQL cannot keep it
        return schema

    def _always(self, field: serializers.Field) -> bool:
        return field.required or field.read_only

    # --- answers --------------------------------------------------------------------------------------------------

    def _responses(self, action: str) -> dict[str, Any]:
        shape = self.view.shapes[action]
        status, content, headers = self._success(shape)
        answers: dict[str, Any] = {status: {"description": "It worked.", "headers": {**REQUEST_ID, **headers}}}
        if content:
            answers[status]["content"] = content
            self._add_example(content, "answers")
        if self.method == "GET" and not isinstance(shape, Streamed):
            answers["304"] = {
                "description": "Nothing changed since the answer that If-None-Match names.",
                "headers": dict(REQUEST_ID),
            }
        self._register_error()
        body = WITH_BODY if action in self.view.bodies else ()
        too = getattr(self.view, "answers_too", ())
        too = too.get(action, ()) if isinstance(too, Mapping) else too
        for code in sorted({*ALWAYS, *body, *too}):
            answers[str(code)] = {
                "description": ERRORS[code],
                "headers": {**REQUEST_ID, **_headers_of(code)},
                "content": {"application/json": _error(code)},
            }
        return answers

    def _add_example(self, content: dict[str, Any], kind: str) -> None:
        example = EXAMPLES[kind].get(self._operation_id(self.view.action))
        if example is not None:
            next(iter(content.values()))["example"] = example

    def _success(self, shape: Any) -> tuple[str, dict[str, Any] | None, dict[str, Any]]:
        if shape is NOTHING:
            return "204", None, {}
        if isinstance(shape, Streamed):
            return "200", {kind: {"schema": {"type": "string"}} for kind in shape.media_types}, {}
        if isinstance(shape, Made):
            return "201", _envelope(self._component(shape.serializer)), {}
        if isinstance(shape, Accepted):
            return "202", _envelope(self._component(shape.serializer)), {}
        if isinstance(shape, Listed):
            rows = {"type": "array", "items": self._component(shape.serializer)}
            data = {
                "type": "object",
                "required": [shape.name, *shape.extra],
                "properties": {shape.name: rows, **shape.extra},
            }
            beside = BESIDE if shape.beside is None else shape.beside
            required = REQUIRED_BESIDE if shape.beside is None else list(shape.beside)
            return "200", _envelope(data, beside, required), CACHING
        return "200", _envelope(self._component(shape)), CACHING if self.method == "GET" else {}

    def _component(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        return self.resolve_serializer(serializer, "response").ref

    def _register_error(self) -> None:
        from drf_spectacular.plumbing import ResolvedComponent

        self.registry.register_on_missing(
            ResolvedComponent(name="Error", type=ResolvedComponent.SCHEMA, schema=ERROR_SCHEMA, object="Error")
        )


def _cleaned(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema without keywords that apply to writing only: bounds of a column, `readOnly`, spectacular's own keys."""
    noise = {"readOnly", "x-spec-enum-id", "default"}
    if field.get("maximum", 0) >= 2**31 - 1:
        noise |= {"minimum", "maximum"}
    return {name: value for name, value in field.items() if name not in noise}


def _error(code: int) -> dict[str, Any]:
    """Return the schema of an error of this status: the common form and its code."""
    media_type: dict[str, Any] = {"schema": {"$ref": "#/components/schemas/Error"}}
    if str(code) in EXAMPLES["errors"]:
        media_type["examples"] = {"error": {"$ref": f"#/components/examples/Error{code}"}}
    return media_type


def _headers_of(code: int) -> dict[str, Any]:
    if code == 401:
        return {"WWW-Authenticate": {"schema": {"type": "string", "const": "Bearer"}}}
    if code in (429, 503):  # a 502 says when to come back only where the provider did
        return {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return {}


def _envelope(
    data: Mapping[str, Any], beside: Mapping[str, Any] | None = None, required: list[str] | None = None
) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["success", "data", *(required or [])],
        "properties": {"success": {"type": "boolean", "const": True}, "data": data, **(beside or {})},
    }
    return {"application/json": {"schema": schema}}


def _query_parameter(name: str, field: Any) -> dict[str, Any]:
    schema = dict(field.openapi)
    if isinstance(field.default, str | int) and not isinstance(field.default, type):
        schema["default"] = field.default
    parameter: dict[str, Any] = {"name": name, "in": "query", "required": bool(field.required), "schema": schema}
    if field.help_text:
        parameter["description"] = str(field.help_text)
    if isinstance(field, Choices):
        parameter.update(style="form", explode=False)
    if schema.get("minLength") == 0:
        parameter["allowEmptyValue"] = True
    return parameter


def finish(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add authentication and the server to the document (SPECTACULAR_SETTINGS POSTPROCESSING_HOOKS); the server is the one that the
    document was loaded from.
    """
    components = result.setdefault("components", {})
    components["examples"] = {f"Error{code}": {"value": body} for code, body in EXAMPLES["errors"].items()}
    components["securitySchemes"] = {
        "bearerToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer sb_…`; see POST /api/auth/tokens.",
        }
    }
    return result
