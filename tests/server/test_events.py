"""Live events over HTTP, and the subscriber that hashes versions registered without a digest."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mainstay.packaging import manifest
from tests.support.server import RunningServer

STREAM = "/api/mainstay/1.0/events/stream"


class Listener:
    """Reads a stream of server-sent events."""

    def __init__(self, server: RunningServer, target: str, **headers: str) -> None:
        place = urlsplit(server.url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=120)
        self._connection.request("GET", target, headers=headers)
        self.response = self._connection.getresponse()

    def next(self) -> tuple[int, str, dict[str, object]]:
        """Return the next event: id, kind, data."""
        fields: dict[str, str] = {}
        while line := self.response.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n" and "data" in fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {} if line == "\n" else {**fields, name: value}
        raise AssertionError("the stream ended")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def listener(server: RunningServer) -> Iterator[Listener]:
    opened = Listener(server, STREAM)
    assert opened.response.status == 200
    assert opened.response.headers["content-type"].startswith("text/event-stream")
    opened.response.readline()
    yield opened
    opened.close()


def create(server: RunningServer, name: str) -> None:
    answer = server.call("POST", "/api/2.0/mlflow/registered-models/create", name=name)
    assert answer.status == 200, answer


def test_a_listener_hears_what_happens_next(server: RunningServer, listener: Listener) -> None:
    for number in range(3):
        create(server, f"live{number}")
    heard = [listener.next() for _ in range(3)]
    assert [kind for _, kind, _ in heard] == ["registered_model.created"] * 3
    assert [data["subject"] for _, _, data in heard] == ["live0", "live1", "live2"]


def test_a_listener_that_comes_back_misses_nothing(server: RunningServer) -> None:
    create(server, "before")
    first = Listener(server, f"{STREAM}?after=0")
    last, _, _ = first.next()
    first.close()
    create(server, "meanwhile0")
    create(server, "meanwhile1")
    again = Listener(server, STREAM, **{"Last-Event-ID": str(last)})
    expected = server.request("GET", f"/api/mainstay/1.0/events?after={last}").json["events"]
    assert isinstance(expected, list)
    heard = [again.next()[2] for _ in expected]
    again.close()
    assert heard == expected
    assert heard[-1]["subject"] == "meanwhile1"


def test_a_listener_hears_what_happens_at_another_server_and_may_come_back_to_it(
    postgres_uri: str, tmp_path: Path
) -> None:
    database = ("--backend-store-uri", postgres_uri)
    with (
        RunningServer(tmp_path / "one", *database) as one,
        RunningServer(tmp_path / "two", *database) as two,
    ):
        listener = Listener(one, STREAM)
        listener.response.readline()
        create(two, "elsewhere")
        last, kind, data = listener.next()
        listener.close()
        assert (kind, data["subject"]) == ("registered_model.created", "elsewhere")
        create(one, "while nobody listened")
        again = Listener(two, STREAM, **{"Last-Event-ID": str(last)})
        assert again.next()[2]["subject"] == "while nobody listened"
        again.close()


def test_the_stream_wants_a_position_that_is_a_number(server: RunningServer) -> None:
    answer = server.request("GET", f"{STREAM}?after=soon")
    assert (answer.status, answer.json["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_a_version_outside_the_proxy_gets_its_digest_in_the_background(tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    with RunningServer(tmp_path / "server") as server:
        made = server.call(
            "POST",
            "/api/2.0/mlflow/experiments/create",
            name="elsewhere",
            artifact_location=bucket.as_uri(),
        )
        run = server.call(
            "POST", "/api/2.0/mlflow/runs/create", experiment_id=made.json["experiment_id"]
        ).json["run"]
        assert isinstance(run, dict)
        root = Path(urlsplit(run["info"]["artifact_uri"]).path) / "model"
        root.mkdir(parents=True)
        (root / "MLmodel").write_text("flavors: {}")
        create(server, "outside")
        answer = server.call(
            "POST",
            "/api/2.0/mlflow/model-versions/create",
            name="outside",
            source=root.as_uri(),
            run_id=run["info"]["run_id"],
        )
        version = answer.json["model_version"]
        assert isinstance(version, dict), answer
        assert "digest" not in version, "a source we did not carry is pending at first"
        target = "/api/2.0/mlflow/model-versions/get?name=outside&version=1"
        deadline = time.monotonic() + 120
        while "digest" not in version:
            assert time.monotonic() < deadline, server.log
            found = server.request("GET", target).json["model_version"]
            assert isinstance(found, dict)
            version = found
        assert version["digest"] == manifest.digest(manifest.build(root))


def test_a_version_that_the_server_cannot_read_is_missing_and_not_a_fault(tmp_path: Path) -> None:
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "x"}
    with RunningServer(tmp_path, environment=environment) as server:
        create(server, "dead")
        created = "/api/2.0/mlflow/model-versions/create"
        assert server.call("POST", created, name="dead", source="s3://b/m").status == 200
        assert server.call("POST", created, name="dead", source="https://x/y").status == 200
        read = server.request("GET", "/model-versions/get-artifact?name=dead&version=2&path=a")
        assert (read.status, read.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
        assert "Traceback" not in server.log
