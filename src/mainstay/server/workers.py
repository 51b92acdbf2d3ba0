"""Several server processes on one port: start them, replace what dies, stop them together."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from mainstay.errors import MainstayError
from mainstay.server.run import DRAIN_SECONDS, STOPS, Options, serve

QUICK_SECONDS = 5.0
"""A process that dies this soon would die again."""


def serve_many(options: Options, door: socket.socket) -> None:
    """Run ``options.workers`` processes until SIGTERM or SIGINT.

    Raises:
        MainstayError: a process died as soon as it was started. SystemExit (1): one of them
        ended so, since its disk had failed.
    """
    stopping: list[int] = []
    for number in STOPS:
        signal.signal(number, lambda received, _: stopping.append(received))
    started: dict[BaseProcess, float] = {}
    try:
        while not stopping:
            while len(started) < options.workers:
                started[_start(options, door)] = time.monotonic()
            _ = wait([process.sentinel for process in started], timeout=0.5)
            for process in [process for process in started if not process.is_alive()]:
                if time.monotonic() - started.pop(process) < QUICK_SECONDS and not stopping:
                    raise MainstayError(
                        f"a server process stopped at once (exit code {process.exitcode}); "
                        "what it wrote above says why"
                    )
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.join(DRAIN_SECONDS + 5)
    if any(process.exitcode == 1 for process in started):
        sys.exit(1)  # a disk failed under one of them, as its last words say


def _start(options: Options, door: socket.socket) -> BaseProcess:
    # Spawned, not forked: a child inherits no threads' locks and no database connections.
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve, args=(options, door), daemon=False)
    process.start()
    return process
