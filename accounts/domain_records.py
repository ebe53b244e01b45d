"""Judgement of a domain's SPF, DKIM and DMARC records: from DNS answers to a state and its reason.

The records are untrusted texts: they are cut and cleaned before anything parses them, and every pattern is linear.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_RECORDS = 50
"""Number of TXT records of a name that are examined."""
LONGEST = 2000
"""Characters of a record that are examined: a DKIM key of 4,096 bits has some 700."""
MOST_LOOKUPS = 10
"""More lookups make SPF a permanent error (https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4)."""
LOOKS_UP = ("include:", "exists:", "redirect=", "a", "mx", "ptr")


class State(StrEnum):
    """State of one check. `unsure`: no record found under the names tried; `no_answer`: DNS did not answer, so nothing is known."""

    GOOD = "good"
    WEAK = "weak"
    FAILING = "failing"
    UNSURE = "unsure"
    NO_ANSWER = "no_answer"


class NoAnswer(Exception):
    """Error: DNS did not answer in time, or answered with a failure. It says nothing about the record."""


@dataclass(frozen=True, slots=True)
class Check:
    """Result of one check: `reason`: key of a sentence on the pages; `place`: the name or the selectors that DNS was asked for."""

    kind: str
    state: State
    reason: str
    place: str = ""
    record: str = ""

    def as_data(self) -> Mapping[str, str]:
        return {
            "kind": self.kind,
            "state": self.state.value,
            "reason": self.reason,
            "place": self.place,
            "record": self.record,
        }


def cleaned(records: Iterable[str]) -> list[str]:
    """Return the records without control characters, limited in number and in length."""
    found: list[str] = []
    for record in records:
        if len(found) == MOST_RECORDS:
            break
        found.append("".join(character if character.isprintable() else "\ufffd" for character in record[:LONGEST]))
    return found


def spf(domain: str, records: Sequence[str]) -> Check:
    """Judge the SPF record (https://www.rfc-editor.org/rfc/rfc7208): there must be exactly one, and it must end by refusing all other
    senders.
    """
    own = [record for record in records if record.lower().split(" ", 1)[0] == "v=spf1"]
    if not own:
        return Check("spf", State.FAILING, "missing", domain)
    if len(own) > 1:
        return Check("spf", State.FAILING, "several", domain, " | ".join(own)[:LONGEST])
    terms = own[0].lower().split()[1:]
    if sum(_looks_up(term) for term in terms) > MOST_LOOKUPS:
        return Check("spf", State.FAILING, "too_many_lookups", domain, own[0])
    state, reason = _end(terms)
    return Check("spf", state, reason, domain, own[0])


def _looks_up(term: str) -> bool:
    bare = term.lstrip("+-~?")
    return any(
        bare.startswith(name) if name[-1] in ":=" else bare == name or bare.startswith((f"{name}:", f"{name}/"))
        for name in LOOKS_UP
    )


def _end(terms: Sequence[str]) -> tuple[State, str]:
    """Return the record's last mechanism (`~all`, `-all` …), which applies to all other senders; or its redirect to another record."""
    for term in terms:
        if term in ("-all", "~all"):
            return State.GOOD, "refuses_others"
        if term in ("all", "+all"):
            return State.FAILING, "allows_all"
        if term == "?all":
            return State.WEAK, "says_nothing"
    return (
        (State.GOOD, "redirects")
        if any(term.startswith("redirect=") for term in terms)
        else (State.WEAK, "says_nothing")
    )


def dkim(domain: str, selectors: Sequence[str], found: Mapping[str, Sequence[str]], unanswered: Sequence[str]) -> Check:
    """Judge DKIM keys by selector (https://www.rfc-editor.org/rfc/rfc6376#section-3.6). DNS cannot list selectors: none under the usual
    ones proves nothing.
    """
    revoked = None
    for selector, records in found.items():
        for record in records:
            tags = _tags(record)
            if "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
                continue
            if tags["p"]:
                return Check("dkim", State.GOOD, "key_found", selector, record)
            revoked = Check("dkim", State.FAILING, "revoked", selector, record)
    if revoked is not None:
        return revoked
    if unanswered:
        return Check("dkim", State.NO_ANSWER, "no_answer", ", ".join(unanswered))
    return Check("dkim", State.UNSURE, "no_known_selector", ", ".join(selectors))


def dmarc(domain: str, place: str, records: Sequence[str]) -> Check | None:
    """Judge the DMARC records of one name (https://www.rfc-editor.org/rfc/rfc7489#section-6.3); None: the name has no record, so its parent
    domain's counts. `domain`: the domain of the sender.
    """
    own = [record for record in records if record.startswith("v=") and _tags(record).get("v") == "DMARC1"]
    if not own:
        return None
    if len(own) > 1:
        return Check("dmarc", State.FAILING, "several", place, " | ".join(own)[:LONGEST])
    tags = _tags(own[0])
    policy = tags.get("p", "").lower()
    if domain != place:
        policy = tags.get("sp", policy).lower()
    states = {"reject": State.GOOD, "quarantine": State.GOOD, "none": State.WEAK}
    reasons = {"reject": "rejects", "quarantine": "quarantines", "none": "only_reports"}
    return Check("dmarc", states.get(policy, State.FAILING), reasons.get(policy, "no_policy"), place, own[0])


def _tags(record: str) -> dict[str, str]:
    """Return the tags of a record ("v=DKIM1; p=…"); of a repeated one the first."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, separator, value = part.partition("=")
        if separator:
            tags.setdefault(name.strip().lower(), value.strip())
    return tags
