"""Log filter that drops a known warning of the app server granian (configured in granian.json)."""

import logging


class MeantThreads(logging.Filter):
    """Log filter that drops granian's warning about many threads on few cores, which are intended (docs/decisions/0009)."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Configuration allows spawning up to ")
