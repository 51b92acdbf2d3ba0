"""The listening socket that all workers of a server share."""

from __future__ import annotations

import errno
import socket

from mainstay.errors import BadInput, Unavailable

BACKLOG = 2048
"""Connections that the kernel holds while no worker accepts."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, for workers to inherit.

    Raises:
        BadInput: the host cannot be found, or the port is none.
        Unavailable: the port is taken, or may not be used.
    """
    if not 0 <= port <= 65535:
        raise BadInput(f"{port} is no port; ports are 1 to 65535, and 0 takes a free one")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise BadInput(f"the host {host!r} cannot be found: {error}") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Unavailable(
                f"port {port} of {host} is in use; stop what listens there or give another --port"
            ) from error
        raise Unavailable(f"port {port} of {host} cannot be listened on: {error}") from error
    listener.setblocking(False)
    return listener
