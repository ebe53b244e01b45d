"""Client for one Instantly workspace: methods for campaigns, leads, mails, accounts, webhooks."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import requests

from .api_key import Key
from .campaigns import CampaignCalls
from .email_accounts import EmailAccountCalls
from .emails import EmailCalls
from .leads import LeadCalls
from .operations import Operation
from .rate_limit import RateBudget
from .transport import MAX_BODY, Observe, Transport, unobserved
from .webhooks import WebhookCalls
from .workspace import WorkspaceCalls

BASE_URL = "https://api.instantly.ai"
CALL_SECONDS = 30.0


class InstantlyClient(
    WorkspaceCalls, CampaignCalls, EmailAccountCalls, LeadCalls, EmailCalls, WebhookCalls
):  # fmt: skip
    """Instantly's API v2 for one key (and one sub-workspace, if named).

    ``base_url``   without ``/api/v2``. Plain http only to this machine or its private network (the emulator).
    ``workspace``  id of a sub-workspace to act as, with the key of its admin workspace (header ``x-as-workspace``).
    ``budget``     rate limit consulted before every request; a :class:`LocalRateBudget` of its own when left out.
    ``session``    its adapters are used, so a test can mount its own; without one, connections are ours and
                   the deadline holds on every wait. It never switches off TLS verification or follows redirects.
    ``deadline``   seconds one call may take, with its repeats and their pauses. Not counted: name resolution by the system, and the
                   wait for the rate limit of the list of mails (20 requests a minute, so up to 75 s).
    ``max_body``   largest answer in bytes, after decompression.
    ``observe``    called with the operation of each request; the request runs in the context manager it returns.

    Methods that list return a :class:`Listing`, which asks for its pages while it is walked. Times are aware
    datetimes, days UTC.

    Raises ValueError for a key, address or workspace that cannot be right; calls raise InstantlyError. One client
    belongs to one thread at a time. Neither ``repr`` nor any error shows the key, and it is not copied or pickled.
    """

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = BASE_URL,
        workspace: str | None = None,
        budget: RateBudget | None = None,
        session: requests.Session | None = None,
        deadline: float = CALL_SECONDS,
        max_body: int = MAX_BODY,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        observe: Observe = unobserved,
    ) -> None:
        key, problem = Key.read(api_key)
        del api_key  # a traceback from here on does not show it
        if key is None:
            raise ValueError(problem)
        self._transport = Transport(
            key, base_url=base_url, workspace=workspace, budget=budget, session=session, deadline=deadline,
            max_body=max_body, sleep=sleep, clock=clock, observe=observe,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections, unless the session was given from outside."""
        self._transport.close()

    def __repr__(self) -> str:
        transport = getattr(self, "_transport", None)  # None while a refused key is reported
        where = transport.base_url if transport else "unusable"
        acting = f" as {transport.workspace}" if transport and transport.workspace else ""
        return f"<InstantlyClient {where}{acting}>"

    @property
    def requests_sent(self) -> int:
        """Return the number of HTTP requests sent by this client, repeats included."""
        return self._transport.requests_sent

    @contextmanager
    def within(self, *, seconds: float) -> Iterator[Self]:
        """Set a common deadline for all calls inside the block, such as 900 s for a sync::

            with client.within(seconds=900):
                for campaign in client.campaigns(): ...

        Each call keeps its own deadline too. After the deadline the running call, or the next one, raises OutOfTime.
        """
        with self._transport.within(seconds):
            yield self

    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call any operation of ``OPERATIONS`` and return its decoded JSON, for exploring.

        Neither validated nor cleaned: the list of API keys shows the other keys here. Not to be stored.
        """
        return self._transport.call(operation, path=path, query=query, body=body)
