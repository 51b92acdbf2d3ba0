"""OpenLineage events have the shape of the specification, and a server sends them."""

from __future__ import annotations

import http.server
import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openlineage.client import event_v2
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.source_code_location_job import SourceCodeLocationJobFacet
from openlineage.client.serde import Serde

from mainstay.entities.events import Event
from mainstay.errors import BadInput, Unavailable
from mainstay.provenance import openlineage
from mainstay.server.openlineage import OpenLineage
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.registry import SqlRegistry
from tests.provenance.conftest import COMMIT, Made
from tests.support.server import RunningServer

FACETS = {
    "version": DatasetVersionDatasetFacet,
    "sourceCodeLocation": SourceCodeLocationJobFacet,
}
"""The facets that we write, as the standard's own package has them, made from its schemas."""


def through_the_official_classes(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as OpenLineage's own client writes it; a name it has not is a TypeError."""

    def facets(given: dict[str, Any]) -> dict[str, Any]:
        return {
            name: FACETS[name](
                **{key: value for key, value in fields.items() if not key.startswith("_")},
                producer=fields["_producer"],
            )
            for name, fields in given.items()
        }

    def part(kind: Any, given: dict[str, Any]) -> Any:
        return kind(**{**given, "facets": facets(given["facets"])})

    made = event_v2.RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        eventType=event_v2.RunState(event["eventType"]),
        run=part(event_v2.Run, event["run"]),
        job=part(event_v2.Job, event["job"]),
        inputs=[part(event_v2.InputDataset, one) for one in event["inputs"]],
        outputs=[part(event_v2.OutputDataset, one) for one in event["outputs"]],
    )
    written: dict[str, Any] = json.loads(Serde.to_json(made))
    for one in (*written["inputs"], *written["outputs"]):
        assert not one.pop("inputFacets", None)  # its client writes empty ones
        assert not one.pop("outputFacets", None)
    assert written.keys() == {*event}
    return written


def well_formed(event: dict[str, Any]) -> None:
    """Assert what the JSON schema of ``RunEvent`` (2-0-2) requires."""
    assert {"eventTime", "producer", "schemaURL", "run", "job"} <= event.keys()
    assert event["eventType"] in {"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"}
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    assert str(uuid.UUID(event["run"]["runId"])) == event["run"]["runId"]
    assert event["producer"].startswith("https://")
    assert event["schemaURL"].startswith("https://openlineage.io/spec/2-0-2/OpenLineage.json")
    assert through_the_official_classes(event) == event
    for part in (event["job"], *event["inputs"], *event["outputs"]):
        assert part["namespace"]
        assert part["name"]
        for facet in part["facets"].values():
            assert {"_producer", "_schemaURL"} <= facet.keys()


def test_a_version_gives_events_of_data_training_and_release(made: Made) -> None:
    made.stores.registry.set_alias("churn", "candidate", 1)
    found = list(openlineage.of_version(made.stores, "churn", 1, namespace="mainstay"))
    for event in found:
        well_formed(event)
        assert json.loads(openlineage.encode(event)) == event
    data, training, release = found[0], found[1], found[-1]
    assert data["job"]["name"] == "jobs/clean.py"
    assert [one["name"] for one in data["inputs"]] == ["raw"]
    assert data["outputs"][0]["facets"]["version"]["datasetVersion"] == made.clean
    assert training["run"]["runId"].replace("-", "") == made.runs[0]
    code = training["job"]["facets"]["sourceCodeLocation"]
    assert (code["url"], code["version"]) == ("https://git.example.org/churn", COMMIT)
    assert [one["name"] for one in training["outputs"]] == ["models/churn/1"]
    assert release["job"]["name"] == "release.churn@candidate"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_server_writes_events_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_OPENLINEAGE", str(tmp_path / "events.jsonl"))
    with RunningServer(tmp_path) as server:
        from mainstay import Client

        client = Client(server.url)
        run = client.create_run("0")
        client.create_registered_model("churn")
        client.create_model_version("churn", "s3://bucket/1", run_id=run.info.run_id)
        client.set_registered_model_alias("churn", "champion", 1)
        file = tmp_path / "events.jsonl"
        wait_for(lambda: file.exists() and len(file.read_text().splitlines()) == 2)
    events = [json.loads(line) for line in file.read_text().splitlines()]
    for event in events:
        well_formed(event)
    assert [event["outputs"][0]["name"] for event in events] == [
        "models/churn/1",
        "models/churn@champion",
    ]


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Takes events; refuses the first."""

    taken: list[dict[str, Any]]
    refused: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = type(self)
        if not kind.refused:
            kind.refused = 1
            self.send_response(503)
        else:
            kind.taken.append(json.loads(body))
            self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its own name)
        """Say nothing."""


def test_an_endpoint_that_is_away_gets_the_event_later(made: Made) -> None:
    handler: Any = type("Own", (Endpoint,), {"taken": [], "refused": 0})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as place:
        thread = threading.Thread(target=place.serve_forever, daemon=True)
        thread.start()
        target = f"http://127.0.0.1:{place.server_address[1]}/api/v1/lineage"
        subscriber = OpenLineage(made.stores, target)  # type: ignore[arg-type]
        event = Event(
            event_id=1,
            kind="model_version.created",
            subject="churn/1",
            data={"name": "churn", "version": 1},
            at=1,
        )
        with pytest.raises(Unavailable, match="503"):
            subscriber.deliver(event)
        subscriber.deliver(event)
        place.shutdown()
        thread.join()
    assert handler.taken[0]["job"]["name"] == "jobs/clean.py"
    for one in handler.taken:
        well_formed(one)
    with pytest.raises(Unavailable, match="did not answer"):
        subscriber.deliver(event)


def test_events_about_nothing_that_is_there_are_passed_over(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/m.db")

    class Records:
        registry = SqlRegistry(database)

    subscriber = OpenLineage(Records(), str(tmp_path / "out.jsonl"))  # type: ignore[arg-type]
    gone = Event(
        event_id=1, kind="model_version.created", subject="", at=1, data={"name": "x", "version": 1}
    )
    subscriber.deliver(gone)
    assert not (tmp_path / "out.jsonl").exists()
    database.close()
    with pytest.raises(BadInput, match="OPENLINEAGE"):
        OpenLineage(Records(), "ftp://somewhere/x")  # type: ignore[arg-type]
