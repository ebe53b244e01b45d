"""Latest check of an email account's domain in words: SPF, DKIM and DMARC with record and meaning."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import badge
from accounts.domain_records import State
from accounts.models import EmailAccount
from instantly.admin.object_pages import table
from instantly.choices import ActionState
from instantly.models import StaffAction
from salesbrain.web.figures import moment

KIND = "domain_check"
NAMES: Mapping[str, str] = {"spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC"}
STATES: Mapping[str, tuple[str, Promise | str]] = {
    State.GOOD: ("good", _("In order")),
    State.WEAK: ("warn", _("Weak")),
    State.FAILING: ("bad", _("Failing")),
    State.UNSURE: ("quiet", _("Not found")),
    State.NO_ANSWER: ("warn", _("No answer")),
}
NO_ANSWER = _("DNS did not answer in time for %(place)s. That says nothing about the record: check again.")
REASONS: Mapping[tuple[str, str], Promise | str] = {
    ("spf", "missing"): _("%(place)s has no SPF record, so receivers cannot tell whose servers may send for it."),
    ("spf", "several"): _("%(place)s has several SPF records; receivers then take none of them."),
    ("spf", "too_many_lookups"): _("It needs more than 10 lookups, which receivers treat as an error."),
    ("spf", "refuses_others"): _("Other servers are refused or marked."),
    ("spf", "allows_all"): _("It allows every server to send for this domain."),
    ("spf", "says_nothing"): _("It does not say what holds for other servers: end it with -all or ~all."),
    ("spf", "redirects"): _("It refers to the record of another domain."),
    ("dkim", "key_found"): _("There is a key under the selector %(place)s."),
    ("dkim", "revoked"): _("The key under the selector %(place)s is revoked, and no other was found."),
    ("dkim", "no_known_selector"): _("No key under the usual selectors (%(place)s). DNS cannot list selectors: there may be others."),
    ("dmarc", "missing"): _("Neither %(place)s nor a domain above it has a DMARC record."),
    ("dmarc", "several"): _("%(place)s has several DMARC records; receivers then take none of them."),
    ("dmarc", "rejects"): _("Mails that fail are rejected."),
    ("dmarc", "quarantines"): _("Mails that fail are put into spam."),
    ("dmarc", "only_reports"): _("It only asks for reports: mails that fail are delivered all the same."),
    ("dmarc", "no_policy"): _("Its policy is missing or no valid one."),
    **{(kind, "no_answer"): NO_ANSWER for kind in NAMES},
}  # fmt: skip


def domain_of(account: EmailAccount) -> str:
    return account.address.rpartition("@")[2]


def domain_checks(account: EmailAccount) -> SafeString:
    """Return the latest check of the account's domain, requested for any account of it; or a sentence that it was not checked yet."""
    domain = domain_of(account)
    done = StaffAction.objects.filter(kind=KIND, state=ActionState.DONE, result__domain=domain)
    latest = done.order_by("-finished_at").only("result", "finished_at", "actor_name").first()
    if latest is None or latest.finished_at is None:
        words = gettext("“Check the domain” asks DNS for SPF, DKIM and DMARC of %(domain)s.") % {"domain": domain}
        return format_html("{} {}", badge(_("Not checked"), "quiet"), words)
    said = {"domain": domain, "time": moment(latest.finished_at), "who": latest.actor_name}
    rows = (_row(check) for check in latest.result.get("checks", []))
    checked = gettext("%(domain)s, checked on %(time)s by %(who)s.") % said
    return format_html("<p>{}</p>{}", checked, table([_("check"), _("state"), _("meaning"), _("record")], rows))


def _row(check: Mapping[str, Any]) -> tuple[object, ...]:
    tone, words = STATES.get(check["state"], ("quiet", check["state"]))
    sentence = REASONS.get((check["kind"], check["reason"]), check["reason"])
    record = format_html('<code class="sb-record">{}</code>', check["record"]) if check["record"] else ""
    return (
        NAMES.get(check["kind"], check["kind"]),
        badge(words, tone),
        str(sentence) % {"place": check["place"]},
        record,
    )
