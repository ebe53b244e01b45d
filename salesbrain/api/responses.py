"""Declared response shapes (list, created object, file) that views and OpenAPI schema share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rest_framework import serializers


@dataclass(frozen=True, slots=True)
class Listed:
    """Response of a list: `data` is {name: [rows]}, with count, limit and links beside it. `extra`: more keys of `data`, as JSON schema."""

    name: str
    serializer: type[serializers.Serializer]
    extra: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] | None = None  # instead of count, offset and links


@dataclass(frozen=True, slots=True)
class Made:
    """Response 201 with this serializer as `data`."""

    serializer: type[serializers.Serializer]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Response 202 with this serializer as `data`: a job does the work, and `data` says where to follow it."""

    serializer: type[serializers.Serializer]


NOTHING = object()
"""Declared response 204 without a body."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """Response with a file instead of the envelope, by media type."""

    media_types: tuple[str, ...]
