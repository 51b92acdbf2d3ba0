"""The supervisor: owns the listening socket, and keeps the right version behind it.

    the address means version 8   →  new workers load, verify and warm up version 8
                                  →  they accept, then those of version 7 accept no more
                                  →  version 7 stays warm, not listening
    it means version 7 again      →  its workers just accept again
    version 9 cannot be loaded    →  nothing changes but the state of the deployment, and a log line

All changes happen on one queue of events, one after the other, so that no two can cross.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import Callable, Coroutine

import msgspec

from mainstay.errors import InvalidModel, MainstayError
from mainstay.serving.deployments import Reporter, State
from mainstay.serving.generation import Generation, Launch
from mainstay.serving.process import WorkerProcess
from mainstay.serving.target import Target

log = logging.getLogger(__name__)

GRACE = 30.0
"""Seconds that requests under way have to end when the server stops."""
RETRY_FIRST, RETRY_LAST = 10.0, 300.0
"""Seconds before a version that could not be loaded is tried again; doubled up to the last."""
RESTART_LAST = 30.0
"""Seconds at most before a worker that died is replaced; the first at once, then ever slower."""
CALM = 120.0
"""Seconds without a death after which the next one is the first again."""


class Wanted(msgspec.Struct, frozen=True):
    """The address means this version now."""

    target: Target


class Lost(msgspec.Struct, frozen=True):
    """The address means nothing now."""

    message: str


class Died(msgspec.Struct, frozen=True):
    """A worker ended unasked."""

    generation: Generation


class Retry(msgspec.Struct, frozen=True):
    """Try a version again that could not be loaded."""

    target: Target


class Stop(msgspec.Struct, frozen=True):
    """Drain and end."""


Event = Wanted | Lost | Died | Retry | Stop | asyncio.Task[Generation]


class Supervisor:
    """Serves what an address means, on one socket, with ``workers`` processes a version.

    ``plan`` says how the workers of a version are started; it may take long (an environment is
    built) and runs in a thread.
    """

    def __init__(
        self,
        *,
        listener: socket.socket,
        first: Target,
        plan: Callable[[Target], Launch],
        reporter: Reporter,
        workers: int = 1,
    ) -> None:
        self._listener = listener
        self._desired: Target | None = first
        self._first = first
        self._plan = plan
        self._reporter = reporter
        self._workers = workers
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._current: Generation | None = None
        self._spare: Generation | None = None
        self._coming: asyncio.Task[Generation] | None = None
        self._coming_target: Target | None = None
        self._tries: dict[Target, int] = {}
        self._background: set[asyncio.Task[None]] = set()

    # -- called from other threads ---------------------------------------------------------------
    def want(self, target: Target) -> None:
        """Serve ``target`` from now on. Safe to call from any thread."""
        self._post(Wanted(target))

    def lose(self, message: str) -> None:
        """Go on as before, and say that the address means nothing. Safe from any thread."""
        self._post(Lost(message))

    def stop(self) -> None:
        """Drain and end. Safe to call from any thread."""
        self._post(Stop())

    def _post(self, event: Event) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    # -- the life of the server ------------------------------------------------------------------
    async def run(self, started: Callable[[], None] = lambda: None) -> None:
        """Serve until told to stop, by a call or by SIGTERM or SIGINT.

        Raises:
            InvalidModel: the first version cannot be served.
        """
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._events.put_nowait, Stop())
        self._report("starting")
        self._bring(self._first)
        try:
            while True:
                event = await self._events.get()
                if isinstance(event, Stop):
                    break
                was = self._current
                await self._handle(event)
                if was is None and self._current is not None:
                    started()
        finally:
            await self._end()

    async def _handle(self, event: Event) -> None:
        match event:
            case Wanted(target):
                self._desired = target
                self._tries.pop(target, None)
                await self._seek(target)
            case Lost(message):
                self._desired = None
                if self._current is not None:
                    self._cancel_coming()
                    self._report("serving", f"{message}; {self._now()} is served still")
            case Retry(target):
                if target == self._desired and not self._is_current(target):
                    await self._seek(target)
            case Died(generation):
                self._replace(generation)
            case asyncio.Task():
                await self._arrived(event)

    async def _seek(self, target: Target) -> None:
        """Get ``target`` behind the socket: it is there, or stands warm, or has to be loaded."""
        if self._coming is not None and self._coming_target == target:
            return
        self._cancel_coming()
        if self._is_current(target):
            self._report("serving")
        elif self._spare is not None and self._spare.target == target and self._spare.alive:
            log.info("%s stands warm: it accepts again", target)
            await self._flip(self._spare)
        else:
            self._report("swapping" if self._current else "starting", f"loading {target}")
            self._bring(target)

    def _bring(self, target: Target) -> None:
        self._coming_target = target
        self._coming = asyncio.create_task(self._load(target))
        self._coming.add_done_callback(self._events.put_nowait)

    async def _load(self, target: Target) -> Generation:
        samples = await self._current.samples() if self._current is not None else []
        launch = await asyncio.to_thread(self._plan, target)
        generation = Generation(launch, self._listener, self._on_death)
        for warning in await generation.load(self._workers, samples):
            log.warning("%s", warning)
        return generation

    async def _arrived(self, task: asyncio.Task[Generation]) -> None:
        """A load ended: flip to it, or say why not."""
        if task is not self._coming:
            if not task.cancelled() and task.exception() is None:
                await task.result().kill()
            return
        target = self._coming_target
        self._coming = self._coming_target = None
        if task.cancelled() or target is None:
            return
        error = task.exception()
        if error is None:
            self._tries.pop(target, None)
            await self._flip(task.result())
            return
        message = error.message if isinstance(error, MainstayError) else repr(error)
        if self._current is None:
            self._report("failed", message)
            raise InvalidModel(f"{target} cannot be served: {message}") from error
        self._fail(target, message)

    def _fail(self, target: Target, message: str) -> None:
        """Go on as before, say so, and try again later."""
        self._try_later(target)
        text = f"{target} cannot be served, so {self._now()} still is: {message}"
        log.error("%s", text)
        self._report("failed", text)

    async def _flip(self, new: Generation) -> None:
        """Let ``new`` accept, then let the old accept no more; it becomes the spare."""
        try:
            await new.open()
        except InvalidModel as error:
            self._fail(new.target, error.message)
            return
        old, self._current = self._current, new
        dropped = self._spare if self._spare is not new else None
        self._spare = old
        if old is not None:
            await old.close()
            log.info("%s accepts; %s stays warm", new.target, old.target)
        if dropped is not None:
            self._run(dropped.stop(GRACE))
        for _ in range(self._workers - len(new.workers)):
            self._run(self._restart(new, 0.0))  # it died while nobody needed it
        self._report("serving")

    # -- workers that end, loads that fail -------------------------------------------------------
    def _on_death(self, generation: Generation, worker: WorkerProcess) -> None:
        self._events.put_nowait(Died(generation))

    def _replace(self, generation: Generation) -> None:
        if generation is self._current:
            now = time.monotonic()
            if now - generation.restarted_at > CALM:
                generation.restarts = 0
            generation.restarts, generation.restarted_at = generation.restarts + 1, now
            delay = min(0.1 * 2 ** (generation.restarts - 1), RESTART_LAST)
            if self._is_current(self._desired):
                self._report("serving", f"a worker of {generation.target} ended; it is replaced")
            self._run(self._restart(generation, delay))
        elif generation is self._spare and not generation.alive:
            self._spare = None

    async def _restart(self, generation: Generation, delay: float) -> None:
        await asyncio.sleep(delay)
        if generation is not self._current:
            return
        try:
            await generation.add()
        except InvalidModel as error:
            log.error("a worker of %s cannot be replaced: %s", generation.target, error.message)
            self._events.put_nowait(Died(generation))
            return
        if self._is_current(self._desired):
            self._report("serving")
        else:
            generation.tell(self._reporter.last)

    def _try_later(self, target: Target) -> None:
        tries = self._tries[target] = self._tries.get(target, 0) + 1
        delay = min(RETRY_FIRST * 2 ** (tries - 1), RETRY_LAST)
        asyncio.get_running_loop().call_later(delay, self._events.put_nowait, Retry(target))

    def _cancel_coming(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
        self._coming = self._coming_target = None

    # -- small matters ---------------------------------------------------------------------------
    def _is_current(self, target: Target | None) -> bool:
        return self._current is not None and self._current.target == target

    def _now(self) -> str:
        return str(self._current.target) if self._current is not None else "nothing"

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _report(self, state: State, message: str = "") -> None:
        deployment = self._reporter.report(
            state,
            desired=self._desired.version if self._desired is not None else None,
            serving=self._current.target.version if self._current is not None else None,
            message=message,
        )
        if self._current is not None:
            self._current.tell(deployment)

    async def _end(self) -> None:
        """Take no more connections, let requests under way end, then report and return."""
        coming = self._coming
        self._cancel_coming()
        if coming is not None:
            with contextlib.suppress(asyncio.CancelledError, MainstayError):
                await coming
        for task in list(self._background):
            task.cancel()
        self._listener.close()
        ended = self._current is not None
        serving = [found for found in (self._current, self._spare) if found is not None]
        await asyncio.gather(*(generation.stop(GRACE) for generation in serving))
        if ended:
            self._report("stopped")
