"""How a delivery reaches its receiver: over HTTP as axios would, or handed to a function in tests."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests

AXIOS_HEADERS = {
    "accept": "application/json, text/plain, */*",
    "content-type": "application/json",
    "user-agent": "axios/0.21.4",  # captured 2025-10
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt: a status, or the reason there is none (in axios' words)."""

    status_code: int | None = None
    error: str | None = None

    @property
    def success(self) -> bool:
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def error_message(self) -> str | None:
        if self.success:
            return None
        return self.error or f"Request failed with status code {self.status_code}"


Transport = Callable[[str, bytes, Mapping[str, str], float], Outcome]
"""(url, body, headers, timeout in seconds) -> Outcome. Must not raise."""


class HttpTransport:
    """POST over a kept-open connection, one session a thread. Redirects are not followed: a 3xx is a failure.

    The receiver's proxy settings do not matter here (``trust_env``), and no answer body is read beyond 64 kB.
    """

    def __init__(self) -> None:
        self._local = threading.local()

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Outcome:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
            session.headers.clear()
        try:
            with session.post(
                url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False, stream=True
            ) as answer:
                answer.raw.read(65_536, decode_content=False)
                return Outcome(status_code=answer.status_code)
        except requests.Timeout:
            return Outcome(error=f"timeout of {round(timeout * 1000)}ms exceeded")
        except requests.ConnectionError as error:
            refused = "refused" in str(error).lower()
            return Outcome(error=f"connect ECONNREFUSED {url}" if refused else "socket hang up")
        except (requests.RequestException, ValueError, OSError) as error:  # ValueError: headers that cannot be sent
            return Outcome(error=f"{type(error).__name__}: {error}")


def handing_to(receive: Callable[[str, bytes, Mapping[str, str]], int]) -> Transport:
    """A transport for tests: ``receive(url, body, headers)`` answers with the status code, without any network."""

    def transport(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Outcome:
        return Outcome(status_code=receive(url, body, headers))

    return transport
