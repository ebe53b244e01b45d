"""Lint row-level security of the embedded database with pgrls: `python .ci/rls_lint.py`.

Every finding must be accepted by an entry of ALLOWED that gives the reason, and every entry must still match a finding.
"""

import fnmatch
import json
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

STAFF = "the role decides (TO sb_staff, sb_owner), the variable only how much: ARCHITECTURE.md 7, RLS.md 'Policies'"
DEFINER = "TO sb_definer only: no login, column grants, owner of functions that read the organization from the scope"
NOT_A_TENANTS = "belongs to no organization; sb_app needs it before any scope exists (login, tokens, second factor)"
DJANGOS = "Django's own bookkeeping, without an organization's data"

# (rule, what it was found on, why it is right)
ALLOWED = (
    ("SEC001", "public.accounts_user", NOT_A_TENANTS),
    ("SEC001", "public.accounts_authenticator", NOT_A_TENANTS),
    ("SEC001", "public.knox_authtoken", NOT_A_TENANTS),
    ("SEC001", "public.accounts_tokenaccess", NOT_A_TENANTS),
    ("SEC001", "public.django_session", NOT_A_TENANTS),
    ("SEC001", "public.otp_*", NOT_A_TENANTS),
    ("SEC001", "public.axes_*", NOT_A_TENANTS),
    ("SEC001", "public.procrastinate_*", NOT_A_TENANTS),
    ("SEC001", "public.auth_*", DJANGOS),
    ("SEC001", "public.django_admin_log", DJANGOS),
    ("SEC001", "public.django_content_type", DJANGOS),
    ("SEC001", "public.django_migrations", DJANGOS),
    (
        "SEC001",
        "public.api_idempotency",
        "keyed by user and request, asked before the scope; holds digests and answers",
    ),
    ("SEC001", "public.read_position", "log positions by user, asked before the scope"),
    ("SEC001", "public.api_throttle", "counters by user or address, asked before the scope"),
    ("SEC001", "public.security_event_count", "how often something was refused, of nobody in particular"),
    ("SEC005", "*.sb_staff_*", STAFF),
    ("SEC005", "*.sb_definer_*", DEFINER),
    ("SEC007", "*", "each role has one policy a command, so there is no OR to put a floor under"),
    ("SEC008", "*.sb_definer_select", DEFINER),
    (
        "SEC013",
        "public.accounts_emailaccount.email_account_digest",
        "SECURITY INVOKER; empties a column of the same row",
    ),
    ("SEC013", "public.campaigns_campaign.campaign_digest", "SECURITY INVOKER; empties a column of the same row"),
    ("SEC013", "public.messaging_contact.contact_renamed", "SECURITY INVOKER; notes an id of the same row"),
    (
        "SEC013",
        "public.messaging_contact.contact_searchable",
        "SECURITY INVOKER; writes the search row of the same contact",
    ),
    (
        "SEC013",
        "public.messaging_dailystats.daily_stats_*",
        "SECURITY INVOKER; notes organization and day of the same rows",
    ),
    (
        "SEC013",
        "public.campaigns_campaign.campaign_tracking",
        "SECURITY INVOKER; notes the organization of the same row",
    ),
    ("SEC013", "public.messaging_message.message_of_another_contact", "SECURITY INVOKER; notes an id of the same row"),
    (
        "SEC014",
        "public.accept_delivery",
        "inserts a delivery and answers its id; the secret's digest picks the connection",
    ),
    (
        "SEC014",
        "public.api_caller",
        "answers whoever holds a token's digest whose it is; tests/salesbrain/api/test_identity.py tries less than that",
    ),
    (
        "SEC014",
        "public.web_poll",
        "answers whoever knows a session's key and whose it is where the event feed stands; tests/messaging/web/test_poll.py tries less",
    ),
    (
        "SEC014",
        "public.accept_deliveries",
        "inserts deliveries and answers their ids; the secret's digest picks the connection",
    ),
    (
        "SEC014",
        "public.sb_forget_*",
        "remove old audit and access entries, answer how many; tests/accounts/test_retention.py tries everything else",
    ),
    (
        "PERF003",
        "public.accounts_accessentry.sb_definer_*",
        "sb_forget_access asks for one organization's oldest entries, which access_latest finds",
    ),
    ("PERF003", "public.messaging_contactvariables.sb_tenant", "read by the contact's key only, one row at a time"),
    ("SEC014", "public.app_search_*", "reads the organization from the scope itself; a test tries to steer it"),
    (
        "SEC027",
        "public.messaging_conversationpresence",
        "colleagues of an organization see who of them is at a conversation: that is its purpose",
    ),
    ("SEC027", "public.accounts_membership", "a customer may know who else belongs to her organization"),
    (
        "SEC027",
        "public.accounts_passwordreset",
        "staff's table: sb_app has no right on it, only services in SYSTEM scope read it",
    ),
    (
        "SEC027",
        "public.messaging_categorycorrection",
        "colleagues of one organization see who corrected a category, as everywhere",
    ),
    ("SEC027", "public.messaging_suggestiondecision", "colleagues of one organization see who decided on a suggestion"),
    ("SEC027", "public.messaging_digestsubscription", "colleagues of one organization may know who gets its digest"),
    ("SEC028", "*.sb_definer_insert", DEFINER),
    ("SEC035", "public.accounts_emailaccount (*", "only sync and staff write it: no customer can probe with an INSERT"),
    ("SEC035", "public.accounts_organization (*", "only staff write it"),
    ("SEC035", "public.campaigns_assignmentrule (*", "only staff write it"),
    ("SEC035", "public.campaigns_campaign (*", "only sync and staff write it"),
    ("SEC035", "public.messaging_event (event_position)", "given by the worker in commit order, never by a customer"),
    ("SEC038", "*.sb_definer_select", DEFINER),
)


def findings() -> list[dict[str, str]]:
    url = subprocess.run(
        [sys.executable, "manage.py", "database_url", "--owner"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    program = Path(sys.executable).with_name("pgrls")
    told = subprocess.run(
        [program, "lint", "--database-url", url, "--format", "json"], capture_output=True, text=True, check=False
    )
    try:
        return json.loads(told.stdout)["violations"]
    except (ValueError, KeyError):
        raise SystemExit(f"pgrls did not answer: {told.stdout}{told.stderr}") from None


def main() -> int:
    needed: set[tuple[str, str, str]] = set()
    unanswered = 0
    for found in findings():
        lines = [
            line for line in ALLOWED if line[0] == found["rule_id"] and fnmatch.fnmatchcase(found["location"], line[1])
        ]
        needed.update(lines)
        if not lines:
            unanswered += 1
            print(f"{found['rule_id']} {found['location']}: {found['message']}\n")
    stale = [line for line in ALLOWED if line not in needed]
    for rule, where, _ in stale:
        print(f"{rule} {where} is allowed but not found any more: take the line out of {Path(__file__).name}.")
    print(f"{unanswered} findings of pgrls without an answer, {len(stale)} answers without a finding.")
    return 1 if unanswered or stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
