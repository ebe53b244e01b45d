"""Log filter that drops a known warning of the app server granian (configured in granian.json)."""

import logging


class MeantThreads(logging.Filter):
    """Leaves out granian's doubt whether so many threads are meant on so few cores: they are (docs/decisions/0009)."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith("Configuration allows spawning up to ")
