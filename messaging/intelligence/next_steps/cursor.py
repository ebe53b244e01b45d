"""Read-only view of a list of tokens for which any index is valid, also beyond both ends."""

from collections.abc import Sequence

from messaging.intelligence.next_steps.tokens import NUMBER, Token


class Cursor:
    """View of tokens by index; returns "" and False beyond both ends."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def text(self, at: int) -> str:
        return self.tokens[at].text if 0 <= at < len(self.tokens) else ""

    def is_number(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].kind == NUMBER and len(self.text(at)) <= 4

    def number(self, at: int) -> int:
        return int(self.text(at)) if self.is_number(at) else -1

    def is_glued(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].glued
