"""Check that the ports of `make run` are free, and name the program that occupies a taken one."""

import errno
import socket

import psutil

from salesbrain.local.run.errors import RunError

HOST = "127.0.0.1"


def require_free(port: int, variable: str) -> None:
    """Raise RunError naming the program on `port` and the variable that chooses another."""
    if not 0 < port < 65536:
        raise RunError(f"{variable}={port} is not a port: it must be between 1 and 65535.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections in TIME_WAIT do not matter
        try:
            probe.bind((HOST, port))
        except PermissionError as error:
            raise RunError(
                f"Port {port} needs root. Choose one above 1023: make run {variable}={port + 8000}"
            ) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise RunError(f"Port {port} cannot be used: {error.strerror}.") from error
            raise RunError(
                f"Port {port} is taken by {program_on(port)}. Stop it, or choose another port: "
                f"make run {variable}={port + 1000 if port < 64000 else port - 1000}"
            ) from error


def program_on(port: int) -> str:
    """Name the program that listens on `port`, as far as the operating system reveals it."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program"
