"""Transports of emulated deliveries: HTTP as axios sends it, or a function call in tests."""

import threading
from collections.abc import Callable, Mapping

import requests

from ..wire import DeliveryResult, Transport

AXIOS_HEADERS = {
    "accept": "application/json, text/plain, */*",
    "content-type": "application/json",
    "user-agent": "axios/0.21.4",  # captured 2025-10
}


class HttpTransport:
    """POST over a kept-alive connection, one session per thread. Redirects are not followed: a 3xx is a failure.

    Proxy settings of the environment are ignored (``trust_env``); at most 64 kB of the response body are read.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> DeliveryResult:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
            session.headers.clear()
        try:
            with session.post(
                url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                response.raw.read(65_536, decode_content=False)
                return DeliveryResult(status_code=response.status_code)
        except requests.Timeout:
            return DeliveryResult(error=f"timeout of {round(timeout * 1000)}ms exceeded")
        except requests.ConnectionError as error:
            refused = "refused" in str(error).lower()
            return DeliveryResult(error=f"connect ECONNREFUSED {url}" if refused else "socket hang up")
        except (requests.RequestException, ValueError, OSError) as error:  # ValueError: headers that cannot be sent
            return DeliveryResult(error=f"{type(error).__name__}: {error}")


def in_process_transport(receive: Callable[[str, bytes, Mapping[str, str]], int]) -> Transport:
    """A transport without any network: ``receive(url, body, headers)`` returns the status code."""

    def transport(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> DeliveryResult:
        return DeliveryResult(status_code=receive(url, body, headers))

    return transport
