"""Words beside figures: the day since which the provider's data is complete, or its open gaps."""

from django.utils.translation import gettext, ngettext

from messaging.inbox.feed_facts import FeedFacts
from salesbrain.web.figures import day


def completeness(facts: FeedFacts | None) -> str:
    """Return "complete since 3 Mar 2026", or the number of open gaps; an empty text without `facts` or a known date."""
    if facts is None or facts.first_sync is not None:
        return ""
    if facts.open_gaps:
        gaps = ngettext("%(count)s gap is being filled", "%(count)s gaps are being filled", facts.open_gaps)
        return gaps % {"count": facts.open_gaps}
    return gettext("complete since %(day)s") % {"day": day(facts.complete_since)} if facts.complete_since else ""
