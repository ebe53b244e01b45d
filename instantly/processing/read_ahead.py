"""Read the next batch of deliveries in a thread while PostgreSQL records the last one.

Only in a rush: where a batch is not full, nothing waits behind it. What is read ahead is neither locked nor claimed. It is announced
together with the batch that is being recorded, so that the next worker knows of both if this one is killed; dropping it costs nothing,
because all of it is pending still.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from .batch import record_batch
from .reading import Announce, ReadBatch, read_batch


class ReadAhead:
    """Processes batches one after the other, each read while the one before it is recorded. Not thread-safe.

    `announce` stores the ids that this worker has in hand. `begin` receives the ids of each batch before it is claimed.
    """

    def __init__(self, limit: int, *, announce: Announce, begin: Callable[[list[int]], object], worker: int) -> None:
        self._limit, self._announce, self._begin, self._worker = limit, announce, begin, worker
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._reading: Future[ReadBatch | None] | None = None
        self._recorded: list[int] = []
        self._ahead: list[int] = []

    @property
    def is_reading(self) -> bool:
        """Return whether a next batch is being read, or was."""
        return self._reading is not None

    def process(self) -> int:
        """Record the next batch, and meanwhile read the one after it if this one is full; return how many left the queue.

        Raises as batch.process_pending does. A failure of reading ahead is raised by the call after it.
        """
        batch = self._next()
        if batch is None:
            return 0
        self._recorded, self._ahead = batch.due, []
        self._begin(self._recorded)
        if len(self._recorded) >= self._limit:
            self._reading = self._thread.submit(self._read)
        return record_batch(batch, self._limit, announce=self._announce_recorded, worker=self._worker)

    def drop(self) -> None:
        """Forget what was read ahead; it is read again when its turn comes."""
        reading, self._reading, self._ahead = self._reading, None, []
        if reading:
            reading.exception()  # waits for the thread; what went wrong there will go wrong again where it matters

    def _next(self) -> ReadBatch | None:
        reading, self._reading = self._reading, None
        ahead = reading.result() if reading else None
        # Where nothing waited then, something may have come since, and a worker must not sleep before it has looked for that.
        return ahead or read_batch(self._limit, announce=self._announce, worker=self._worker)

    def _read(self) -> ReadBatch | None:
        return read_batch(self._limit, announce=self._announce_ahead, worker=self._worker, taken=self._recorded)

    def _announce_ahead(self, ids: list[int]) -> None:
        self._ahead = ids
        self._announce([*self._recorded, *ids])

    def _announce_recorded(self, ids: list[int]) -> None:
        """Announce what is read again because recording failed, and beside it what is read ahead."""
        self._begin(ids)
        self._announce([*ids, *self._ahead])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()
        self._thread.shutdown()
