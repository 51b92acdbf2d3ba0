"""The supervisor's handle on one worker process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence

from mainstay.errors import InvalidModel
from mainstay.serving import channel
from mainstay.serving.channel import Failed, Order, Ready, Reply, Spec

LOAD_TIMEOUT = 600.0
"""Seconds a worker may take to fetch, verify, load and warm its model."""
ANSWER_TIMEOUT = 60.0
"""Seconds a worker may take to answer an order; long, since a model may hold it up."""


class WorkerGone(Exception):
    """The worker process ended, or does not answer."""


class WorkerProcess:
    """A worker that was started, until it has ended."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.process = process
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()
        self.ready: Ready | None = None

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        listener: socket.socket,
        *,
        environment: Mapping[str, str],
    ) -> WorkerProcess:
        """Start a process that inherits ``listener``; it waits for its ``Spec``."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *command,
                "-m",
                "mainstay.serving.worker",
                str(listener.fileno()),
                str(theirs.fileno()),
                pass_fds=(listener.fileno(), theirs.fileno()),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
            )
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours)
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.process.returncode is None

    async def load(self, spec: Spec, timeout: float = LOAD_TIMEOUT) -> Ready:
        """Give it its model, and return when it is ready to accept.

        Raises:
            InvalidModel: this version cannot be served; the message says why.
        """
        try:
            reply = await self.ask(spec, timeout)
        except WorkerGone as error:
            code = await self._ended()
            how = f"ended with exit code {code}" if code is not None else str(error)
            raise InvalidModel(f"the worker that was to load {spec.uri} {how}") from error
        if isinstance(reply, Failed):
            raise InvalidModel(reply.message)
        if not isinstance(reply, Ready):
            raise InvalidModel(f"the worker that was to load {spec.uri} answered {reply!r}")
        self.ready = reply
        return reply

    async def ask(self, order: Order, timeout: float = ANSWER_TIMEOUT) -> Reply:
        """Send an order and return its reply. Raises: WorkerGone."""
        async with self._turn:
            try:
                self._writer.write(channel.frame(order))
                return await asyncio.wait_for(channel.read_reply(self._reader), timeout)
            except TimeoutError as error:
                # A reply that came after all would be taken for that of the next order.
                with contextlib.suppress(ProcessLookupError):
                    self.process.kill()
                raise WorkerGone(f"did not answer within {timeout:g} s") from error
            except (asyncio.IncompleteReadError, OSError) as error:
                raise WorkerGone(f"worker {self.pid} ended") from error

    def tell(self, order: Order) -> None:
        """Send an order that has no reply; a worker that is gone is passed over."""
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.write(channel.frame(order))

    async def stop(self, grace: float) -> None:
        """Let it finish what it holds and end; kill it ``grace`` and some seconds later."""
        with contextlib.suppress(WorkerGone):
            await self.ask(channel.Stop(grace))
        try:
            await asyncio.wait_for(self.process.wait(), grace + 15)
        except TimeoutError:
            await self.kill()
        self._writer.close()

    async def kill(self) -> None:
        """End it at once; nobody's request is with it."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self._writer.close()

    async def _ended(self) -> int | None:
        try:
            return await asyncio.wait_for(self.process.wait(), 2.0)
        except TimeoutError:
            return None
