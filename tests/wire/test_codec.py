"""Reading and writing requests and answers, on both sides of the wire."""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mainstay.entities.metrics import Metric
from mainstay.entities.monitoring import FeatureDrift, Report
from mainstay.entities.release import AliasMove, CheckResult, Evidence, Verdict
from mainstay.entities.spool import CreateRun, LogBatch, Record
from mainstay.errors import BadInput, BadRequest, StrangeAnswer
from mainstay.wire import metrics, monitoring, release, runs, spool
from mainstay.wire.codec import decode_answer, decode_request, encode_answer, encode_request
from mainstay.wire.endpoint import Endpoint
from mainstay.wire.endpoints import BY_NAME

RUN = "a" * 32


def read(name: str, body: Any = None, **query: str) -> Any:
    row = BY_NAME[name]
    raw = b"" if body is None else json.dumps(body).encode()
    return decode_request(row, row.methods[0], query=list(query.items()), body=raw)


def across(name: str, request: Any) -> Any:
    """Return a request as the other side reads it."""
    row: Endpoint = BY_NAME[name]
    sent = encode_request(row, request, row.methods[0])
    pairs = parse_qsl(sent.target.partition("?")[2], keep_blank_values=True)
    return decode_request(row, row.methods[0], query=pairs, body=sent.body or b"")


@pytest.mark.parametrize("name", ["run_id", "run_uuid", "runId", "runUuid"])
def test_a_run_is_named_in_any_of_four_spellings(name: str) -> None:
    assert read("runs.delete", {name: RUN}).run_id == RUN
    assert read("runs.get", **{name: RUN}).run_id == RUN


def test_run_id_wins_over_run_uuid() -> None:
    assert read("runs.delete", {"run_id": RUN, "run_uuid": "b" * 32}).run_id == RUN


def test_a_request_that_names_no_run_is_refused_in_mlflows_words() -> None:
    words = "Missing value for required parameter 'run_id'. See the API docs"
    with pytest.raises(BadInput, match=words):
        read("runs.delete", {})
    with pytest.raises(BadInput, match=words):
        read("runs.get")


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        (1, 1.0),
        (0.5, 0.5),
        ("1.5", 1.5),
        ("-2e3", -2000.0),
        (True, 1.0),
        (False, 0.0),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ("inf", math.inf),
    ],
)
def test_a_metric_value_is_read_however_it_is_written(sent: Any, value: float) -> None:
    body = {"run_id": RUN, "key": "m", "value": sent, "timestamp": 1}
    assert read("runs.log_metric", body).metric().entity().value == value


@pytest.mark.parametrize("text", [b"NaN", b'"NaN"', b'"nan"'])
def test_a_value_that_is_not_a_number_stays_one(text: bytes) -> None:
    row = BY_NAME["runs.log_metric"]
    body = b'{"run_id": "r", "key": "m", "value": ' + text + b', "timestamp": 7}'
    found = decode_request(row, "POST", body=body)
    assert isinstance(found, runs.LogMetric)
    assert math.isnan(found.metric().entity().value)
    assert found.timestamp == 7


def test_numbers_come_as_text_as_whole_floats_and_as_numbers() -> None:
    for sent in ("1700000000000", 1700000000000.0, 1700000000000):
        body = {"run_id": RUN, "key": "m", "value": 1, "timestamp": sent}
        assert read("runs.log_metric", body).timestamp == 1700000000000


def test_camel_case_counts_where_snake_case_is_also_there() -> None:
    found = read("runs.create", {"experiment_id": "1", "runName": "n", "startTime": "5"})
    assert (found.experiment_id, found.run_name, found.start_time) == ("1", "n", 5)


def test_unknown_fields_are_passed_over_under_mlflows_paths() -> None:
    assert read("runs.create", {"experiment_id": "1", "zzz": {"a": 1}}).experiment_id == "1"


def test_unknown_fields_are_errors_under_our_own_paths_at_every_depth() -> None:
    with pytest.raises(BadInput, match="no parameter 'zzz' here; known: run_ids, prefix, limit"):
        read("metrics.summarize", {"run_ids": [], "zzz": 1})
    window = {"window_id": "w", "deployment": "d", "name": "n", "version": 1, "start": 0, "end": 1}
    with pytest.raises(BadInput, match=r"windows\[0\]\.colour"):
        read("monitoring.add_windows", {"windows": [{**window, "colour": "red"}]})
    with pytest.raises(BadInput, match="no parameter 'zzz'"):
        read("release.list_audit", zzz="1")


def test_query_arguments_become_numbers_lists_and_switches() -> None:
    row = BY_NAME["metrics.get_history_bulk_interval"]
    query = [("run_ids", "a"), ("run_ids", "b"), ("metric_key", "m"), ("max_results", "10")]
    found = decode_request(row, "GET", query=query)
    assert found == metrics.GetHistoryBulkInterval(
        run_ids=["a", "b"], metric_key="m", max_results=10
    )
    assert read("monitoring.list_alerts", firing="true").firing is True
    assert read("registry.search", max_results="").max_results == 100


def test_a_delete_takes_its_fields_from_the_body_or_from_the_query() -> None:
    row = BY_NAME["registry.delete"]
    by_body = decode_request(row, "DELETE", body=b'{"name": "m"}')
    assert by_body == decode_request(row, "DELETE", query=[("name", "m")])


def test_path_parameters_win_over_the_body() -> None:
    row = BY_NAME["logged_models.finalize"]
    body = b'{"model_id": "m-2", "status": "LOGGED_MODEL_READY"}'
    found: Any = decode_request(row, "PATCH", path={"model_id": "m-1"}, body=body)
    assert found.model_id == "m-1"
    assert found.outcome() == "READY"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{nope", "is not JSON"),
        (b"[1]", "must be a JSON object; it is a list"),
        (b'"[1]"', "must be a JSON object"),
        (b'{"run_id": "\xff"}', "is not JSON"),
        (b'{"a":' + b"[" * 100_000, "is not JSON"),
    ],
)
def test_a_body_that_is_no_object_is_a_bad_request(body: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        decode_request(BY_NAME["runs.delete"], "POST", body=body)


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "a\\u0000b"])
def test_texts_that_no_database_holds_are_refused(text: str) -> None:
    body = f'{{"run_id": "r", "key": "k", "value": "{text}"}}'.encode()
    with pytest.raises(BadInput, match="parameter 'value'"):
        decode_request(BY_NAME["runs.set_tag"], "POST", body=body)


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    body = b'{"run_id": "r", "key": "k", "value": "\\\\u0000"}'
    found: Any = decode_request(BY_NAME["runs.set_tag"], "POST", body=body)
    assert found.value == "\\u0000"


def test_a_double_encoded_body_is_read() -> None:
    body = json.dumps(json.dumps({"run_id": RUN})).encode()
    found: Any = decode_request(BY_NAME["runs.delete"], "POST", body=body)
    assert found.run_id == RUN


def test_an_answer_leaves_out_what_is_absent_and_lists_that_are_empty() -> None:
    row = BY_NAME["runs.search"]
    assert encode_answer(row, runs.RunsPage()) == b"{}"
    page = metrics.HistoryPage(metrics=[metrics.MetricMessage.of(Metric("m", math.nan, 1))])
    written = json.loads(encode_answer(BY_NAME["metrics.get_history"], page))
    assert written == {"metrics": [{"key": "m", "value": "NaN", "timestamp": 1, "step": 0}]}


def test_our_answers_write_every_field_and_non_finite_floats_as_text() -> None:
    drift = FeatureDrift(
        feature="x",
        detector="psi",
        score=math.inf,
        threshold=0.2,
        effect=-math.inf,
        p_value=math.nan,
        drifted=True,
    )
    report = Report(
        report_id="r",
        deployment="d",
        name="n",
        version=1,
        start=0,
        end=1,
        requests=1,
        rows=1,
        errors=0,
        error_rate=0.0,
        latency_p50=math.nan,
        latency_p99=0.5,
        features=[drift],
    )
    row = BY_NAME["monitoring.list_reports"]
    body = encode_answer(row, monitoring.ReportList(reports=[report]))
    written = json.loads(body)["reports"][0]
    assert (written["latency_p50"], written["predictions"]) == ("NaN", None)
    assert written["features"][0]["score"] == "Infinity"
    back = decode_answer(body, monitoring.ReportList).reports[0]
    assert math.isnan(back.latency_p50)
    assert back.features[0].effect == -math.inf
    assert across("monitoring.record_report", monitoring.RecordReport(report=report)).report.rows


def test_evidence_and_verdicts_keep_values_that_are_not_numbers() -> None:
    evidence = Evidence(
        evidence_id="e",
        name="n",
        version=1,
        version_digest=None,
        kind="quality",
        values={"auc": math.nan, "loss": math.inf, "note": "fine", "per_class": [math.nan, 1.0]},
    )
    found = across("release.record_evidence", release.RecordEvidence(evidence=[evidence]))
    values = found.records()[0].values
    assert math.isnan(values["auc"])
    assert values["loss"] == math.inf
    assert values["note"] == "fine"
    assert math.isnan(values["per_class"][0])
    verdict = Verdict(
        verdict_id="v",
        name="n",
        alias="a",
        version=1,
        version_digest=None,
        policy_digest="p",
        evidence_digest="e",
        baseline_version=None,
        passed=False,
        checks=[CheckResult(check="c", kind="threshold", outcome="fail", observed=math.nan)],
        at=1,
    )
    back = across("release.record_verdict", release.RecordVerdict(verdict=verdict)).record()
    assert math.isnan(back.checks[0].observed)


def test_an_alias_move_keeps_the_difference_between_nobody_and_not_given() -> None:
    open_move = AliasMove(name="n", alias="a", version=1)
    expecting = AliasMove(name="n", alias="a", version=None, expected_version=None)
    for move in (open_move, expecting):
        assert across("release.move_alias", release.MoveAlias(move=move)).record() == move


def test_spooled_records_cross_as_msgpack_with_every_float() -> None:
    points = [Metric("m", math.nan, 1, 1), Metric("m", -math.inf, 2, 2)]
    records = [
        Record(1, CreateRun(run_id=RUN, experiment_name="e")),
        Record(2, LogBatch(run_id=RUN, metrics=points, params={"a": "b"})),
    ]
    found = across("spool.apply", spool.Apply(segment="s", records=records))
    assert found.records[0] == records[0]
    assert math.isnan(found.records[1].operation.metrics[0].value)
    assert found.records[1].operation.metrics[1] == points[1]


@pytest.mark.parametrize("body", [b"", b"\xc1", b"{}", b"\x81\xa7segment\xa1s"])
def test_a_msgpack_body_that_cannot_be_read_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest, match="msgpack body cannot be read"):
        decode_request(BY_NAME["spool.apply"], "POST", body=body)


def test_an_answer_of_something_else_is_known_as_such() -> None:
    with pytest.raises(StrangeAnswer, match="is this address that of a mainstay or MLflow server"):
        decode_answer(b"<html>", runs.RunsPage)


def test_fields_that_a_newer_server_adds_are_passed_over() -> None:
    body = b'{"run": {"info": {"run_id": "r", "experiment_id": "1", "new": 1}, "newer": []}}'
    assert decode_answer(body, runs.RunAnswer).run.entity().info.run_id == "r"
