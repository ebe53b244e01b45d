"""Judgement of SPF, DKIM and DMARC records, and their lookup with an injected resolver."""

from collections.abc import Callable, Mapping, Sequence

import dns.name
import dns.resolver
import pytest

from accounts import domain_lookup
from accounts.domain_lookup import ask_dns, check_domain, selectors_of
from accounts.domain_records import LONGEST, MOST_RECORDS, Check, NoAnswer, State, cleaned, dkim, dmarc, spf

KEY = "v=DKIM1; k=rsa; p=MIGfMA0"


@pytest.mark.parametrize(
    ("records", "state", "reason"),
    [
        ([], State.FAILING, "missing"),
        (["google-site-verification=x"], State.FAILING, "missing"),
        (["v=spf10 -all"], State.FAILING, "missing"),
        (["v=spf1 include:_spf.google.com ~all"], State.GOOD, "refuses_others"),
        (["V=SPF1 IP4:192.0.2.1 -ALL"], State.GOOD, "refuses_others"),
        (["v=spf1 redirect=_spf.example.com"], State.GOOD, "redirects"),
        (["v=spf1 mx"], State.WEAK, "says_nothing"),
        (["v=spf1 mx ?all"], State.WEAK, "says_nothing"),
        (["v=spf1 +all"], State.FAILING, "allows_all"),
        (["v=spf1 all"], State.FAILING, "allows_all"),
        (["v=spf1 -all", "v=spf1 mx -all"], State.FAILING, "several"),
        (["v=spf1 " + " ".join(f"include:s{n}.example" for n in range(11)) + " -all"], State.FAILING, "too_many_lookups"),
        (["v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(20)) + " -all"], State.GOOD, "refuses_others"),
    ],
    ids=[
        "none", "another text", "another version", "soft", "capitals", "redirect", "no end", "neutral", "plus all", "all", "two",
        "eleven lookups", "addresses are no lookups",
    ],
)  # fmt: skip
def test_spf_is_judged_by_its_records(records: list[str], state: State, reason: str) -> None:
    told = spf("acme.example", records)
    assert (told.state, told.reason) == (state, reason)


@pytest.mark.parametrize(
    ("record", "state", "reason"),
    [
        ("v=DMARC1; p=reject", State.GOOD, "rejects"),
        ("v=DMARC1;p=quarantine;pct=100", State.GOOD, "quarantines"),
        ("v=DMARC1; p=none; rua=mailto:x@acme.example", State.WEAK, "only_reports"),
        ("v=DMARC1; rua=mailto:x@acme.example", State.FAILING, "no_policy"),
        ("v=DMARC1; p=delete", State.FAILING, "no_policy"),
    ],
    ids=["reject", "quarantine", "none", "without", "unknown"],
)
def test_dmarc_is_judged_by_its_policy(record: str, state: State, reason: str) -> None:
    told = dmarc("acme.example", "acme.example", [record])
    assert told is not None and (told.state, told.reason) == (state, reason)


def test_dmarc_of_a_domain_above_holds_with_its_policy_for_subdomains() -> None:
    told = dmarc("mail.acme.example", "acme.example", ["v=DMARC1; p=reject; sp=none"])
    assert told is not None and told.state == State.WEAK
    assert dmarc("acme.example", "acme.example", ["v=spf1 -all", "V=DMARC12; p=none"]) is None


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"google": [KEY]}, State.GOOD),
        ({"google": ["k=rsa; p=MIGf"]}, State.GOOD),
        ({"google": ["v=DKIM1; p="]}, State.FAILING),
        ({"google": ["v=DKIM1; p="], "s1": [KEY]}, State.GOOD),
        ({"google": ["hello"]}, State.UNSURE),
        ({}, State.UNSURE),
    ],
    ids=["key", "without version", "revoked", "one of two", "no key", "none"],
)
def test_dkim_without_a_key_under_a_usual_selector_is_not_failing(found: Mapping[str, list[str]], state: State) -> None:
    assert dkim("acme.example", ["google", "s1"], found, []).state == state


def test_hostile_records_are_cut_and_cleaned() -> None:
    records = ["v=spf1 \x1b[31m\u202e<script>\0" + "a" * 100_000, *["x"] * 1000]
    made = cleaned(records)
    assert len(made) == MOST_RECORDS and len(made[0]) == LONGEST
    assert not any(character in made[0] for character in "\x1b\0\u202e")
    told = spf("acme.example", made)
    assert told.state == State.WEAK and len(told.record) <= LONGEST


def answers(zone: Mapping[str, Sequence[str] | Exception]) -> Callable[[str], Sequence[str]]:
    asked: list[str] = []

    def ask(name: str) -> Sequence[str]:
        asked.append(name)
        found = zone.get(name, [])
        if isinstance(found, Exception):
            raise found
        return found

    ask.asked = asked  # type: ignore[attr-defined]
    return ask


def states(checks: Sequence[Check]) -> dict[str, State]:
    return {check.kind: check.state for check in checks}


def test_a_domain_in_order_is_good_in_all_three() -> None:
    zone = {
        "mail.acme.example": ["v=spf1 -all"], "_dmarc.acme.example": ["v=DMARC1; p=reject"], "google._domainkey.mail.acme.example": [KEY],
    }  # fmt: skip
    assert states(check_domain("mail.acme.example", ["google"], ask=answers(zone))) == dict.fromkeys(
        ("spf", "dmarc", "dkim"), State.GOOD
    )


def test_no_answer_is_neither_good_nor_failing() -> None:
    silent: dict[str, Exception] = dict.fromkeys(
        ("acme.example", "_dmarc.acme.example", "google._domainkey.acme.example"), NoAnswer("timeout")
    )
    told = states(check_domain("acme.example", ["google"], ask=answers(silent)))
    assert told == dict.fromkeys(("spf", "dmarc", "dkim"), State.NO_ANSWER)


def test_a_key_that_was_found_counts_although_another_selector_did_not_answer() -> None:
    zone: dict[str, Sequence[str] | Exception] = {
        "google._domainkey.acme.example": NoAnswer("timeout"), "s1._domainkey.acme.example": [KEY],
    }  # fmt: skip
    assert states(check_domain("acme.example", ["google", "s1"], ask=answers(zone)))["dkim"] == State.GOOD


def test_a_check_ends_at_its_time_limit_and_names_unanswered_queries() -> None:
    times = iter(range(0, 1000, 8))
    ask = answers({"acme.example": ["v=spf1 -all"]})
    told = states(check_domain("acme.example", [f"s{n}" for n in range(50)], ask=ask, clock=lambda: float(next(times))))
    assert told == {"spf": State.GOOD, "dmarc": State.FAILING, "dkim": State.NO_ANSWER}
    assert len(ask.asked) < 5  # type: ignore[attr-defined]


def test_a_long_name_does_not_ask_for_each_of_its_parents() -> None:
    ask = answers({})
    check_domain(".".join("abcdefghij") + ".example", [], ask=ask)
    assert len([name for name in ask.asked if name.startswith("_dmarc")]) == 5  # type: ignore[attr-defined]


def test_selectors_of_the_mailboxs_provider_come_first() -> None:
    assert selectors_of("microsoft")[:2] == ("selector1", "selector2") and len(selectors_of("unknown")) >= 8


class Resolver:
    """Replacement for dnspython's resolver that raises the given error."""

    error: Exception

    def resolve(self, *args: object, **options: object) -> object:
        assert options["lifetime"] == domain_lookup.SECONDS_PER_NAME
        raise self.error


@pytest.mark.parametrize(
    "error",
    [dns.resolver.NoNameservers(), dns.resolver.LifetimeTimeout(timeout=3, errors=[]), OSError("no network"), dns.name.LabelTooLong()],
    ids=["no server", "timeout", "no network", "no name"],
)  # fmt: skip
def test_a_failed_dns_query_is_no_answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(Resolver, "error", error, raising=False)
    monkeypatch.setattr(dns.resolver, "Resolver", Resolver)
    with pytest.raises(NoAnswer):
        ask_dns("acme.example")


@pytest.mark.parametrize("error", [dns.resolver.NXDOMAIN(), dns.resolver.NoAnswer()], ids=["no name", "no record"])
def test_a_name_without_records_has_none(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(Resolver, "error", error, raising=False)
    monkeypatch.setattr(dns.resolver, "Resolver", Resolver)
    assert ask_dns("acme.example") == []
