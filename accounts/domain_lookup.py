"""Check of a domain's SPF, DKIM and DMARC records in DNS, bounded in time and length.

Only `ask_dns` uses the network; it is called by a job that somebody requested, never by a page. Tests pass another function.
"""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

import dns.exception
import dns.rdatatype
import dns.resolver

from accounts.choices import MailProvider
from accounts.domain_records import MOST_RECORDS, Check, NoAnswer, State, cleaned, dkim, dmarc, spf

Ask = Callable[[str], Sequence[str]]
"""Return the TXT records of a name, [] where it has none. Raises NoAnswer."""

SECONDS_PER_NAME, SECONDS = 3.0, 20.0
"""Longest wait for one name, and for all of them."""
MOST_PARENTS = 4
"""Number of parent domains that are queried for DMARC."""
COMMON = ("default", "dkim", "mail", "s1", "s2", "k1", "k2", "selector1", "selector2", "google")
SELECTORS: Mapping[str, tuple[str, ...]] = {
    MailProvider.GOOGLE: ("google", "20230601"),
    MailProvider.MICROSOFT: ("selector1", "selector2"),
}
"""Default DKIM selectors of mail providers, from Google's and Microsoft's own instructions."""


def selectors_of(mail_provider: str) -> tuple[str, ...]:
    """Return the selectors to try, those of the provider first."""
    return tuple(dict.fromkeys((*SELECTORS.get(mail_provider, ()), *COMMON)))


def check_domain(
    domain: str, selectors: Sequence[str], *, ask: Ask, clock: Callable[[], float] = monotonic
) -> list[Check]:
    """Return the checks of SPF, DKIM and DMARC, in this order. Where DNS did not answer in time, the state is `no_answer`."""
    due = clock() + SECONDS

    def bounded(name: str) -> Sequence[str]:
        if clock() >= due:
            raise NoAnswer(f"{SECONDS:g} s are over")
        return cleaned(ask(name))

    return [_spf(domain, bounded), _dmarc_or_none(domain, bounded), _dkim(domain, selectors, bounded)]


def _spf(domain: str, ask: Ask) -> Check:
    try:
        return spf(domain, ask(domain))
    except NoAnswer:
        return Check("spf", State.NO_ANSWER, "no_answer", domain)


def _dkim(domain: str, selectors: Sequence[str], ask: Ask) -> Check:
    found, unanswered = {}, []
    for selector in selectors:
        try:
            found[selector] = ask(f"{selector}._domainkey.{domain}")
        except NoAnswer:
            unanswered.append(selector)
            continue
        told = dkim(domain, selectors, {selector: found[selector]}, [])
        if told.state == State.GOOD:
            return told
    return dkim(domain, selectors, found, unanswered)


def _dmarc_or_none(domain: str, ask: Ask) -> Check:
    """Query DMARC at the domain, then at its parent domains down to two labels; the first record found counts."""
    labels = domain.split(".")
    places = [".".join(labels[start:]) for start in range(max(1, len(labels) - 1))]
    for place in places[: 1 + MOST_PARENTS]:
        try:
            found = dmarc(domain, place, ask(f"_dmarc.{place}"))
        except NoAnswer:
            return Check("dmarc", State.NO_ANSWER, "no_answer", place)
        if found is not None:
            return found
    return Check("dmarc", State.FAILING, "missing", domain)


def ask_dns(name: str) -> Sequence[str]:
    """Return the TXT records of a name from this machine's resolver. Raises NoAnswer, also for a name that DNS cannot hold."""
    try:
        answer = dns.resolver.Resolver().resolve(name, dns.rdatatype.TXT, lifetime=SECONDS_PER_NAME, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as error:
        raise NoAnswer(type(error).__name__) from error
    records = list(answer.rrset or ())[:MOST_RECORDS]
    return [b"".join(record.strings).decode("utf-8", "replace") for record in records]
