"""One kill: clients write and keep journals, the server dies, and everything is compared."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mainstay.stores.sql import upkeep
from tests.faults.api import BROKEN, Batches, Deed, Moves, Uploads
from tests.soak.nursery import Nursery
from tests.soak.servers import SoakedServer
from tests.support.server import Door


class Lost(Exception):
    """Something acknowledged is not there, or something is there in part or twice."""


class Aliases(Moves):
    """Moves of a model of its own, so that several clients do not meet."""

    def __init__(self, number: int) -> None:
        self.NAME = f"model-{number}"


class Writer:
    """A client with one kind of deed, and its journal: how many were acknowledged."""

    def __init__(self, deed: Deed) -> None:
        self.deed = deed
        self.acknowledged = 0

    def write(self, door: Door, stop: threading.Event) -> int:
        """Do deeds until the server is gone; return how many were acknowledged."""
        before = self.acknowledged
        with suppress(*BROKEN):
            while not stop.is_set():
                self.deed.do(door, self.acknowledged)
                self.acknowledged += 1
        return self.acknowledged - before

    def compare(self, door: Door) -> int:
        """Look what is there. At most the one that nobody was told of may be there besides."""
        try:
            found = self.deed.done(door)
        except AssertionError as error:
            raise Lost(f"{type(self.deed).__name__}: in part or twice: {error}") from error
        except BROKEN as error:
            raise Lost(f"{type(self.deed).__name__} cannot be read back: {error!r}") from error
        if found not in (self.acknowledged, self.acknowledged + 1):
            raise Lost(
                f"{type(self.deed).__name__}: {self.acknowledged} were acknowledged, "
                f"{found} are there"
            )
        untold = found - self.acknowledged
        self.acknowledged = found
        return untold


class Cycle:
    """A database and its clients, through many deaths of the server."""

    def __init__(self, nursery: Nursery, uri: str, folder: Path, chance: random.Random) -> None:
        self._nursery = nursery
        self._uri = uri if "@" in uri else f"sqlite:///{folder}/mainstay.db"
        self._folder = folder
        self._chance = chance
        self._writers = [Writer(Batches()), Writer(Batches()), Writer(Uploads())]
        self._writers += [Writer(Aliases(number)) for number in range(2)]
        self._server = self._start()
        for writer in self._writers:
            writer.deed.prepare(self._server)
        self.kills = 0
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        """Write, kill, start, compare. Raises: Lost."""
        stop = threading.Event()
        with ThreadPoolExecutor(len(self._writers)) as pool:
            jobs: list[Future[int]] = [
                pool.submit(writer.write, Door(self._server.url), stop) for writer in self._writers
            ]
            time.sleep(self._chance.uniform(0.005, 0.5))
            self._server.kill()
            stop.set()
            for job, writer in zip(jobs, self._writers, strict=True):
                self.counts[f"acknowledged {type(writer.deed).__name__.lower()}"] += job.result(60)
        self.kills += 1
        self.counts["kills"] += 1
        self._server = self._start()
        for writer in self._writers:
            self.counts["committed and not told"] += writer.compare(self._server)
        if self.kills % 5 == 0:
            self._check()

    def close(self) -> None:
        """Stop the server, and look at the database once more. Raises: Lost."""
        self._server.stop()
        self._check()

    def _check(self) -> None:
        problems = upkeep.check(self._uri).problems
        if problems:
            raise Lost(f"the database is not whole: {'; '.join(problems)}")
        self.counts["integrity checks"] += 1

    def _start(self) -> SoakedServer:
        return SoakedServer(self._nursery, self._folder, self._uri)
