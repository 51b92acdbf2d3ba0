"""The few calls that the fault tests make, as any client would, and what must be true after them.

A *deed* does one numbered thing through a server and can tell how often it finds it done. Each is
all or nothing: a deed that finds a part of itself fails the test.
"""

from __future__ import annotations

import hashlib
import http.client
from typing import Protocol
from urllib.parse import quote

from tests.support.server import Answer, Door

API = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts/artifacts"
OWN = "/api/mainstay/1.0"

BROKEN = (OSError, http.client.HTTPException)
"""What a client sees of a server that dies while it answers."""


def post(server: Door, path: str, **fields: object) -> dict[str, object]:
    """Send a call that must be answered with 200."""
    answer = server.call("POST", path, **fields)
    assert answer.status == 200, answer
    return answer.json


def get(server: Door, target: str, **query: object) -> Answer:
    """Read."""
    asked = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
    return server.request("GET", f"{target}?{asked}" if asked else target)


def create_run(server: Door, experiment: str = "0") -> str:
    """Create a run and return its id."""
    run = post(server, f"{API}/runs/create", experiment_id=experiment, start_time=1)["run"]
    assert isinstance(run, dict)
    return str(run["info"]["run_id"])


def history(server: Door, run_id: str, key: str) -> list[tuple[int, float]]:
    """Return every point of a series as (step, value), as it was written."""
    found: list[tuple[int, float]] = []
    token = ""
    while True:
        answer = get(
            server, f"{API}/metrics/get-history", run_id=run_id, metric_key=key, page_token=token
        )
        assert answer.status == 200, answer
        page = answer.json
        points = page.get("metrics", [])
        assert isinstance(points, list)
        found += [(int(point.get("step", 0)), float(point["value"])) for point in points]
        token = str(page.get("next_page_token") or "")
        if not token:
            return found


class Deed(Protocol):
    """One kind of write."""

    def prepare(self, server: Door) -> None:
        """Make what the deeds need."""
        ...

    def do(self, server: Door, number: int) -> None:
        """Do deed ``number``; returning means that it was acknowledged. Raises: ``BROKEN``."""
        ...

    def done(self, server: Door) -> int:
        """Return how many deeds there are, from 0 on without a gap, each once and whole."""
        ...


class Batches:
    """``log-batch`` of three metrics, a parameter and a tag."""

    def prepare(self, server: Door) -> None:
        self.run_id = create_run(server)

    def do(self, server: Door, number: int) -> None:
        metrics = [
            {"key": key, "value": number + offset, "timestamp": number, "step": number}
            for offset, key in enumerate(("a", "b", "c"))
        ]
        post(
            server,
            f"{API}/runs/log-batch",
            run_id=self.run_id,
            metrics=metrics,
            params=[{"key": f"p{number}", "value": str(number)}],
            tags=[{"key": f"t{number}", "value": str(number)}],
        )

    def done(self, server: Door) -> int:
        series = [history(server, self.run_id, key) for key in "abc"]
        count = len(series[0])
        for offset, points in enumerate(series):
            wanted = [(step, float(step + offset)) for step in range(count)]
            assert points == wanted, f"{len(points)} points, not {count}: {points[-3:]}"
        run = get(server, f"{API}/runs/get", run_id=self.run_id).json["run"]
        assert isinstance(run, dict)
        data = run["data"]
        params = {param["key"]: param["value"] for param in data.get("params", [])}
        tags = {tag["key"]: tag["value"] for tag in data["tags"] if tag["key"].startswith("t")}
        assert params == {f"p{number}": str(number) for number in range(count)}
        assert tags == {f"t{number}": str(number) for number in range(count)}
        return count


class Uploads:
    """A proxied file of its own each time; the half-written ones are never seen."""

    def prepare(self, server: Door) -> None:
        self.folder = f"0/{create_run(server)}/artifacts"

    def do(self, server: Door, number: int) -> None:
        body = self.content(number)
        answer = server.request("PUT", f"{FILES}/{self.folder}/{number:04d}.bin", body)
        assert answer.status == 200, answer

    def done(self, server: Door) -> int:
        listed = get(server, FILES, path=self.folder).json.get("files", [])
        assert isinstance(listed, list)
        names = sorted(str(file["path"]) for file in listed)
        assert names == [f"{number:04d}.bin" for number in range(len(names))], names
        for number, name in enumerate(names):
            assert server.request("GET", f"{FILES}/{self.folder}/{name}").body == self.content(
                number
            )
        return len(names)

    @staticmethod
    def content(number: int) -> bytes:
        """Return bytes that no other number has."""
        return hashlib.sha256(str(number).encode()).digest() * 3000


class Moves:
    """Compare-and-set of an alias between two versions."""

    NAME, ALIAS = "churn", "champion"

    def prepare(self, server: Door) -> None:
        post(server, f"{API}/registered-models/create", name=self.NAME)
        for _ in range(2):
            post(server, f"{API}/model-versions/create", name=self.NAME, source="s3://bucket/model")

    def do(self, server: Door, number: int) -> None:
        expected = None if number == 0 else self.version(number - 1)
        move = {
            "name": self.NAME,
            "alias": self.ALIAS,
            "version": self.version(number),
            "expected_version": expected,
        }
        post(server, f"{OWN}/registry/alias-moves", move=move)

    def done(self, server: Door) -> int:
        answer = get(server, f"{OWN}/registry/alias-history", name=self.NAME, alias=self.ALIAS)
        changes = answer.json["changes"]
        assert isinstance(changes, list)
        versions = [change["version"] for change in changes]
        wanted = [self.version(number) for number in range(len(versions))]
        assert versions == wanted, f"{versions}, not {wanted}"
        holder = get(server, f"{API}/registered-models/alias", name=self.NAME, alias=self.ALIAS)
        if versions:
            version = holder.json["model_version"]
            assert isinstance(version, dict)
            assert int(version["version"]) == versions[-1]
        else:
            assert holder.status == 400
        moved = [event for event in self._events(server) if event["subject"] == self._subject]
        assert len(moved) == len(versions), f"{len(moved)} events of {len(versions)} moves"
        return len(versions)

    @staticmethod
    def version(number: int) -> int:
        """Return the version that move ``number`` gives the alias to."""
        return 1 + number % 2

    @property
    def _subject(self) -> str:
        return f"{self.NAME}@{self.ALIAS}"

    def _events(self, server: Door) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        after = 0
        while True:
            events = get(server, f"{OWN}/events", after=after, limit=1000).json["events"]
            assert isinstance(events, list)
            if not events:
                return found
            found += events
            after = events[-1]["event_id"]
