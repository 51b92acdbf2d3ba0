"""Spooled records over HTTP: applied once, and versions in them are frozen before the answer."""

from __future__ import annotations

import msgspec

from mainstay.entities.metrics import Metric
from mainstay.entities.spool import (
    CreateLoggedModel,
    CreateRun,
    CreateVersion,
    LogBatch,
    Operation,
    Record,
)
from mainstay.wire.spool import AppliedAnswer, Apply
from tests.support.server import RunningServer

RUN, MODEL = "a" * 32, "m-" + "b" * 32


def apply(server: RunningServer, segment: str, *operations: Operation, after: int = 0) -> int:
    records = [Record(after + n, operation) for n, operation in enumerate(operations, 1)]
    body = msgspec.msgpack.encode(Apply(segment=segment, records=records))
    headers = {"Content-Type": "application/msgpack"}
    answer = server.request("POST", "/api/mainstay/1.0/spool/apply", body, headers)
    assert answer.status == 200, answer
    applied = msgspec.msgpack.decode(answer.body, type=AppliedAnswer).applied
    assert applied.rejected == []
    return applied.sequence


def test_a_resent_segment_has_no_second_effect(server: RunningServer) -> None:
    start = CreateRun(run_id=RUN, experiment_id="0", start_time=1)
    log = LogBatch(run_id=RUN, metrics=[Metric("loss", 0.5, 1, 0)], params={"p": "1"})
    assert apply(server, "one", start, log) == 2
    assert apply(server, "one", start, log) == 2
    history = server.request(
        "GET", f"/api/2.0/mlflow/metrics/get-history?run_id={RUN}&metric_key=loss"
    ).json["metrics"]
    assert history == [{"key": "loss", "value": 0.5, "timestamp": 1, "step": 0}]
    known = server.request("GET", "/api/mainstay/1.0/spool/applied?segment=one")
    assert msgspec.msgpack.decode(known.body, type=AppliedAnswer).applied.sequence == 2


def test_a_spooled_version_has_its_digest_when_the_answer_comes(server: RunningServer) -> None:
    apply(server, "two", CreateLoggedModel(model_id=MODEL, name="net", experiment_id="0"))
    root = f"0/models/{MODEL}/artifacts"
    put = f"/api/2.0/mlflow-artifacts/artifacts/{root}/MLmodel"
    assert server.request("PUT", put, b"flavors: {}").status == 200
    apply(server, "two", CreateVersion(name="spooled", source=f"models:/{MODEL}"), after=1)
    version = server.request(
        "GET", "/api/2.0/mlflow/model-versions/get?name=spooled&version=1"
    ).json["model_version"]
    assert isinstance(version, dict)
    assert len(version["digest"]) == 64
    assert server.request("PUT", put, b"other").status == 409


def test_who_sent_a_version_through_the_spool_is_in_the_audit(server: RunningServer) -> None:
    version = CreateVersion(name="audited", source=f"mlflow-artifacts:/0/models/{MODEL}/artifacts")
    body = msgspec.msgpack.encode(Apply(segment="three", records=[Record(1, version)]))
    headers = {"Content-Type": "application/msgpack", "X-Mainstay-User": "ada"}
    assert server.request("POST", "/api/mainstay/1.0/spool/apply", body, headers).status == 200
    links = server.request("GET", "/api/mainstay/1.0/audit?limit=10000").json["entries"]
    made = [link for link in links if link["action"] == "model_version.created"]
    assert [link["principal"] for link in made if "audited" in link["subject"]] == [
        "anonymous (ada)"
    ]
