"""Strict JSON parser of API request bodies: one object, no NaN, no lone surrogates."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class StrictJSON(BaseParser):
    """JSON parser by the standard: no NaN, no lone surrogates (PostgreSQL cannot store them), one object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        # `body` refuses what is larger than DATA_UPLOAD_MAX_MEMORY_SIZE before it is read; `read` takes anything.
        given = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            data = orjson.loads(given)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("The body is not JSON: %(error)s.") % {"error": error}) from error
        if not isinstance(data, dict):
            raise ParseError(_("The body must be one JSON object, {…}."))
        return data
