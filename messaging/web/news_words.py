"""First sentence of the overview page: "12 new replies since Friday: 3 want a meeting, 1 complaint."."""

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext, ngettext

from messaging.web.overview_data import News
from salesbrain.web.figures import number


def news_sentence(news: News) -> str:
    day = str(WEEKDAYS[news.since.weekday()])
    if not news.replies:
        return gettext("No new replies since %(day)s.") % {"day": day}
    sentence = ngettext("%(count)s new reply since %(day)s", "%(count)s new replies since %(day)s", news.replies) % {
        "count": number(news.replies),
        "day": day,
    }
    counts = {name: news.by_category.get(name, 0) for name in ("meeting", "interested", "question", "complaint")}
    parts = {
        "meeting": ngettext("%(count)s wants a meeting", "%(count)s want a meeting", counts["meeting"]),
        "interested": ngettext("%(count)s is interested", "%(count)s are interested", counts["interested"]),
        "question": ngettext("%(count)s question", "%(count)s questions", counts["question"]),
        "complaint": ngettext("%(count)s complaint", "%(count)s complaints", counts["complaint"]),
    }
    details = [text % {"count": number(counts[name])} for name, text in parts.items() if counts[name]]
    return f"{sentence}: {', '.join(details)}." if details else f"{sentence}."
