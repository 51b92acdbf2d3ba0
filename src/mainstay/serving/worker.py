"""A worker process: loads one model version, warms it up, and answers on the shared socket.

Started by the supervisor as ``python -m mainstay.serving.worker LISTENER CHANNEL`` with two
inherited file descriptors: the listening socket, and one end of a socket pair (see ``channel``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time

import uvloop

from mainstay.connect import connect
from mainstay.errors import MainstayError
from mainstay.serving import channel
from mainstay.serving.app import App
from mainstay.serving.channel import Done, Failed, Ready, Spec
from mainstay.serving.counts import Counter, Flusher
from mainstay.serving.door import Door
from mainstay.serving.pool import Pool
from mainstay.serving.samples import Sampler
from mainstay.serving.served import ServedModel
from mainstay.serving.warmup import warm_up

log = logging.getLogger(__name__)

GRACE = 30.0
"""Seconds that held requests have to end when the worker is told to stop by a signal."""


class Worker:
    """One version, one HTTP door, one channel to the supervisor."""

    def __init__(
        self, spec: Spec, served: ServedModel, counter: Counter | None, door: socket.socket
    ) -> None:
        self._pool = Pool(threads=spec.threads, max_waiting=spec.max_waiting, timeout=spec.timeout)
        self._sampler = Sampler()
        self._app = App(
            served,
            pool=self._pool,
            sampler=self._sampler,
            counter=counter,
            max_body=spec.max_body,
        )
        self._door = Door(self._app, door)
        self._app.closing = lambda: not self._door.is_open

    async def run(self, connection: socket.socket, ready: Ready) -> None:
        """Say that it is ready, then obey until told to stop or left alone."""
        reader, writer = await asyncio.open_connection(sock=connection)
        writer.write(channel.frame(ready))
        loop = asyncio.get_running_loop()
        orders = asyncio.create_task(self._obey(reader, writer))
        loop.add_signal_handler(signal.SIGTERM, orders.cancel)
        grace = GRACE
        with contextlib.suppress(asyncio.CancelledError):
            grace = await orders
        await self._door.drain(grace)
        self._pool.close()

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
        """Return the seconds of grace once it shall stop."""
        while True:
            try:
                order = await channel.read_order(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                log.warning("the supervisor is gone; this worker ends")
                return GRACE
            match order:
                case channel.Open():
                    await self._door.open()
                    writer.write(channel.frame(Done()))
                case channel.Close():
                    self._door.close()
                    writer.write(channel.frame(Done()))
                case channel.GiveSamples():
                    writer.write(channel.frame(channel.Samples(self._sampler.samples())))
                case channel.Status(deployment):
                    self._app.deployment = deployment
                case channel.Stop(grace):
                    writer.write(channel.frame(Done()))
                    return grace
                case Spec():
                    raise RuntimeError("a worker takes one Spec only")


def main(arguments: list[str]) -> int:
    """Load, warm up, serve. Exit code 0: told to stop, 1: this version cannot be served."""
    logging.basicConfig(
        level=logging.INFO,
        format=f"%(asctime)s %(levelname)s worker {os.getpid()}: %(message)s",
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the group; the supervisor decides
    listener = socket.socket(fileno=int(arguments[0]))
    connection = socket.socket(fileno=int(arguments[1]))
    spec = channel.receive_order(connection)
    if not isinstance(spec, Spec):
        raise SystemExit("the first message must be a Spec")
    try:
        return _serve(spec, listener, connection)
    except MainstayError as error:
        connection.sendall(channel.frame(Failed(error.message)))
    except Exception as error:
        log.exception("%s cannot be served", spec.uri)
        connection.sendall(channel.frame(Failed(f"{type(error).__name__}: {error}")))
    return 1


def _serve(spec: Spec, listener: socket.socket, connection: socket.socket) -> int:
    start = time.monotonic()
    stores = connect(spec.tracking_uri, spec.registry_uri)
    served = ServedModel.load(spec, stores)
    warmed, warnings = warm_up(served, spec.samples)
    counter = flusher = None
    if spec.deployment and spec.version is not None:
        counter = Counter(spec.deployment, spec.name, spec.version, served.profile)
        flusher = Flusher(counter, stores.monitoring.add_windows).start()
    ready = Ready(seconds=time.monotonic() - start, warmed=warmed, warnings=warnings)
    connection.setblocking(False)
    worker = Worker(spec, served, counter, listener)
    uvloop.run(worker.run(connection, ready))
    if flusher is not None:
        flusher.stop()
    stores.close()
    logging.shutdown()
    # A prediction that never ends holds its thread, and Python would wait for it for ever.
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
