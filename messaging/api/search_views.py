"""API endpoint of the search over messages; the search itself is in messaging/search.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import CharField, F, Func
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext_lazy as _
from psycopg.errors import QueryCanceled
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from messaging import search
from messaging.api.parameters import SearchParameters
from messaging.api.read_audit import ReadAuditView
from messaging.api.serializers import FoundMessage
from messaging.models import Message
from messaging.search import Hit, SearchQuery
from salesbrain.api import sqljson
from salesbrain.api.cursors import UnknownCursor, pack, unpack
from salesbrain.api.pagination import BESIDE_LINK, link
from salesbrain.api.renderers import Answer
from salesbrain.api.responses import Listed
from salesbrain.kernel import db, fast_reads

PATIENCE = 2
"""Seconds after which a search is aborted and answered TooSlow."""


class TooSlow(APIException):
    """Error: a phrase of common words that are seldom neighbours takes too long; repeating would not help."""

    status_code = 503
    default_code = "search_too_slow"
    wait = 5

    def __init__(self) -> None:
        sentence = _(
            "This search was ended after %(seconds)s seconds: leave out the quotes around common words, add a rarer word, or narrow it "
            "by campaign, contact, direction or date."
        )
        super().__init__(sentence % {"seconds": PATIENCE})


EXTRA = {
    "query": {"type": "string"},
    "fuzzy": {
        "type": "boolean",
        "description": "Nothing was found as typed: these are mails of people with a similar name or address.",
    },
    "understood": {
        "type": "boolean",
        "description": "false: only stop words or exclusions, so there was nothing to look for.",
    },
}
BESIDE = {
    "count": {
        "type": "integer",
        "minimum": 0,
        "maximum": search.COUNTED,
        "description": "Hits, counted up to 1,000; those of a phrase up to 300.",
    },
    "limit": {"type": "integer"},
    "next": BESIDE_LINK,
}


class MarkedPassages(Func):
    """The passages of a text that match, escaped, the words in <mark>. ts_headline is not HTML-safe: its markers are control
    characters that are taken out of the text first, the result is escaped, then the markers become tags."""

    function = "ts_headline"
    output_field = CharField()
    OPTIONS = "'StartSel=' || chr(2) || ', StopSel=' || chr(3) || ', MaxWords=25, MinWords=10, MaxFragments=2'"
    template = f"""(SELECT replace(replace(replace(replace(replace(replace(replace(h, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
        '"', '&quot;'), '''', '&#39;'), chr(2), '<mark>'), chr(3), '</mark>')
        FROM (SELECT CASE WHEN strpos(de, chr(2)) > 0 THEN de ELSE ts_headline('sb_en', t, (SELECT query FROM asked), {OPTIONS}) END AS h
            FROM (SELECT t, ts_headline('sb_de', t, (SELECT query FROM asked), {OPTIONS}) AS de
                FROM (SELECT translate(%(expressions)s, chr(2) || chr(3), '')) AS given (t)) AS german) AS both_languages)"""  # noqa: S608  constants


PASSAGES = sqljson.Row(
    {
        "subject": MarkedPassages(F("subject")),
        "body": MarkedPassages(Left(Coalesce(F("reply_text"), F("body_text")), 20_000)),
    }
)
FOUND = """WITH asked AS MATERIALIZED (SELECT sb_search_query(%s) AS query)
SELECT {key}, {row} FROM {table} WHERE {key} = ANY (%s) AND (%s::uuid IS NULL OR {organization} = %s::uuid)"""
"""The query is parsed once a statement, and is no constant, so that the statement can be prepared: to plan it took longer than a row."""


@cache
def _found() -> str:
    return FOUND.format(
        key=fast_reads.column(Message, "pk"),
        row=sqljson.written(FoundMessage, sqljson.expression_with(FoundMessage, {"highlight": PASSAGES})).replace(
            "%", "%%"
        ),
        table=fast_reads.table(Message),
        organization=fast_reads.column(Message, "organization"),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Position at the end of a page: in the order newest first the time and id of the page's last mail, by relevance the number of results
    so far. Also holds the count of results, so that only the first page counts them.
    """

    sort: str
    count: int
    at: datetime
    where: str  # a message's id, or an offset

    def __str__(self) -> str:
        return pack(self.sort, self.count, self.at.isoformat(), self.where)

    @classmethod
    def read(cls, text: str, sort: str) -> "Place":
        """Parse a page cursor of this sort order. Raises UnknownCursor."""
        kind, count, at, where = unpack(text, 4)
        try:
            place = cls(kind, count, datetime.fromisoformat(at).astimezone(UTC), where)
            fits = kind == sort and 0 <= count <= search.COUNTED + 1
            if kind == "newest":
                UUID(where)
            else:
                fits = fits and 0 <= int(where) <= search.COUNTED
        except (ValueError, TypeError, AttributeError, OverflowError):
            raise UnknownCursor from None
        if not fits:
            raise UnknownCursor
        return place


class SearchViewSet(ReadAuditView):
    rate = "search"
    parameters = {"list": SearchParameters}
    shapes = {"list": Listed("messages", FoundMessage, extra=EXTRA, beside=BESIDE)}

    def list(self, request: Request) -> Response:
        """Search emails by address, name, subject and text.

        Words are found in all their forms, German and English at once, with or without accents; the last word may be
        unfinished. `"a phrase"`, `-without`, `a OR b`. Nothing one can type is an error. When nothing is found, people whose
        name or address is spelt similarly are looked for, and `fuzzy` says so.
        """
        whose = self.own(Message).compared.get("organization_id")
        question, limit, sort = self._question(), self.asked["limit"], self.asked["sort"]
        place = Place.read(self.asked["cursor"], sort) if self.asked["cursor"] else None
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{1000 * PATIENCE:.0f}ms'")
        try:
            hits, following, count = self._hits(question, sort, limit, place)
        except OperationalError as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise TooSlow from error
            raise
        fuzzy = False
        if not hits and place is None:
            people = search.similar_contacts(question)
            hits = search.newest_of_contacts(question, people, limit=limit) if people else []
            fuzzy, count = bool(hits), len(hits)
        most = question.counted(limit)
        beside: dict[str, Any] = {"count": min(count, most), "limit": limit, "next": None}
        if count > most:
            beside["count_is_exact"] = False
        if following is not None:
            at, where = following
            beside["next"] = link(request, cursor=Place(sort, count, at, where))
        return Response(
            Answer(
                {
                    "messages": self._rows(whose, hits, question.text),
                    "query": self.asked["query"],
                    "fuzzy": fuzzy,
                    "understood": bool(hits) or not search.is_blank(question.text),
                },
                beside,
            )
        )

    def _question(self) -> SearchQuery:
        assert self.scope is not None
        asked = self.asked
        names = ("campaign_id", "contact_id", "direction", "since", "until")
        return SearchQuery(
            asked["query"],
            self.scope.organization_id or asked["organization_id"],
            **{name: asked[name] for name in names},
        )

    def _hits(
        self, question: SearchQuery, sort: str, limit: int, place: Place | None
    ) -> tuple[Sequence[Hit], tuple[datetime, str] | None, int]:
        """Return a page of hits, the position of the next page, and the total number (taken from the cursor if there is one)."""
        if sort == "newest":
            if place is None:
                found, count = search.first(question, limit=limit + 1)
            else:
                found = search.newest(question, limit=limit + 1, before=Hit(UUID(place.where), place.at))
                count = place.count
            page = found[:limit]
            return page, (page[-1].at, str(page[-1].id)) if len(found) > limit else None, count
        as_of, offset = (place.at, int(place.where)) if place else (datetime.now(UTC), 0)
        found = search.ranked(question, limit=limit + 1, offset=offset, as_of=as_of)
        more = len(found) > limit
        count = place.count if place else search.count(question, limit=limit) if more else len(found)
        return found[:limit], (as_of, str(offset + limit)) if more else None, count

    def _rows(self, whose: UUID | None, hits: Sequence[Hit], text: str) -> Sequence[Any]:
        """Load the hits through the RLS policies: the search functions returned ids only."""
        rows: dict[UUID, str] = (
            dict(db.prepared(_found(), [text, [hit.id for hit in hits], whose, whose])) if hits else {}
        )
        return [sqljson.fragment(rows[hit.id]) for hit in hits if hit.id in rows]
