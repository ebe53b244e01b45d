"""State of this process's client connections from Linux (TCP_INFO), and a way to cut one."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TCP_INFO = getattr(socket, "TCP_INFO", None)
DESCRIPTORS = Path("/proc/self/fd")
SIZE = 208
UNACKED, LAST_SENT, LAST_RECEIVED, BYTES_ACKED, BYTES_RECEIVED, NOT_SENT, BYTES_SENT = 24, 44, 52, 120, 128, 144, 200
"""Offsets in the kernel's struct tcp_info (include/uapi/linux/tcp.h); BYTES_SENT exists since Linux 4.19."""


@dataclass(frozen=True, slots=True)
class Client:
    """One accepted connection. Times are seconds ago, counts are since it was opened."""

    descriptor: int
    inode: int
    received: int
    sent: int
    acknowledged: int
    outstanding: bool  # something was written that the client has not taken
    received_ago: float
    sent_ago: float


def supported() -> bool:
    """Return whether this system reports enough about connections."""
    if TCP_INFO is None or not DESCRIPTORS.is_dir():
        return False
    with socket.socket() as probe:
        try:
            return len(probe.getsockopt(socket.IPPROTO_TCP, TCP_INFO, SIZE)) >= SIZE
        except OSError:
            return False


def clients() -> Iterator[Client]:
    """Yield the connections of clients, which are those accepted on an address where this process listens."""
    ours = [(descriptor, inode) for descriptor, inode in _sockets()]
    with_address = [(descriptor, inode, _local_port(descriptor)) for descriptor, inode in ours]
    listening = {port for descriptor, _, port in with_address if port and _listens(descriptor)}
    for descriptor, inode, port in with_address:
        if port in listening and (client := _client(descriptor, inode)):
            yield client


def cut(client: Client) -> bool:
    """Reset the connection at once, dropping data in flight; False if it is closed already."""
    try:
        duplicate = socket.socket(fileno=os.dup(client.descriptor))
    except OSError:
        return False
    with duplicate:
        if os.fstat(duplicate.fileno()).st_ino != client.inode:
            return False  # the number belongs to another one by now
        with suppress(OSError):
            duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            duplicate.shutdown(socket.SHUT_RDWR)
            return True
    return False


def _sockets() -> Iterator[tuple[int, int]]:
    for entry in os.listdir(DESCRIPTORS):
        with suppress(OSError, ValueError):
            kind, _, inode = os.readlink(DESCRIPTORS / entry).partition(":[")
            if kind == "socket":
                yield int(entry), int(inode.rstrip("]"))


def _borrowed(descriptor: int) -> socket.socket:
    """Return a socket object for the server's own descriptor; the caller must detach it."""
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, fileno=descriptor)


def _local_port(descriptor: int) -> int | None:
    borrowed = _borrowed(descriptor)
    try:
        name = borrowed.getsockname()
        return int(name[1]) if isinstance(name, tuple) and len(name) >= 2 else None
    except OSError:
        return None
    finally:
        borrowed.detach()


def _listens(descriptor: int) -> bool:
    borrowed = _borrowed(descriptor)
    try:
        return bool(borrowed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False
    finally:
        borrowed.detach()


def _client(descriptor: int, inode: int) -> Client | None:
    assert TCP_INFO is not None
    borrowed = _borrowed(descriptor)
    try:
        if borrowed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return None
        info = borrowed.getsockopt(socket.IPPROTO_TCP, TCP_INFO, SIZE)
    except OSError:
        return None
    finally:
        borrowed.detach()

    def number(at: int, form: str = "I") -> int:
        return int(struct.unpack_from(f"={form}", info, at)[0])

    return Client(
        descriptor=descriptor,
        inode=inode,
        received=number(BYTES_RECEIVED, "Q"),
        sent=number(BYTES_SENT, "Q"),
        acknowledged=number(BYTES_ACKED, "Q"),
        outstanding=bool(number(UNACKED) or number(NOT_SENT)),
        received_ago=number(LAST_RECEIVED) / 1000,
        sent_ago=number(LAST_SENT) / 1000,
    )
