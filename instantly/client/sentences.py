"""Error messages of the Instantly client as a table: key to English sentence.

Errors keep the key and its parameters, so that the caller can translate the message.
"""

from collections.abc import Mapping
from typing import Any


def gettext_noop(text: str) -> str:
    """Mark a text for translation. The client does not use Django; its callers translate."""
    return text


UNCERTAIN = "provider.uncertain"
SENTENCES: Mapping[str, str] = {
    "provider.bad_request": gettext_noop(
        "Instantly refused the data of %(call)s%(said)s; correct what it names and send it again."
    ),
    "provider.invalid_key": gettext_noop(
        "Instantly does not accept the API key for %(call)s%(said)s; make a new v2 key in Instantly under Settings > Integrations > API "
        "Keys and store it in the connection."
    ),
    "provider.unpaid": gettext_noop(
        "Instantly wants a paid plan for %(call)s%(said)s; renew the workspace's plan, then try again."
    ),
    "provider.forbidden": gettext_noop(
        "Instantly forbids %(call)s%(said)s; give the API key %(scope)s, and check that the workspace's plan includes this."
    ),
    "provider.not_found": gettext_noop(
        "Instantly does not know what %(call)s asks for%(said)s; check the id, and that the object belongs to the workspace of this key."
    ),
    "provider.conflict": gettext_noop(
        "Instantly reports a conflict for %(call)s%(said)s; look at the present state there and decide anew."
    ),
    "provider.too_large": gettext_noop("Instantly finds %(call)s too large%(said)s; ask or send in smaller parts."),
    "provider.rate_limited": gettext_noop(
        "Instantly limits the rate and refused %(call)s%(said)s; wait %(pause)s and try again."
    ),
    "provider.failed": gettext_noop("Instantly failed on %(call)s with status %(status)s%(said)s; %(advice)s."),
    "provider.unexpected_status": gettext_noop(
        "Instantly answered %(call)s with status %(status)s, which its API does not document%(said)s; check the base URL, and whether "
        "the API has changed."
    ),
    "provider.redirected": gettext_noop(
        "%(call)s: Instantly redirects to %(host)s (status %(status)s), which is not followed, because the API key is for one host only; "
        "correct the base URL."
    ),
    "provider.elsewhere": gettext_noop("elsewhere"),
    "provider.the_scope": gettext_noop("the scope %(scope)s"),
    "provider.some_scope": gettext_noop("the scope this needs"),
    "provider.seconds": gettext_noop("%(seconds)s seconds"),
    "provider.a_minute": gettext_noop("a minute"),
    UNCERTAIN: gettext_noop(
        "it is not known whether it was carried out, so look at it in Instantly before you repeat it"
    ),
    "provider.no_answer": gettext_noop("%(call)s: %(what)s; %(advice)s."),
    # what kept an answer from arriving
    "fault.certificate": gettext_noop("the TLS certificate of the host could not be verified"),
    "fault.name": gettext_noop("the name of the host could not be resolved"),
    "fault.refused": gettext_noop("the host refused the connection"),
    "fault.no_connection": gettext_noop("no connection to the host could be made"),
    "fault.connect_timeout": gettext_noop("the host did not accept a connection in time"),
    "fault.proxy": gettext_noop("the proxy did not connect us"),
    "fault.tls": gettext_noop("the TLS connection failed"),
    "fault.read_timeout": gettext_noop("the answer did not arrive in time"),
    "fault.broken_off": gettext_noop("the answer broke off in the middle"),
    "fault.cut": gettext_noop("the other side cut the connection"),
    "fault.compression": gettext_noop("the answer is badly compressed"),
    "fault.no_http": gettext_noop("what came back is not HTTP"),
    "fault.connection": gettext_noop("the connection failed"),
    "fault.incomplete": gettext_noop("the answer was not complete within the %(seconds)s s a call has"),
    "fault.waited": gettext_noop("the %(seconds)s s a call has went by in waiting for a turn"),
    "fault.run_over": gettext_noop("the time given for this run is over"),
    "fault.answer_too_large": gettext_noop("the answer is larger than the %(kib)s KiB we accept"),
    "fault.no_json": gettext_noop("the answer is %(kind)s instead of JSON"),
    "fault.bad_json": gettext_noop("the answer is not valid JSON (%(reason)s)"),
    "fault.shape": gettext_noop("the answer does not fit (%(reasons)s)"),
    "fault.no_count": gettext_noop("the answer has no count"),
    "fault.no_items": gettext_noop("the answer has no list of items"),
    "fault.cursor": gettext_noop("the cursor of the next page is a %(kind)s instead of text"),
    "fault.circle": gettext_noop("a cursor came a second time, so the pages go round in a circle"),
    "fault.pages": gettext_noop("there are more than %(pages)s pages"),
    # what to do about it
    "advice.later": gettext_noop("try again in a few minutes"),
    "advice.network": gettext_noop("check this machine's network and Instantly's status page, then try again"),
    "advice.certificate": gettext_noop("check the base URL, this machine's clock and its certificates"),
    "advice.proxy": gettext_noop("try again later, and look for a proxy in between"),
    "advice.base_url": gettext_noop("check the base URL, look for a proxy in between, and try again later"),
    "advice.again": gettext_noop("start it again later, or give it more time"),
    "advice.less": gettext_noop("ask for less at a time, or raise max_body"),
    "advice.changed": gettext_noop("try again later, and check whether the API has changed"),
    "advice.report": gettext_noop("check whether the API has changed, and report it"),
    "advice.nothing_taken": gettext_noop(
        "nothing was taken from it; try again later, and check whether the API has changed"
    ),
    "advice.narrow": gettext_noop(
        "narrow the list with a filter, and report it to Instantly's support if it stays so"
    ),
    # what we refuse ourselves
    "provider.budget": gettext_noop(
        "The budget of %(limit)s requests per %(seconds)s s for %(kind)s calls is used up for the next %(wait)s s; try again then, or "
        "raise INSTANTLY_REQUESTS_PER_SECOND or INSTANTLY_EMAIL_LISTS_PER_MINUTE."
    ),
    "provider.wrong_workspace": gettext_noop(
        "The API key opens the workspace %(opened)s, but this connection is pinned to %(pinned)s; store a key of that workspace, or make "
        "a new connection for the other one."
    ),
}  # fmt: skip


class Sentence(str):
    """A sentence in English that knows its key and its parameters, which may be sentences too."""

    __slots__ = ("key", "parameters")
    key: str
    parameters: Mapping[str, Any]

    def __new__(cls, key: str, parameters: Mapping[str, Any]) -> "Sentence":
        self = super().__new__(cls, SENTENCES[key] % parameters)
        self.key, self.parameters = key, parameters
        return self

    def __str__(self) -> str:
        return self  # str() keeps what it knows

    def __getnewargs__(self) -> tuple[str, Mapping[str, Any]]:
        return self.key, self.parameters


def sentence(key: str, **parameters: Any) -> Sentence:
    """Return a sentence of SENTENCES; parameters are texts, numbers or sentences."""
    return Sentence(key, parameters)
