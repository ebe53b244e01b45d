"""TCP proxy in front of the database that can refuse, hang, slow down or cut every connection.

The server itself only listens on a unix socket; the proxy simulates the network.
"""

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

PIECE = 65_536
T = TypeVar("T")


class Proxy:
    """Proxy on 127.0.0.1 to `target`, in its own thread. Every method returns when its effect is in place."""

    def __init__(self, target: Path, *, address: str = "127.0.0.1", port: int = 0) -> None:
        self.target, self.address = target, address
        self.delay = 0.0
        self.cuts = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        with socket.socket() as probe:
            probe.bind((address, port))
            self.port = int(probe.getsockname()[1])
        self.restore()

    def disconnect(self) -> None:
        """Refuse new connections and reset existing ones, like a host that is down."""

        async def act() -> None:
            if self._server is not None:
                self._server.close()
                self._server = None
            self._reset_all()

        self._do(act)

    def restore(self) -> None:
        async def act() -> None:
            self._flowing.set()
            if self._server is None:
                self._server = await asyncio.start_server(self._serve, self.address, self.port)

        self._do(act)

    def be_silent(self) -> None:
        """Accept connections and data but forward nothing: no response ever comes."""

        async def act() -> None:
            self._flowing.clear()

        self._do(act)

    def be_slow(self, seconds: float) -> None:
        """Delay all data in both directions by `seconds`."""
        self.delay = seconds

    def cut(self) -> None:
        """Reset every existing connection, even in the middle of a message; new connections work."""

        async def act() -> None:
            self._reset_all()

        self._do(act)

    def close(self) -> None:
        async def end_all() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.disconnect()
        self._do(end_all)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, act: Callable[[], object]) -> None:
        asyncio.run_coroutine_threadsafe(act(), self._loop).result(10)  # type: ignore[arg-type]  # any awaitable of ours is a coroutine

    def _reset_all(self) -> None:
        for writer in list(self._open):
            self.cuts += 1
            writer.transport.abort()
        self._open.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        behind = None
        try:
            await self._flowing.wait()
            answers, behind = await asyncio.open_unix_connection(str(self.target))
            self._open.add(behind)
            ways = [asyncio.ensure_future(self._hand_on(*way)) for way in ((reader, behind), (answers, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        except OSError:
            pass  # one of the two is gone; so is the other in a moment
        finally:
            for end in (writer, behind):
                if end is not None:
                    self._open.discard(end)
                    with suppress(OSError):
                        end.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._flowing.wait()
                writer.write(piece)
                await writer.drain()


if __name__ == "__main__":  # on a host of its own: python -m tests.faults.proxy SOCKET ADDRESS PORT
    Proxy(Path(sys.argv[1]), address=sys.argv[2], port=int(sys.argv[3]))
    Event().wait()
