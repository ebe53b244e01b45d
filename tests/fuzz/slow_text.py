"""Search for mails that our text extraction is slow on, by random mutation.

    python -m tests.fuzz.slow_text [SECONDS] [--seed N]

Fragments of hostile mails are concatenated, doubled, mutated and mixed at a small size, and the slowest per character are kept and
mutated further. Periodically the slowest are tried at the maximum size. Fails where one takes more than BUDGET seconds of CPU
there, or where anything is raised or comes out too long; the mail is written to .local/slow-text-….
"""

import argparse
import heapq
import sys
from pathlib import Path
from random import Random
from time import monotonic, process_time
from typing import NamedTuple

from messaging.mail_text import body_text, limits, reply_text, sanitize_html
from tests.fuzz.hostile import ALL, HEADERS, OPENERS

PLACE = Path(__file__).resolve().parents[2] / ".local"
SMALL = 6_000
KEPT = 60
BUDGET = 1.0
"""Maximum of CPU seconds for processing one part of a mail of the maximum size."""
EVERY = 50.0
"""Seconds between trials at the greatest size."""
TRIED = 4

PIECES = [
    *HEADERS, *OPENERS.values(), "\n", "\n\n", " ", "\t", ">", "> ", ":", "-----", "_____", "@", "<", "</", "<!--", "-->", "<b ", "<p>",
    "<div>", "</div>", "<td>", "<table>", "<li>", "<blockquote type=cite>", "</blockquote>", "<a href=x>", "'", '"', "=", "/>", "&",
    "&amp;", "&#", ";", "<style>", "</style>", "<![CDATA[", "\u200f", "\u0301", "\xa0", "2026", "10:00", "wrote", "schrieb", "x",
    "a@b.example",
    "<div style='display:none'>", "<div id=divRplyFwdMsg>", "<pre>", "<br>", "</p>", "<h1>",
]  # fmt: skip


class Found(NamedTuple):
    """A slow mail: the piece it repeats, and seconds of CPU per million characters."""

    rate: float
    part: str
    piece: str


def mail(piece: str, size: int) -> str:
    return (piece * (size // max(len(piece), 1) + 1))[:size]


def seconds(part: str, text: str) -> float:
    """Return the CPU seconds it takes to process such a mail. Raises AssertionError if the output is too long."""
    began = process_time()
    if part == "text":
        read = reply_text(text)
        body_text(text)
    else:
        read = reply_text("", text)
        assert len(sanitize_html(text)) <= limits.MAX_OUTPUT
    took = process_time() - began
    assert len(read.text) <= 4 * len(text) + 100
    return took


class Search:
    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.best: list[Found] = []
        self.tried = 0

    def begin(self) -> None:
        for hostile in ALL:
            self.try_out(hostile.part, hostile.make(200)[:400])

    def try_out(self, part: str, piece: str) -> None:
        if not piece:
            return
        text = mail(piece, SMALL)
        self.tried += 1
        rate = seconds(part, text) / len(text) * 1e6
        if len(self.best) < KEPT or rate > self.best[0].rate:
            rate = min(
                rate, seconds(part, text) / len(text) * 1e6
            )  # once more: another process may have been in the way
            heapq.heappush(self.best, Found(rate, part, piece))
            if len(self.best) > KEPT:
                heapq.heappop(self.best)

    def breed(self) -> None:
        dice, parent = self.dice, self.dice.choice(self.best)
        other = dice.choice(self.best).piece
        piece = parent.piece
        at = dice.randrange(len(piece) + 1)
        ways = (
            lambda: piece + other,
            lambda: piece + dice.choice(PIECES),
            lambda: piece[:at] + dice.choice(PIECES) + piece[at:],
            lambda: piece[:at] + other[dice.randrange(len(other) + 1) :],
            lambda: piece[:at] + piece[at + 1 + dice.randrange(8) :],
            lambda: piece * 2,
            lambda: dice.choice(PIECES) * dice.randrange(1, 200) + piece,
            lambda: "".join(dice.choices(PIECES, k=dice.randrange(1, 12))),
        )
        part = parent.part if dice.random() < 0.9 else dice.choice(("text", "html"))
        self.try_out(part, dice.choice(ways)()[:4000])

    def at_full_size(self) -> list[tuple[float, Found]]:
        """Return the time of the slowest mails at the maximum size; the shorter of two tries."""
        slowest = [
            found
            for part in ("text", "html")
            for found in heapq.nlargest(TRIED, (f for f in self.best if f.part == part))
        ]
        done = []
        for found in slowest:
            text = mail(found.piece, limits.MAX_INPUT)
            took = seconds(found.part, text)
            done.append((min(took, seconds(found.part, text)) if took > BUDGET else took, found))
        return sorted(done, reverse=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.slow_text", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20261129)
    chosen = parser.parse_args()
    search, began, worst = Search(chosen.seed), monotonic(), (0.0, Found(0, "", ""))
    search.begin()
    last = began
    while True:
        now = monotonic()
        if now - last > EVERY or now - began > chosen.seconds:
            last = now
            worst = max(worst, *search.at_full_size())
            if worst[0] > BUDGET:
                return _slow(*worst)
            if now - began > chosen.seconds:
                break
        search.breed()
    sys.stdout.write(
        f"{search.tried} mails tried; the slowest of {limits.MAX_INPUT:,} characters took {worst[0]:.2f} s of CPU, of {BUDGET} s allowed:\n"
    )
    sys.stdout.write(f"{worst[1].part}: {worst[1].piece[:300]!r}\n")
    return 0


def _slow(took: float, found: Found) -> int:
    PLACE.mkdir(exist_ok=True)
    path = PLACE / f"slow-text-{found.part}.txt"
    path.write_text(found.piece, encoding="utf-8", errors="surrogatepass")
    sys.stderr.write(
        f"error: {took:.2f} s of CPU, more than {BUDGET} s, for {found.part} that repeats {found.piece[:300]!r} ({path.name})\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
