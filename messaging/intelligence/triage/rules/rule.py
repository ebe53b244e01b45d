"""Dataclass of a triage rule: words, category, exceptions, an example sentence of each."""

from dataclasses import dataclass
from typing import Literal

from ..classes import Category

Where = Literal["body", "mail", "subject"]
Sender = Literal["anyone", "software", "mail_server"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Patterns are RE2 (linear time) over folded text: lower case, ae oe ue ss, plain quotes.

    `pattern` is searched in each sentence of the body, of the whole mail (with subject and footer), or in the subject. A match does not
    count if `unless` matches the same sentence, if `never` matches anywhere in the mail, or if `also` matches nowhere in it. Rules that
    `decide` name the category by themselves; the others are evidence for the model. `sender` says who alone writes such a sentence: mail
    servers come before other software, and software before people (probabilities.deciding).
    """

    id: str
    category: Category
    pattern: str
    example: str
    counter: str
    unless: str = ""
    also: str = ""
    never: str = ""
    where: Where = "body"
    decides: bool = False
    sender: Sender = "anyone"
