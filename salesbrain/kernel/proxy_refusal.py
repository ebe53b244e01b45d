"""Refusal of https requests through an unknown proxy, in place of a redirect that never ends."""

import logging
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .rate_window import FixedWindow
from .trusted_proxies import UNBELIEVED, client_address

logger = logging.getLogger(__name__)
SENTENCE = (
    "This request came over https to a proxy that Salesbrain was not told to believe; a redirect to https would never end. "
    "Operators find the proxy's address in the log; it belongs into TRUSTED_PROXIES.\n"
)


class ProxyRefusal:
    """Answer 400 with a sentence where the redirect to https would lead back to the same request, and log the proxy's address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.reported = FixedWindow(60.0)  # strangers may say the same, and must not fill the log
        self.exempt = [re.compile(pattern) for pattern in settings.SECURE_REDIRECT_EXEMPT]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            not settings.SECURE_SSL_REDIRECT
            or not request.META.get(UNBELIEVED)
            or request.is_secure()
            or self._is_exempt(request)
        ):
            return self.get_response(request)
        address = client_address(request)
        if not self.reported.hit(address, 1):
            logger.error(
                "TRUSTED_PROXIES does not name %s, which says that a client came over https. Add it and restart.",
                address,
            )
        return HttpResponse(SENTENCE, status=400, content_type="text/plain; charset=utf-8")

    def _is_exempt(self, request: HttpRequest) -> bool:
        return any(pattern.search(request.path.lstrip("/")) for pattern in self.exempt)
