"""Processes that begin as forks of one that has everything imported: a start costs no import.

    python -m tests.soak.nursery

reads one JSON object a line (``code`` to run, ``argv``, ``cwd``, ``env``, files for ``out`` and
``err``) and writes the pid of the fork. What is killed is a process of its own like any other; only
its first second is saved, which is most of what ten thousand kills cost.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

PRELOADED = (
    "mainstay.cli.main",
    "mainstay.cli.server",
    "mainstay.server.run",
    "mainstay.server.app",
    "mainstay.stores.sql.tables",
    "mainstay.fluent.logging",
    "mainstay.fluent.lifecycle",
    "mainstay.fluent.artifacts",
    "mainstay.capture.run",
    "mainstay.stores.http.tracking",
    "urllib3",
    "uvicorn.protocols.http.httptools_impl",
)
SECONDS = 120.0


class Fork:
    """A process that the nursery began."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def gone(self) -> bool:
        """Say whether it has ended."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self) -> None:
        """End it without warning, and wait until it is gone."""
        self.end(signal.SIGKILL)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send a signal and wait until the process is gone. Raises: TimeoutError."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        deadline = time.monotonic() + SECONDS
        while not self.gone():
            if time.monotonic() > deadline:
                raise TimeoutError(f"process {self.pid} outlived signal {number}")
            time.sleep(0.002)


class Nursery:
    """The process that forks; use it as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()

    def begin(
        self,
        code: str,
        *argv: str,
        cwd: Path,
        out: Path,
        err: Path,
        environment: Mapping[str, str] | None = None,
    ) -> Fork:
        """Run ``code`` in a process of its own."""
        asked = {
            "code": code,
            "argv": argv,
            "cwd": str(cwd),
            "out": str(out),
            "err": str(err),
            "env": dict(environment or {}),
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return Fork(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End the nursery; its forks live on."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    # A fork takes no thread with it: one that held a lock would leave it held for ever.
    assert threading.active_count() == 1, threading.enumerate()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
        print(pid, flush=True)


def _become(asked: dict[str, Any]) -> NoReturn:
    """Run what was asked for, as if this were a fresh interpreter."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(asked["cwd"])
    os.environ.update(asked["env"])
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, asked["err"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = list(asked["argv"])
    status = 0
    try:
        exec(compile(asked["code"], "<nursery>", "exec"), {"__name__": "__main__"})
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 0
    except BaseException:  # noqa: BLE001 - a process ends with its traceback, as any does
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _main()
