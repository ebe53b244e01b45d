"""Reference implementation: expected database content for a set of webhooks, computed slowly.

A second implementation of the rules, sharing nothing with messaging/sql: every fact is picked from all deliveries at once, so
order, batches, copies and workers cannot matter.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

Body = dict[str, Any]
Rows = dict[str, list[str]]

MEANING = {"link_clicked": "email_clicked", "lead_unsubscribed": "email_unsubscribed"}
NAMES = "firstName", "lastName", "companyName", "phone", "website"
SAYS_WHO = {
    "email_sent", "reply_received", "auto_reply_received", "lead_interested", "lead_not_interested", "lead_neutral",
    "lead_meeting_booked", "lead_completed", "Hot Lead",
}  # fmt: skip
VERDICTS = {"lead_interested", "lead_not_interested", "lead_neutral", "lead_meeting_booked", "Hot Lead"}
OF_A_MAIL = {"email_sent": "sent", "email_opened": "opened", "email_clicked": "clicked", "email_bounced": "bounced",
    "reply_received": "replied"}  # fmt: skip
RECEIVED = {"reply_received", "auto_reply_received"}
COUNTED = {"email_opened": "opens", "email_clicked": "clicks", "email_unsubscribed": "unsubscribes", "email_spam_report": "complaints",
    "lead_interested": "interested", "lead_not_interested": "not_interested", "lead_meeting_booked": "meetings"}  # fmt: skip
OPT_OUTS = {"email_unsubscribed": "unsubscribe", "email_spam_report": "complaint"}
CAMPAIGN = {"campaign_completed": "completed", "campaign_paused": "paused", "campaign_started": "active"}
ACCOUNT = {"account_error": "error", "account_suspended": "suspended"}


def truth(bodies: Iterable[Body], *, with_phones: bool = True) -> Rows:
    """Return the expected rows of each table, as sorted reprs, in the form in which world.py reads them."""
    events = [body | {"type": MEANING.get(body["event_type"], body["event_type"])} for body in bodies]
    mails = [*_sent(events), *_received(events)]
    return {
        "contacts": sorted(map(repr, _contacts(events, with_phones))),
        "messages": sorted(map(repr, (_row(mail) for mail in mails))),
        "suppressions": sorted(map(repr, _suppressions(events))),
        "campaign": sorted(map(repr, _latest(events, CAMPAIGN, lambda event: ()))),
        "email accounts": sorted(map(repr, _latest(events, ACCOUNT, lambda event: (event["email_account"],)))),
        "figures": sorted(map(repr, _figures(events, mails))),
    }


def _contacts(events: list[Body], with_phones: bool) -> Iterable[tuple[Any, ...]]:
    for email, theirs in _grouped(events, lambda event: event["lead_email"]):
        named = [
            (event["timestamp"], *(event.get(name) or "" for name in NAMES))
            for event in theirs
            if event["type"] in SAYS_WHO and any(event.get(name) for name in NAMES)
        ]
        named_at, *names = max(named) if named else (None,) * 6
        verdicts = [(event["timestamp"], event["event_type"]) for event in theirs if event["type"] in VERDICTS]
        verdict_at, verdict = max(verdicts) if verdicts else (None, None)
        first = [_first(theirs, type) for type in ("reply_received", "email_bounced", *OPT_OUTS, "lead_meeting_booked")]
        seen = min(event["timestamp"] for event in theirs)
        yield (email, seen, named_at, *(names if with_phones else names[:3]), verdict_at, verdict, *first)


def _sent(events: list[Body]) -> Iterable[Body]:
    of_a_mail = [event for event in events if event["type"] in OF_A_MAIL]
    for (email, step, variant), theirs in _grouped(of_a_mail, lambda e: (e["lead_email"], e["step"], e["variant"])):
        told = [
            (e["timestamp"], e.get("email_subject") or "", e.get("email_text") or "", "")
            for e in theirs
            if e["type"] == "email_sent" and (e.get("email_subject") or e.get("email_text"))
        ]
        dates = {fact: _first(theirs, type) for type, fact in OF_A_MAIL.items()}
        mail_ids = [e["email_id"] for e in theirs if e["type"] == "email_sent" and e.get("email_id")]
        counts = Counter(e["type"] for e in theirs)
        yield {
            "direction": "out", "auto": False, "email": email, "step": step, "variant": variant, **dates, **_common(theirs),
            "text": min(told) if told else (None,) * 4, "mail_id": min(mail_ids, default=None),
            "opens": counts["email_opened"], "clicks": counts["email_clicked"], "likely": _machines(theirs, dates["sent"]),
        }  # fmt: skip


def _machines(events: list[Body], sent: str | None) -> dict[str, list[str]]:
    """Return the opens and clicks of one mail that count as a machine's."""
    opens, clicks = (
        [e["timestamp"] for e in events if e["type"] == type] for type in ("email_opened", "email_clicked")
    )
    at_once = [
        at for n, at in enumerate(clicks) if any(abs(_seconds(at, o)) <= 2 for o in clicks[:n] + clicks[n + 1 :])
    ]
    soon = [[at for at in times if sent and _seconds(sent, at) <= 10] for times in (opens, clicks)]
    return {"opens": soon[0], "clicks": [at for at in clicks if at in soon[1] or at in at_once]}


def _seconds(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()


def _received(events: list[Body]) -> Iterable[Body]:
    replies = [event for event in events if event["type"] in RECEIVED]
    for (email, _), theirs in _grouped(replies, lambda e: (e["lead_email"], (e.get("email_id"), e["timestamp"]))):
        yield {
            "direction": "in", "auto": all(e["type"] == "auto_reply_received" for e in theirs), "email": email,
            "step": min(e["step"] for e in theirs), "variant": min(e["variant"] for e in theirs), **_common(theirs),
            "sent": min(e["timestamp"] for e in theirs), "opened": None, "clicked": None, "bounced": None, "replied": None,
            "text": min((e["timestamp"], e["reply_subject"], e["reply_text"], e["reply_text"]) for e in theirs),
            "mail_id": theirs[0].get("email_id"), "opens": 0, "clicks": 0, "likely": {"opens": [], "clicks": []},
        }  # fmt: skip


def _common(events: list[Body]) -> Body:
    accounts = [event["email_account"].lower() for event in events if event.get("email_account")]
    return {"at": min(event["timestamp"] for event in events), "account": min(accounts, default=None)}


def _row(mail: Body) -> tuple[Any, ...]:
    keys = [
        "direction",
        "auto",
        "email",
        "step",
        "variant",
        "account",
        "mail_id",
        "at",
        "sent",
        "opened",
        "clicked",
        "bounced",
        "replied",
        "opens",
        "clicks",
    ]
    return (*(mail[key] for key in keys), *(len(times) for times in mail["likely"].values()), *mail["text"])


def _suppressions(events: list[Body]) -> Iterable[tuple[Any, ...]]:
    for type, reason in OPT_OUTS.items():
        for email, theirs in _grouped([e for e in events if e["type"] == type], lambda e: e["lead_email"]):
            times = [event["timestamp"] for event in theirs]
            yield email, reason, min(times), max(times)


def _latest(events: list[Body], meaning: dict[str, str], whose: Callable[[Body], tuple[Any, ...]]) -> Iterable[Any]:
    for key, theirs in _grouped([event for event in events if event["type"] in meaning], whose):
        at, status, reason = max((e["timestamp"], meaning[e["type"]], e.get("error_message") or "") for e in theirs)
        yield (*key, status, at, *([reason] if key else []))


def _figures(events: list[Body], mails: list[Body]) -> Iterable[tuple[Any, ...]]:
    counts: Counter[tuple[Any, ...]] = Counter()
    for event in events:
        if figure := COUNTED.get(event["type"]):
            key = (event.get("email_account") or "").lower(), event["timestamp"][:10], event["step"], event["variant"]
            counts[(*key, figure)] += 1
    for mail in mails:
        arrived = "sent" if mail["direction"] == "out" else "auto_replies" if mail["auto"] else "replies"
        dates = {"messages": mail["at"], arrived: mail["sent"], "bounces": mail["bounced"], "unique_opens": mail["opened"],
            "unique_clicks": mail["clicked"], "unique_replies": mail["replied"]}  # fmt: skip
        for figure, at in dates.items():
            if at:
                counts[mail["account"] or "", at[:10], mail["step"], mail["variant"], figure] += 1
        for kind, times in mail["likely"].items():
            whole = times if times and len(times) == mail[kind] else []
            for figure, at in [
                *((f"machine_{kind}", at) for at in times),
                *((f"unique_machine_{kind}", min(whole)) for _ in whole[:1]),
            ]:
                counts[mail["account"] or "", at[:10], mail["step"], mail["variant"], figure] += 1
    return ((*key, count) for key, count in counts.items())


def _first(events: list[Body], type: str) -> str | None:
    return min((event["timestamp"] for event in events if event["type"] == type), default=None)


def _grouped(events: Iterable[Body], key: Callable[[Body], Any]) -> Iterable[tuple[Any, list[Body]]]:
    groups: dict[Any, list[Body]] = defaultdict(list)
    for event in events:
        if (value := key(event)) is not None:
            groups[value].append(event)
    return groups.items()
