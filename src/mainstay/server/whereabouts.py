"""Which addresses, in what clients wrote down, mean this server."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from mainstay.server.hardening import Neighbours

PORTS = {"http": 80, "https": 443}
KINDS = {"postgres": "postgresql"}


@dataclass(frozen=True)
class Whereabouts:
    """Where a server is: names that it is published under, its port on this machine, databases."""

    neighbours: Neighbours
    port: int
    prefix: str = ""
    databases: tuple[str, ...] = ()

    def mean(self, uri: str) -> bool:
        """Tell whether an address leads to this server, or to the database behind it."""
        try:
            place = urlsplit(uri)
            if place.scheme not in PORTS:
                return _database(uri) in {_database(one) for one in self.databases}
            name, port = place.hostname or "", place.port or PORTS[place.scheme]
        except ValueError:
            return False
        if place.path.strip("/") != self.prefix.strip("/"):
            return False
        # By address every server of a private network is known; only our own port is ours.
        if self.neighbours.publishes(name, port):
            return True
        return port == self.port and _is_this_machine(name)


def _database(uri: str) -> tuple[object, ...]:
    """Return what tells one database from another, whoever logs in."""
    try:
        url = make_url(uri)
    except ArgumentError:
        return (uri,)
    kind = url.get_backend_name()
    if kind == "sqlite":
        return kind, os.path.realpath(url.database or "")
    return KINDS.get(kind, kind), url.host, url.port or 5432, url.database


@lru_cache(1000)
def _is_this_machine(name: str) -> bool:
    """Tell whether a name or an address is this machine's: only on those can a socket be put."""
    try:
        found = socket.getaddrinfo(name, 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(_may_be_taken(family, address) for family, *_, address in found)


def _may_be_taken(family: int, address: object) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind(address)  # type: ignore[arg-type]
    except OSError:
        return False
    return True
