"""Measure time and memory of each hostile mail: `python -m tests.fuzz.hostile_text [--before] [SIZE]`.

Each runs in a process of its own. --before adds mail-parser-reply and nh3 alone, which Salesbrain used before docs/decisions/0018, each
stopped after 10 seconds.
"""

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable
from time import process_time

from tests.fuzz.hostile import ALL, Hostile

LIMIT = 10
"""Seconds for one mail."""
OLD_TEXT = 50_000
"""Characters of a text that the earlier reader examined; of HTML it read everything."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.hostile_text", description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=1_000_000, help="characters of a mail")
    parser.add_argument("--before", action="store_true", help="the old readers too")
    parser.add_argument("--one", metavar="READER NAME", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        hostile = next(each for each in ALL if each.name == chosen.one[1])
        sys.stdout.write(_measured(chosen.one[0], hostile, chosen.size))
        return
    readers = ["old", "new"] if chosen.before else ["new"]
    heads = "".join(f"{reader + ' s':>9}{'MB':>6}{'characters':>12}" for reader in readers)
    sys.stdout.write(f"{'':46}{heads}\n")
    for hostile in ALL:
        cells = "".join(_in_a_process(reader, hostile, chosen.size) for reader in readers)
        sys.stdout.write(f"{hostile.name:46}{cells}\n")
        sys.stdout.flush()


def _in_a_process(reader: str, hostile: Hostile, size: int) -> str:
    command = [sys.executable, "-m", "tests.fuzz.hostile_text", str(size), "--one", reader, hostile.name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20 * LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return f"{'> ' + str(LIMIT):>9}{'':6}{'':12}"
    if done.returncode:
        return f"{'> ' + str(LIMIT) if done.returncode < 0 else 'error':>9}{'':6}{'':12}"
    return done.stdout.rstrip("\n")


def _measured(reader: str, hostile: Hostile, size: int) -> str:
    if (reader, hostile.part) == ("old", "text"):
        size = min(size, OLD_TEXT)
    mail, read = hostile.make(size), READERS[reader, hostile.part]()
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT + 1, LIMIT + 2))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = process_time()
    try:
        length = str(read(mail))
    except Exception as error:
        length = type(error).__name__[:11]
    took = process_time() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return f"{took:9.2f}{more:6.0f}{length:>12}"


def _new_text() -> Callable[[str], int]:
    from messaging.mail_text import reply_text

    return lambda mail: len(reply_text(mail).text)


def _new_html() -> Callable[[str], int]:
    from messaging.mail_text import reply_text, sanitize_html

    return lambda mail: max(len(reply_text("", mail).text), len(sanitize_html(mail)))


def _old_text() -> Callable[[str], int]:
    from mailparser_reply import EmailMessage

    return lambda mail: len(EmailMessage(mail, languages=["en", "de"]).read().latest_reply or "")


def _old_html() -> Callable[[str], int]:
    import nh3

    cleaner = nh3.Cleaner(tags=nh3.ALLOWED_TAGS - {"img"}, url_schemes={"http", "https", "mailto"})
    return lambda mail: len(cleaner.clean(mail))


READERS = {
    ("new", "text"): _new_text,
    ("new", "html"): _new_html,
    ("old", "text"): _old_text,
    ("old", "html"): _old_html,
}

if __name__ == "__main__":
    main()
