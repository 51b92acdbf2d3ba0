"""A generation: the worker processes that serve one version together."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence

import msgspec
from prometheus_client.multiprocess import mark_process_dead

from mainstay.entities.monitoring import Deployment
from mainstay.errors import InvalidModel
from mainstay.serving import channel
from mainstay.serving.channel import Sample, Samples, Spec
from mainstay.serving.process import WorkerGone, WorkerProcess
from mainstay.serving.target import Target

log = logging.getLogger(__name__)


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """How the workers of a version are started: the interpreter, its environment, its orders."""

    target: Target
    command: tuple[str, ...]
    environment: dict[str, str]
    metrics_folder: str
    spec: Spec


class Generation:
    """The workers of one version. ``died`` is called with a worker that ended unasked."""

    def __init__(
        self,
        launch: Launch,
        listener: socket.socket,
        died: Callable[[Generation, WorkerProcess], None],
    ) -> None:
        self.launch = launch
        self.target = launch.target
        self.workers: list[WorkerProcess] = []
        self.accepting = False
        self.restarts = 0
        self.restarted_at = 0.0
        self._listener = listener
        self._died = died
        self._guards: set[asyncio.Task[None]] = set()
        self._ending = False

    @property
    def alive(self) -> bool:
        """Whether any of its workers lives."""
        return any(worker.alive for worker in self.workers)

    async def load(self, count: int, samples: Sequence[Sample]) -> list[str]:
        """Start ``count`` workers side by side; return their warnings when all are ready.

        Raises:
            InvalidModel: this version cannot be served. All its workers have ended then.
        """
        tasks = [asyncio.create_task(self.add(samples)) for _ in range(count)]
        try:
            await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.kill()
            raise
        return [text for worker in self.workers if worker.ready for text in worker.ready.warnings]

    async def add(self, samples: Sequence[Sample] = ()) -> None:
        """Start one more worker; it accepts if the generation does. Raises: InvalidModel."""
        worker = await WorkerProcess.start(
            self.launch.command, self._listener, environment=self.launch.environment
        )
        try:
            spec = msgspec.structs.replace(self.launch.spec, samples=list(samples))
            ready = await worker.load(spec)
        except BaseException:
            await worker.kill()
            raise
        self.workers.append(worker)
        guard = asyncio.create_task(self._guard(worker))
        self._guards.add(guard)
        guard.add_done_callback(self._guards.discard)
        log.info("worker %d has %s ready after %.2f s", worker.pid, self.target, ready.seconds)
        if self.accepting:
            await self._ask(worker, channel.Open())

    async def open(self) -> None:
        """Accept. Raises: InvalidModel if no worker does."""
        self.accepting = True
        opened = [await self._ask(worker, channel.Open()) for worker in list(self.workers)]
        if not any(opened):
            raise InvalidModel(f"no worker of {self.target} is left to accept")

    async def close(self) -> None:
        """Accept no more, and stay warm."""
        self.accepting = False
        for worker in list(self.workers):
            await self._ask(worker, channel.Close())

    async def samples(self) -> list[Sample]:
        """Return recent bodies of the first worker that has any."""
        for worker in list(self.workers):
            reply = await self._ask(worker, channel.GiveSamples())
            if isinstance(reply, Samples) and reply.samples:
                return reply.samples
        return []

    def tell(self, deployment: Deployment) -> None:
        """Let the workers know the state, for ``/ready``."""
        for worker in self.workers:
            worker.tell(channel.Status(deployment))

    async def stop(self, grace: float) -> None:
        """Let every worker finish what it holds and end."""
        self._ending = True
        self.accepting = False
        await asyncio.gather(*(worker.stop(grace) for worker in self.workers))

    async def kill(self) -> None:
        """End every worker at once."""
        self._ending = True
        await asyncio.gather(*(worker.kill() for worker in self.workers))

    async def _ask(self, worker: WorkerProcess, order: channel.Order) -> channel.Reply | None:
        try:
            return await worker.ask(order)
        except WorkerGone as error:
            log.warning("worker %d of %s: %s", worker.pid, self.target, error)
            return None

    async def _guard(self, worker: WorkerProcess) -> None:
        code = await worker.process.wait()
        mark_process_dead(worker.pid, self.launch.metrics_folder)  # type: ignore[no-untyped-call]
        if self._ending:
            return
        self.workers.remove(worker)
        log.error("worker %d of %s ended with exit code %d", worker.pid, self.target, code)
        self._died(self, worker)
