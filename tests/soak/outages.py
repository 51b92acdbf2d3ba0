"""The server is away for minutes, and training goes on: what was logged meanwhile arrives, once."""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.soak.cycle import Lost
from tests.soak.nursery import Fork, Nursery
from tests.soak.training import Training

PROCESSES, PAUSE = 4, 0.02
SECONDS = (60.0, 600.0)
BEGUN_SECONDS = 120.0


class Outages(Training):
    """Each outage is lived through by four processes: some are killed, one gets to its end."""

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        chance: random.Random,
        *,
        seconds: tuple[float, float] = SECONDS,
    ) -> None:
        super().__init__(nursery, folder, chance)
        self._seconds = seconds
        self._outages = 0

    def run(self) -> None:
        """Train, take the server away, kill some, give it back, sync, compare. Raises: Lost."""
        away = self._chance.uniform(*self._seconds)
        steps = int((away + 5) / PAUSE)
        folders = [self._folder / f"outage-{self._outages}-{n}" for n in range(PROCESSES)]
        self._outages += 1
        for folder in folders:
            folder.mkdir()
        processes = [self._train(folder, steps=steps, pause=PAUSE) for folder in folders]
        for process, folder in zip(processes, folders, strict=True):
            self._begun(process, folder)
        self._let_run(self._chance.uniform(0.0, 2.5))
        self._leave(processes[:2], away)
        # The third dies while what was kept is being sent; the fourth ends by itself.
        self._let_run(self._chance.uniform(0.0, 3.0))
        self._kill(processes[2])
        self._ends(processes[3], folders[3])
        for folder in folders:
            self._sync(folder / "spool")
            self._compare(folder)
        self.counts["outages"] += 1
        self.counts["seconds away"] += round(away)

    def _begun(self, process: Fork, folder: Path) -> None:
        """Wait until a process has begun to log. Raises: Lost, if it does not."""
        deadline = time.monotonic() + BEGUN_SECONDS
        journal = folder / "journal"
        while not (journal.exists() and journal.stat().st_size):
            if process.gone() or time.monotonic() > deadline:
                raise Lost(f"training of {folder.name} did not begin")
            time.sleep(0.01)

    def _leave(self, processes: list[Fork], seconds: float) -> None:
        """Take the server away for so long, and kill these processes meanwhile."""
        if self._chance.random() < 0.5:
            self._server.kill()
        else:
            self._server.stop()
        deaths = sorted(self._chance.uniform(0.0, seconds) for _ in processes)
        slept = 0.0
        for process, death in zip(processes, deaths, strict=True):
            self._let_run(death - slept)
            slept = death
            self._kill(process)
        self._let_run(seconds - slept)
        self._server = self._start()

    def _kill(self, process: Fork) -> None:
        process.kill()
        self.kills += 1
        self.counts["kills"] += 1

    def _ends(self, process: Fork, folder: Path) -> None:
        """Wait for the process that nobody kills. Raises: Lost, where it did not get to its end."""
        deadline = time.monotonic() + self._seconds[1] + 600
        while not process.gone():
            if time.monotonic() > deadline:
                process.kill()
                raise Lost(f"training of {folder.name} hangs")
            time.sleep(0.05)
        if not (folder / "journal").read_text().endswith("end\n"):
            said = (folder / "err").read_text()[-1000:]
            raise Lost(f"training of {folder.name} was stopped by an outage: {said}")
        self.counts["trainings that went on to their end"] += 1
