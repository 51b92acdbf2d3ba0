"""One server under measurement, with the runs and the model that every server is given."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from benchmarks.tracking import peers
from benchmarks.tracking.client import Connection, body_of, request
from benchmarks.tracking.peers import Server

API = "/api/2.0/mlflow/"
BYTES = "application/octet-stream"
RUNS = 1000
METRICS, PARAMS, TAGS = 20, 15, 10
POINTS = 10_000
STARTED = 1_790_000_000_000
PREPARING_CLIENTS = 4


def post(path: str, **fields: Any) -> bytes:
    """Return a request of MLflow's API."""
    return request("POST", API + path, json.dumps(fields).encode())


def values_of(number: int) -> dict[str, list[dict[str, Any]]]:
    """Return the values of a run: the same on every server."""
    chance = random.Random(number)
    metrics = [
        {"key": f"metric_{n}", "value": chance.random(), "timestamp": STARTED + number, "step": 0}
        for n in range(METRICS)
    ]
    params = [{"key": f"param_{n}", "value": str(chance.randrange(10))} for n in range(PARAMS)]
    tags = [{"key": f"tag_{n}", "value": f"word {chance.randrange(10)}"} for n in range(TAGS)]
    return {"metrics": metrics, "params": params, "tags": tags}


class Subject:
    """A server with an experiment of its own. ``steps`` never repeat."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = server.kind.name
        self.address = server.address
        self.steps: Iterator[int] = count()
        self.runs: list[str] = []
        self.experiment = "0"
        self.long_run = ""

    def prepare(self) -> None:
        """Give the server its data; on the floor, only a run to write to."""
        if self.server.kind is peers.FLOOR:
            self.runs = [f"{n:032x}" for n in range(16)]
            return
        if self.server.kind is peers.RELAXED:  # only written to
            connection = Connection(self.address)
            self.runs = [self._new_run(connection, "0", number) for number in range(16)]
            connection.close()
            return
        connection = Connection(self.address)
        made = self._ask(connection, post("experiments/create", name="searched"))
        self.experiment = str(made["experiment_id"])
        connection.close()
        with ThreadPoolExecutor(PREPARING_CLIENTS) as pool:
            self.runs, *_ = pool.map(self._fill, range(PREPARING_CLIENTS))
        connection = Connection(self.address)  # the first would be idle for too long
        self.long_run = self._new_run(connection, "0")
        for start in range(0, POINTS, 1000):
            self._ask(connection, self.batch(self.long_run, "long", start))
        if self.server.kind.registry:
            self._ask(connection, post("registered-models/create", name="model"))
            place = f"0/{self.long_run}/artifacts/model"
            target = f"/api/2.0/mlflow-artifacts/artifacts/{place}/MLmodel"
            connection.call(request("PUT", target, b"flavors: {}", kind=BYTES))
            source = f"mlflow-artifacts:/{place}"
            version = {"name": "model", "source": source, "run_id": self.long_run}
            self._ask(connection, post("model-versions/create", **version))
            alias = post("registered-models/alias", name="model", alias="champion", version="1")
            self._ask(connection, alias)
        connection.close()

    def batch(self, run_id: str, key: str, start: int) -> bytes:
        """Return a log-batch of 1,000 points of ten series."""
        points = [
            {
                "key": key if key == "long" else f"{key}_{n % 10}",
                "value": (start + n) / 7,
                "timestamp": STARTED + start + n,
                "step": start + n,
            }
            for n in range(1000)
        ]
        return post("runs/log-batch", run_id=run_id, metrics=points)

    def _fill(self, share: int) -> list[str]:
        connection = Connection(self.address)
        made = []
        for number in range(share, RUNS, PREPARING_CLIENTS):
            made.append(self._new_run(connection, self.experiment, number))
            self._ask(connection, post("runs/log-batch", run_id=made[-1], **values_of(number)))
        connection.close()
        return made

    def _new_run(self, connection: Connection, experiment: str, number: int = 0) -> str:
        started = STARTED + number
        asked = post("runs/create", experiment_id=experiment, start_time=started, user_id="bench")
        return str(self._ask(connection, asked)["run"]["info"]["run_id"])

    def _ask(self, connection: Connection, asked: bytes) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(body_of(connection.call(asked)))
        return answer


def timed(work: Any) -> float:
    """Return the seconds that ``work()`` took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
