"""Scan the tree and every commit for secrets, private addresses and local paths.

    python3 .ci/secret_scan.py [CHECKOUT]

Exit code 1 names the findings, never printing one whole. It reads through git: tracked files, files git would add, all blobs and messages
of the history. tests/test_secret_scan.py plants one of each kind and expects it to be found.
"""

import base64
import binascii
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

LARGEST = 5_000_000  # bytes; nothing written by hand is larger

# SHA-256 of two provider keys that leaked once, whole and by their halves: they must never come back, whatever their form.
LEAKED = {
    "fc62b765280ecdec25a05b04a314b40d2d3636d8bf5ede39f2d7830ec68c85ea",
    "4c35dc9f2d68ab3b904928a9ace475b836526e1821ab9696dcd8ad8cd0a37f93",
    "dbe62dea8bc86c3ad7fb202d601711a37dc344592198aa226e4ab4755573c5fb",
    "bcf08a0f3113239acf7f69775a8847fa72785766e88f3ef168f795be759ce4d5",
}
WORD = re.compile(r"[\w=+/:.-]{12,120}")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{52,}={0,2}")
KEY_INSIDE = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:[!-~]{4,}")

# What a placeholder looks like; a real value looks like none of them. Nor is a JWT a secret whose signature is empty.
PLACEHOLDER = re.compile(
    r"(?i)pass|secret|example|hunter2|placeholder|changeme|change-me|your[-_]|xxx|\.\.\.|…|[<>{}$%*]|^eyJ[\w-]+\.[\w-]+\.$"
)

# Kind of finding -> how it looks in text. A group 1 is the value that may be a placeholder instead.
PATTERNS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a bearer token": r"\bBearer +([A-Za-z0-9._~+/=-]{20,})",
    "an API token of ours": r"\b(sb_[A-Za-z0-9]{32,})\b",
    "a token of a known service": r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{20,}"
    r"|AIza[0-9A-Za-z_-]{30,}|sk-[A-Za-z0-9_-]{32,}|glpat-[A-Za-z0-9_-]{20,})",
    "an address with a password": r"\b[a-z][a-z0-9+]+://[^\s:/@'\"]+:([^\s:/@'\"]+)@",
    "a literal secret": r"(?i)\b\w*(?:secret|token|password|passwd|api_key|apikey|encryption_keys?)\w*['\"]?"
    r"\s*[:=]\s*['\"]?([A-Za-z0-9+/_=-]{24,})['\"]?(?=[\s,;)}\]]|$)",
    # /wheels is the folder from which deploy/Containerfile installs.
    "the address of a package index": r"(?:--(?:extra-)?index-url|--find-links(?! /wheels\b)|--trusted-host)[ =]+[\w.:/-]*[./]\w"
    r"|\bpypi\.org/simple|\bfiles\.pythonhosted\.org",
    "a path of somebody's machine": r"(?<![\w.:])/(?:work|farm|root)/[\w.]",
}
COMPILED = {kind: re.compile(pattern, re.MULTILINE) for kind, pattern in PATTERNS.items()}


def findings(text: str, hosts: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    """Yield (kind, matched text) for everything in `text` that must not be committed."""
    for word in set(WORD.findall(text)):
        if hashlib.sha256(word.encode()).hexdigest() in LEAKED:
            yield "a LEAKED provider key", word
    for word in set(BASE64.findall(text)):
        if _is_provider_key(word):
            yield "an Instantly API key", word
    for kind, pattern in COMPILED.items():
        for match in pattern.finditer(text):
            value = match[1] if pattern.groups else match[0]
            if kind == "a literal secret" and not _looks_random(value):
                continue
            if not (pattern.groups and PLACEHOLDER.search(value)):
                yield kind, match[0]
    for host in hosts:
        if host in text:
            yield "the address of a package index", host


def _is_provider_key(word: str) -> bool:
    """Return whether a word is an API key of Instantly's: base64 of `<uuid>:<secret>`."""
    padded = word.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return bool(KEY_INSIDE.match(base64.b64decode(padded + "=" * (-len(padded) % 4))))
    except (binascii.Error, ValueError):
        return False


def _looks_random(value: str) -> bool:
    """Return whether a value looks random: digits and both cases mixed, unlike identifiers, paths and sentences."""
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]")
    mixed = all(re.search(kind, value) for kind in kinds) or re.fullmatch(r"[0-9a-f]{32,}", value)
    return bool(mixed) and len(set(value)) >= 12


def index_hosts() -> frozenset[str]:
    """Return the hosts of package indexes configured on this machine, which must not appear in commits."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    said += " ".join(value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_")))
    hosts = {host.rpartition("@")[2] for host in re.findall(r"https?://([^/\s'\"]+)", said)}
    return frozenset(host for host in hosts if "." in host)


def git(checkout: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", checkout, *arguments], capture_output=True, check=True
    ).stdout


def tree(checkout: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of every file that is tracked or would be added."""
    for name in git(checkout, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0"):
        file = checkout / name
        if name and file.is_file():
            yield name, file.read_bytes()


def history(checkout: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (where, content) of every blob and every message of all commits."""
    if not git(checkout, "rev-list", "--all", "--max-count=1"):
        return
    for message in git(checkout, "log", "--all", "--format=%h%n%an %ae%n%B%x00").decode(errors="replace").split("\0"):
        if message.strip():
            yield f"message of commit {message.split()[0]}", message.encode()
    listed = git(checkout, "rev-list", "--objects", "--all").decode(errors="replace").splitlines()
    names = dict(line.partition(" ")[::2] for line in listed)
    with tempfile.TemporaryFile() as asked:  # a file, not a pipe: git would wait for us to read, and we for it
        asked.write("".join(f"{number}\n" for number in names).encode())
        asked.seek(0)
        with subprocess.Popen(
            ["git", "-c", "safe.directory=*", "-C", checkout, "cat-file", "--batch", "--buffer"],
            stdin=asked,
            stdout=subprocess.PIPE,
        ) as reader:
            assert reader.stdout
            while header := reader.stdout.readline().split():
                number, kind, size = header[0].decode(), header[1], int(header[2])
                content = reader.stdout.read(size + 1)[:-1]
                if kind == b"blob":
                    yield f"history, {names[number]} ({number[:10]})", content


def scan(checkout: Path, tell: Callable[[str], object]) -> int:
    """Report each finding once; return their number."""
    hosts = index_hosts()
    seen: set[str] = set()
    found: set[tuple[str, str]] = set()
    for source in (tree, history):
        for where, content in source(checkout):
            digest = hashlib.sha256(content).hexdigest()
            if len(content) > LARGEST or digest in seen:
                continue
            seen.add(digest)
            text = content.decode(errors="replace")
            for kind, value in findings(text, hosts):
                if (where, kind) not in found:
                    found.add((where, kind))
                    tell(f"{where}:{text[: text.find(value)].count(chr(10)) + 1}: {kind} ({value[:12]}…)")
            if Path(where).match("requirements/*.txt") and "://" in text:
                found.add((where, "address"))
                tell(f"{where}: holds an address; compile it with --no-emit-index-url (make lock)")
    return len(found)


def main(arguments: list[str]) -> int:
    checkout = Path(arguments[0] if arguments else Path(__file__).parent.parent).resolve()
    if git(checkout, "rev-parse", "--is-shallow-repository").strip() == b"true":
        print("This clone is shallow: only the part of the history that is here was looked at.")
    count = scan(checkout, print)
    print(f"{count} findings." if count else "No secrets found in the tree and in the history.")
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
