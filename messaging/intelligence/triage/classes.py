"""Categories of a reply (interested, not now, unsubscribe …), their definitions and precedence.

`Category` values are stored and exported; labels are for people.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise  # the checker's package, which a running product does not have


class Category(StrEnum):
    INTERESTED = "interested"
    MEETING = "meeting"
    QUESTION = "question"
    OBJECTION = "objection"
    NOT_NOW = "not_now"
    NOT_INTERESTED = "not_interested"
    UNSUBSCRIBE = "unsubscribe"
    COMPLAINT = "complaint"
    WRONG_PERSON = "wrong_person"
    LEFT_COMPANY = "left_company"
    OUT_OF_OFFICE = "out_of_office"
    AUTO_REPLY = "auto_reply"


class Source(StrEnum):
    """Source of a category, the strongest first: a person, a fact, a rule or the model."""

    STAFF = "staff"  # a person corrected it
    FACT = "fact"  # the provider's own event leaves one category
    RULE = "rule"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Definition:
    """Definition of a category. `rank` decides if rules find several categories in one reply: the highest wins."""

    label: "StrOrPromise"
    means: "StrOrPromise"
    border: "StrOrPromise"
    rank: int
    is_automatic: bool = False
    suggests_suppression: bool = False


CATEGORIES: dict[Category, Definition] = {
    Category.INTERESTED: Definition(
        _("Interested"),
        _("Wants to know more, positive, no time stated"),
        _("An explicit yes beats the question attached to it"),
        rank=3,
    ),
    Category.MEETING: Definition(
        _("Meeting"),
        _("Accepts, proposes or moves a time, or asks for a calendar link"),
        _("A stated time beats doubt"),
        rank=6,
    ),
    Category.QUESTION: Definition(
        _("Question"), _("Asks for price, references or details without saying yes"), _("Tone does not matter"), rank=1
    ),
    Category.OBJECTION: Definition(
        _("Objection"),
        _("Gives a reason against, the door stays open"),
        _("No request to return later"),
        rank=2,
    ),
    Category.NOT_NOW: Definition(
        _("Not now"), _("Asks to be contacted later"), _("Also “no mails before October”"), rank=5
    ),
    Category.NOT_INTERESTED: Definition(
        _("Not interested"), _("A clear no, the door is closed"), _("No wish about further mails"), rank=4
    ),
    Category.UNSUBSCRIBE: Definition(
        _("Unsubscribe"),
        _("Asks to be removed or not to be written to again"),
        _("Beats a no and praise in the same mail"),
        rank=11,
        suggests_suppression=True,
    ),
    Category.COMPLAINT: Definition(
        _("Complaint"),
        _("Spam accusation, legal threat or data-protection request"),
        _("Beats everything"),
        rank=12,
        suggests_suppression=True,
    ),
    Category.WRONG_PERSON: Definition(
        _("Wrong person"),
        _("Is not responsible, may name a colleague"),
        _("A person who still works there"),
        rank=7,
    ),
    Category.LEFT_COMPANY: Definition(
        _("Left the company"),
        _("No longer works there, automatic or written by hand"),
        _("Beats the substitute it names"),
        rank=10,
    ),
    Category.OUT_OF_OFFICE: Definition(
        _("Out of office"),
        _("Automatic absence note of a person"),
        _("Also long leave and part-time notes"),
        rank=9,
        is_automatic=True,
    ),
    Category.AUTO_REPLY: Definition(
        _("Automatic reply"),
        _("Any other answer of a machine"),
        _("Ticket, unread mailbox, opening hours, challenge, receipt"),
        rank=8,
        is_automatic=True,
    ),
}

ORDER: tuple[Category, ...] = tuple(CATEGORIES)
"""The order of a model's columns. Appending is safe; any other change needs a new model."""

UNSURE = "unsure"
"""Stored where the engine abstains; not a category."""

FROM_A_MACHINE = frozenset({Category.OUT_OF_OFFICE, Category.AUTO_REPLY, Category.LEFT_COMPANY, Category.WRONG_PERSON})
"""Possible categories of a message that the provider marked as automatic; an automatic reply may also report that a person left or changed
roles.
"""


def ranked(categories: "set[Category] | frozenset[Category]") -> list[Category]:
    """Return categories by rank, the winning one first."""
    return sorted(categories, key=lambda category: -CATEGORIES[category].rank)
