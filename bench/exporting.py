"""Benchmark of the web process's memory during a full export, which must not grow with its size."""

import zlib
from time import perf_counter
from urllib.request import Request, urlopen

import psycopg

from bench import checking, processes
from bench.results import Results
from bench.scratch import Scratch

LOOKS_EVERY = 0.2  # seconds
CHUNK = 1 << 18


def measure(
    results: Results, part: str, web: processes.RunningCommand, token: str, watching: psycopg.Connection, scratch: Scratch,
    *, campaign: object = None, gzip: bool = False,
) -> str:  # fmt: skip
    """Read all messages, or a campaign's, as NDJSON and return the case's name. Every row must come, and no more."""
    narrowed = ("WHERE campaign_id = %s", [campaign]) if campaign else ("", [])
    expected = watching.execute(f"SELECT count(*) FROM messaging_message {narrowed[0]}", narrowed[1]).fetchone()
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https"}
    headers |= {"Accept-Encoding": "gzip"} if gzip else {}
    query = f"?campaign_id={campaign}" if campaign else ""
    url = f"http://127.0.0.1:{web.port}/api/instantly/export/messages{query}"
    unpacked = zlib.decompressobj(wbits=31) if gzip else None
    spent = web.cpu(), processes.server_cpu(scratch.postmaster)
    before = peak = web.memory()
    began, lines, size, looked = perf_counter(), 0, 0, perf_counter()
    with urlopen(Request(url, headers=headers), timeout=120) as answer:
        while part_of_it := answer.read(CHUNK):
            size += len(part_of_it)
            lines += (unpacked.decompress(part_of_it) if unpacked else part_of_it).count(b"\n")
            if perf_counter() - looked > LOOKS_EVERY:
                peak, looked = max(peak, web.memory()), perf_counter()
    seconds, rows = perf_counter() - began, lines - 2  # a manifest before and after
    if expected is None or rows != expected[0]:
        raise checking.Wrong(f"error: {expected and expected[0]} messages are there, the export has {rows}.")
    case = f"export of {rows:,} messages" + (", gzip" if gzip else "")
    server = processes.server_cpu(scratch.postmaster)
    results.add(part, case, "salesbrain", unit="1/s", exported=rows / seconds)
    results.add(part, case, "salesbrain", unit="MiB", exported_growth=peak - before, exported_size=size / 2**20)
    results.add(
        part, case, "salesbrain", unit="s",
        exported_cpu=web.cpu() - spent[0],
        exported_server_cpu=None if server is None or spent[1] is None else server - spent[1],
    )  # fmt: skip
    results.aim(part, 8, f"growth of the web during the {case}, MiB", 50, peak - before, at_least=False)
    return case
