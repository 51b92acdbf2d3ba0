"""Clients race for aliases while the server is killed: each alias's history must have one order."""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.linear import linearizable
from tests.faults.racing import Clients, last_read, make_versions, wait_for_more
from tests.soak.cycle import Lost
from tests.soak.nursery import Nursery
from tests.soak.servers import SoakedServer

CLIENTS, ALIASES, OPERATIONS = 5, 40, 240


class Histories:
    """A database, and rounds of fresh aliases; in each round the server dies once."""

    def __init__(self, nursery: Nursery, uri: str, folder: Path, chance: random.Random) -> None:
        self._nursery = nursery
        self._uri = uri if "@" in uri else f"sqlite:///{folder}/mainstay.db"
        self._folder = folder
        self._chance = chance
        self._server = self._start()
        make_versions(self._server)
        self.kills = 0
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        """Race, kill, race on, and look at each history. Raises: Lost."""
        aliases = [f"r{self.kills}-{number}" for number in range(ALIASES)]
        clients = Clients(self._server.url, aliases, self._chance.randrange(1 << 30))
        with ThreadPoolExecutor(CLIENTS) as pool:
            jobs = [pool.submit(clients.run, number) for number in range(CLIENTS)]
            try:
                wait_for_more(clients, OPERATIONS)
                time.sleep(self._chance.uniform(0.0, 0.05))
                self._server.kill()
                self._server = self._start()
                clients.door.url = self._server.url
                wait_for_more(clients, OPERATIONS)
            finally:
                clients.stop()
            for job in jobs:
                job.result(60)
        self.kills += 1
        self.counts["kills"] += 1
        self.counts["lost answers of moves"] += clients.unknown
        for alias in aliases:
            history = [*clients.histories[alias], last_read(self._server, alias)]
            if not linearizable(history):
                raise Lost(f"no order explains {alias}: {sorted(history, key=lambda o: o.begun)}")
            self.counts["histories of aliases"] += 1
            self.counts["reads and moves in them"] += len(history)

    def close(self) -> None:
        """Stop the server."""
        self._server.stop()

    def _start(self) -> SoakedServer:
        return SoakedServer(self._nursery, self._folder, self._uri)
