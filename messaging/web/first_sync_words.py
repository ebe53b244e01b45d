"""Words for a first sync in progress: current stage, share done, and expected end."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from messaging.inbox.feed_facts import FeedFacts, FirstSync, Stage
from messaging.web.inbox_words import span
from salesbrain.web.figures import number


@dataclass(frozen=True, slots=True)
class FirstSyncNotice:
    """Notice of a first sync: `done` of `total` deliveries are recorded; `total` 0: nothing can be counted yet."""

    sentence: str
    done: int
    total: int
    has_failed: bool


def arriving_words(facts: FeedFacts | None, now: datetime) -> FirstSyncNotice | None:
    """Return the notice for every page, None where the first sync is complete or there is no workspace."""
    if facts is None or facts.first_sync is None:
        return None
    sync = facts.first_sync
    return FirstSyncNotice(_sentence(facts.provider, sync, now), sync.recorded, sync.total, sync.has_failed)


def _sentence(provider: str, sync: FirstSync, now: datetime) -> str:
    if sync.stage is Stage.RECORDING:
        return _recording(provider, sync, now)
    if sync.stage is Stage.LISTING and sync.has_failed:
        return gettext(
            "The first sync with %(provider)s has failed. It is tried again every 15 minutes; the agency sees the reason."
        ) % {"provider": provider}
    if sync.stage is Stage.LISTING:
        return gettext(
            "Campaigns and email accounts are being fetched from %(provider)s for the first time. This takes a few minutes."
        ) % {"provider": provider}
    if sync.has_failed:
        return gettext(
            "Emails of the past could not be fetched from %(provider)s yet. It is tried again every half hour; the agency sees the reason."
        ) % {"provider": provider}
    return gettext(
        "Emails of the past are being fetched from %(provider)s. This is complete within half an hour; figures grow until then."
    ) % {"provider": provider}


def _recording(provider: str, sync: FirstSync, now: datetime) -> str:
    sentence = gettext("Data is arriving from %(provider)s: %(recorded)s of %(total)s events are recorded") % {
        "provider": provider,
        "recorded": number(sync.recorded),
        "total": number(sync.total),
    }
    left = sync.remaining(now)
    return (
        f"{sentence}."
        if left is None
        else gettext("%(sentence)s (%(time)s left).") % {"sentence": sentence, "time": span(left)}
    )
