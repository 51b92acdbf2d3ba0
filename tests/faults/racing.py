"""Clients that race for aliases and keep a history of each, whatever happens to the server."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict

from tests.faults.api import API, BROKEN, OWN, get, post
from tests.faults.linear import Operation
from tests.support.server import Door

NAME, VERSIONS = "churn", 3


class Clients:
    """Moves and reads aliases through whatever server is up, and keeps the histories."""

    def __init__(self, url: str, aliases: list[str], seed: int) -> None:
        self.door = Door(url, seconds=10)
        self.histories: dict[str, list[Operation]] = defaultdict(list)
        self._aliases = aliases
        self._seed = seed
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.unknown = 0

    def run(self, number: int) -> None:
        """Be one client until told to stop."""
        chance = random.Random(self._seed * 1000 + number)
        while not self._stop.is_set():
            alias = chance.choice(self._aliases)
            try:
                seen = self._read(alias)
                if chance.random() < 0.7:
                    self._move(alias, seen, chance.randint(1, VERSIONS))
            except BROKEN:  # a read has no effect: nothing to remember
                self._stop.wait(0.02)

    def stop(self) -> None:
        """Let the clients finish."""
        self._stop.set()

    def _read(self, alias: str) -> int | None:
        begun = time.monotonic()
        answer = get(self.door, f"{API}/registered-models/alias", name=NAME, alias=alias)
        ended = time.monotonic()
        if answer.status == 200:
            version = answer.json["model_version"]
            assert isinstance(version, dict)
            value = int(version["version"])
        else:
            assert answer.status == 400, answer
            value = None
        self._keep(alias, Operation("read", begun, ended, value))
        return value

    def _move(self, alias: str, expected: int | None, version: int) -> None:
        move = {"name": NAME, "alias": alias, "version": version, "expected_version": expected}
        begun = time.monotonic()
        try:
            answer = self.door.call("POST", f"{OWN}/registry/alias-moves", move=move)
        except BROKEN:
            unknown = Operation("cas", begun, time.monotonic(), version, expected, "unknown")
            self._keep(alias, unknown)
            with self._lock:
                self.unknown += 1
            return
        assert answer.status in (200, 409), answer
        outcome = "done" if answer.status == 200 else "refused"
        self._keep(alias, Operation("cas", begun, time.monotonic(), version, expected, outcome))  # type: ignore[arg-type]

    def _keep(self, alias: str, operation: Operation) -> None:
        with self._lock:
            self.histories[alias].append(operation)


def make_versions(server: Door) -> None:
    post(server, f"{API}/registered-models/create", name=NAME)
    for _ in range(VERSIONS):
        post(server, f"{API}/model-versions/create", name=NAME, source="s3://bucket/model")


def wait_for_more(clients: Clients, count: int) -> None:
    wanted = sum(map(len, clients.histories.values())) + count
    deadline = time.monotonic() + 120
    while sum(map(len, list(clients.histories.values()))) < wanted:
        assert time.monotonic() < deadline, "the clients do not get on"
        time.sleep(0.01)


def last_read(server: Door, alias: str) -> Operation:
    """Read at the end; the alias's own history must end with the same version."""
    begun = time.monotonic()
    answer = get(server, f"{API}/registered-models/alias", name=NAME, alias=alias)
    version = answer.json.get("model_version")
    value = int(version["version"]) if isinstance(version, dict) else None
    changes = get(server, f"{OWN}/registry/alias-history", name=NAME, alias=alias).json["changes"]
    assert isinstance(changes, list)
    # Each change follows from the one before: no lost update, no fork.
    held = None
    for change in changes:
        assert change["previous"] == held
        held = change["version"]
    assert held == value
    return Operation("read", begun, time.monotonic(), value)
