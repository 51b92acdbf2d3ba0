"""Run a server process: take the port, open the stores, answer until told to stop.

SIGTERM and SIGINT drain: no new connections, requests at hand are finished, streams are ended.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import re
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import msgspec
import uvicorn

from mainstay.errors import BadInput, MainstayError
from mainstay.server import memory
from mainstay.server.app import App, Publication
from mainstay.server.hardening import Neighbours
from mainstay.server.requests import log_with_ids
from mainstay.server.services import Opened, open_services
from mainstay.webhooks.sending import Sender

if TYPE_CHECKING:
    from mainstay.server.spools import Spools

log = logging.getLogger("mainstay.server")

FIRST_KNOWN, LAST_KNOWN = (0, 46), (0, 54)
"""Versions of uvicorn that ``connections`` was checked with."""

DRAIN_SECONDS = 25
KEEP_ALIVE_SECONDS = 30
TAKE_IN_SECONDS = 0.05
GREET_SECONDS = 1.0
"""How long a stopping server waits for the first request of a connection it took in."""

MOST_CONNECTIONS = 1024
STOPS = (signal.SIGTERM, signal.SIGINT)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a server was asked to run; names are those of the command line."""

    backend_store_uri: str
    registry_store_uri: str | None = None
    default_artifact_root: str | None = None
    artifacts_destination: str | None = None
    serve_artifacts: bool = True
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 1
    static_prefix: str = ""
    allowed_hosts: tuple[str, ...] = ()
    cors_allowed_origins: tuple[str, ...] = ()
    allow_anonymous: bool | None = None
    webhook_allow_private: bool = False
    forwarded_allow_ips: tuple[str, ...] = ()
    spool_dir: tuple[Path, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def bind(host: str, port: int) -> socket.socket:
    """Take the port; 0 takes a free one.

    Raises:
        MainstayError: somebody has it, or may not be had. BadInput: no such address here.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(2048)
    except OSError as error:
        door.close()
        raise _not_bound(error, host, port) from error
    return door


def address(door: socket.socket, prefix: str = "") -> str:
    """Return the URL that reaches the door from this machine."""
    host, port = door.getsockname()[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    place = f"[{reached}]" if ":" in reached else reached
    return f"http://{place}:{port}{'/' + prefix.strip('/') if prefix.strip('/') else ''}"


def check(options: Options) -> Opened | None:
    """Open what the options name, before anybody is told that the server runs.

    It is returned open where this process will serve; of several processes each opens its own.
    Raises: whatever is wrong with the options.
    """
    if options.spool_dir:
        from mainstay.server import spools

        for folder in options.spool_dir:
            spools.check(folder)
    opened = open_services(options)
    if options.workers == 1:
        return opened
    opened.close()
    return None


def stop_quietly() -> None:
    """Until a server listens to them itself, let SIGTERM and SIGINT end the process with 0."""
    for number in STOPS:
        signal.signal(number, lambda *_: sys.exit(0))


def serve(options: Options, door: socket.socket, opened: Opened | None = None) -> None:
    """Answer on ``door`` until SIGTERM or SIGINT. Call it in the main thread.

    ``opened`` is what the options name, if it is open already; it is closed here. Raises:
    SystemExit (1): a disk failed meanwhile, so that whoever started the server takes note.
    """
    log_with_ids()
    services = opened or open_services(options)
    try:
        published = _publication(options)
        spools = _spools(options, services, door, published) if options.spool_dir else None
        app = App(services.services, services.database, published, spools)
        memory.settle()
        _Server(_config(app, options.forwarded_allow_ips), app).run(sockets=[door])
        broken = services.broken
        if broken is not None:
            log.error("%s", broken.message)
            sys.exit(1)
    finally:
        services.close()


class _Server(uvicorn.Server):
    """Tells the application to end its streams when the server is told to stop."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        # The server raises the signals that stopped it once more when it is done; a stop that
        # was asked for is a success, so they end here.
        for number in STOPS:
            signal.signal(number, self._stop)
        super().run(sockets)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.drain()
        for door in sockets or ():
            # Whoever the kernel let in already would be reset when the door closes: with no
            # room for more of them, take those in first.
            door.listen(0)
        deadline = time.monotonic() + GREET_SECONDS
        await asyncio.sleep(TAKE_IN_SECONDS)
        while time.monotonic() < deadline and self._greeted():
            await asyncio.sleep(TAKE_IN_SECONDS)
        await super().shutdown(sockets)

    def _greeted(self) -> bool:
        """Whether somebody is connected whose first request is still on its way."""
        return any(
            getattr(connection, "cycle", None) is None
            for connection in self.server_state.connections
        )


def protocol(app: App, version: str) -> Any:
    """Return who reads connections: ours, on a uvicorn whose inner parts were looked at."""
    minor = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if FIRST_KNOWN <= minor <= LAST_KNOWN:
        # Imported here: it needs parts of uvicorn that another version may lack.
        from mainstay.server.connections import Connection

        return partial(Connection, app.swift)
    log.info("uvicorn %s is not known: small requests take the ordinary way", version)
    return "httptools"


def _config(app: App, proxies: Sequence[str]) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    return uvicorn.Config(
        app,
        http=protocol(app, uvicorn.__version__),
        loop="auto",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _publication(options: Options) -> Publication:
    hosts = list(options.allowed_hosts)
    with suppress(ValueError):
        if not ipaddress.ip_address(options.host).is_unspecified:
            hosts.append(f"[{options.host}]" if ":" in options.host else options.host)
    if options.host not in hosts and not _is_address(options.host):
        hosts.append(options.host)
    neighbours = Neighbours(hosts, options.cors_allowed_origins)
    sender = Sender(options.webhook_allow_private)
    return Publication(options.static_prefix, neighbours, sender)


def _spools(
    options: Options, opened: Opened, door: socket.socket, published: Publication
) -> Spools:
    """Return what looks into spool folders."""
    # Imported here: few servers have such a folder, and every one starts sooner without.
    from mainstay.server.spools import Spools
    from mainstay.server.whereabouts import Whereabouts

    places = Whereabouts(
        published.neighbours,
        door.getsockname()[1],
        options.static_prefix,
        (options.backend_store_uri,),
    )
    return Spools(options.spool_dir, opened.services, places.mean)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _not_bound(error: OSError, host: str, port: int) -> MainstayError:
    if error.errno == errno.EADDRINUSE:
        return MainstayError(
            f"port {port} of {host} is in use; stop the program that has it, or choose another "
            "with --port (0 takes a free one)"
        )
    if error.errno == errno.EACCES:
        return MainstayError(
            f"port {port} of {host} may not be used by this user; choose one above 1023"
        )
    return BadInput(f"cannot listen on {host!r} port {port}: {error.strerror or error}")
