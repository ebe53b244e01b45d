"""Map the Instantly client's exceptions to API responses: the error's sentence, a status and a code."""

from collections.abc import Callable
from typing import NamedTuple

from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from instantly.client import errors
from instantly.connections.services import ConnectionUnusable
from salesbrain.api.exceptions import handle
from salesbrain.api.idempotency import Conflict
from salesbrain.kernel.messages import shown


class Problem(NamedTuple):
    status: int
    code: str


PROBLEMS: dict[type[errors.InstantlyError], Problem] = {
    errors.BadRequest: Problem(400, "provider_refused"),
    errors.PayloadTooLarge: Problem(400, "provider_refused"),
    errors.NotFound: Problem(409, "gone_at_provider"),
    errors.Conflict: Problem(409, "provider_conflict"),
    errors.InvalidKey: Problem(502, "provider_key_refused"),
    errors.Forbidden: Problem(502, "provider_key_refused"),
    errors.WrongWorkspace: Problem(502, "provider_key_refused"),
    errors.PaymentRequired: Problem(502, "provider_unpaid"),
    errors.RateLimited: Problem(429, "provider_rate"),
    errors.BudgetExhausted: Problem(429, "provider_rate"),
}
"""API response by type of the client's error; any other error is a failure of the provider or the network."""
FAILED = Problem(502, "provider_failed")
UNKNOWN = Problem(502, "outcome_unknown")


class ProviderProblem(APIException):
    """Error response: Instantly refused or failed, or the outcome is unknown."""

    def __init__(self, error: errors.InstantlyError) -> None:
        said = next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), FAILED)
        self.status_code, code = UNKNOWN if error.uncertain else said
        if self.status_code == 429 or error.retry_after is not None:
            self.wait = error.retry_after or 60
        super().__init__(shown(error), code)


def with_provider_errors(request: Request, work: Callable[[], Response]) -> Response:
    """Call `work`; turn errors of Instantly into API error responses.

    An unknown outcome is returned, not raised, so that it is stored under the request's Idempotency-Key: a client that repeats the request
    gets the same answer, and the write is not carried out twice.
    """
    try:
        return work()
    except ConnectionUnusable as error:
        raise Conflict(shown(error), code="connection_unusable") from error
    except errors.InstantlyError as error:
        problem = ProviderProblem(error)
        if not error.uncertain:
            raise problem from error
        response = handle(problem, {"request": request})
        response.exception = True
        return response
