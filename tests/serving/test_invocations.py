"""The HTTP edge of a real server: MLflow's shapes in and out, and errors that say what to do."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mainstay import __version__
from mainstay.models.python_model import PythonModel
from tests.serving.support import BODY, FRAME, JSON, Registry, Server, command, serving

ROW = {"age": 3.5, "visits": 4}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serves age + 2 visits, exactly."""
    registry = Registry(tmp_path_factory.mktemp("registry"))
    model = LinearRegression(fit_intercept=False)
    model.fit(FRAME, FRAME["age"] + 2 * FRAME["visits"])
    model.coef_ = np.array([1.0, 2.0])
    registry.add(model)
    registry.point(1)
    with serving(registry.uri) as found:
        yield found
    registry.stores.close()


def parquet() -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame([ROW, ROW]).to_parquet(buffer)
    return buffer.getvalue()


def as_json(value: Any) -> tuple[bytes, str]:
    return json.dumps(value).encode(), "application/json"


ANSWERED: dict[str, tuple[tuple[bytes, str], list[float]]] = {
    "split": (as_json({"dataframe_split": {"columns": ["age", "visits"], "data": [[1, 2]]}}), [5]),
    "other order": (
        as_json({"dataframe_split": {"columns": ["visits", "age"], "data": [[2, 1.5]]}}),
        [5.5],
    ),
    "records": (as_json({"dataframe_records": [ROW, ROW]}), [11.5, 11.5]),
    "extra column": (as_json({"dataframe_records": [{**ROW, "more": "x"}]}), [11.5]),
    "instances": (as_json({"instances": [ROW]}), [11.5]),
    "inputs": (as_json({"inputs": {"age": [3.5, 1], "visits": [4, 1]}}), [11.5, 3]),
    "params": (as_json({"dataframe_records": [ROW], "params": {}}), [11.5]),
    "charset": ((as_json({"instances": [ROW]})[0], "application/json; charset=utf-8"), [11.5]),
    "csv": ((b"age,visits\n3.5,4\n1,1\n", "text/csv"), [11.5, 3]),
    "csv crlf": ((b"age,visits\r\n3.5,4\r\n", "text/csv; charset=UTF-8"), [11.5]),
    "parquet": ((parquet(), "application/vnd.apache.parquet"), [11.5, 11.5]),
}


@pytest.mark.parametrize("name", ANSWERED)
def test_every_shape_is_answered(server: Server, name: str) -> None:
    (body, content_type), expected = ANSWERED[name]
    answer = server.post(body, {"Content-Type": content_type})
    assert (answer.status, answer.json()) == (200, {"predictions": expected})


REFUSED: dict[str, tuple[bytes, str, int, str]] = {
    "no json": (b"{", "application/json", 400, "not JSON"),
    "a list": (b"[1, 2]", "application/json", 400, ""),
    "nothing": (b"", "application/json", 400, ""),
    "no shape": (b'{"rows": []}', "application/json", 400, "dataframe_split"),
    "two shapes": (b'{"instances": [], "inputs": []}', "application/json", 400, "exactly one"),
    "missing column": (b'{"instances": [{"age": 1}]}', "application/json", 400, "visits"),
    "text for a number": (
        b'{"instances": [{"age": 1, "visits": 1}, {"age": "old", "visits": 1}]}',
        "application/json",
        400,
        "row 1, column 'age'",
    ),
    "fraction for an integer": (
        b'{"instances": [{"age": 1, "visits": 1.5}]}',
        "application/json",
        400,
        "visits",
    ),
    "null": (b'{"instances": [{"age": 1, "visits": null}]}', "application/json", 400, "visits"),
    "bad csv": (b"age,visits\n1,2\n3\n", "text/csv", 400, "CSV"),
    "csv without header": (b"\n", "text/csv", 400, "header"),
    "text in csv": (b"age,visits\n1,2\nold,2\n", "text/csv", 400, "column 'age', row 1"),
    "no parquet": (b"PAR1", "application/vnd.apache.parquet", 400, "Parquet"),
    "not utf-8": (b'{"instances": [{"age": "\xff"}]}', "application/json", 400, ""),
    "form": (b"a=1", "application/x-www-form-urlencoded", 415, "application/json"),
    "charset": (BODY, "application/json; charset=latin-1", 415, "utf-8"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_callers_mistake_is_never_a_5xx_and_is_named(server: Server, name: str) -> None:
    body, content_type, status, text = REFUSED[name]
    answer = server.post(body, {"Content-Type": content_type})
    told = answer.json()
    assert (answer.status, set(told)) == (status, {"error_code", "message"})
    assert text in told["message"]
    assert "old" not in told["message"]


def test_a_body_without_a_content_type_is_read_as_json(server: Server) -> None:
    answer = server.http.request(
        "POST", f"{server.url}/invocations", body=BODY, headers={"Accept": "*/*"}
    )
    assert (answer.status, answer.json()) == (200, {"predictions": [11.5]})


def test_a_compressed_body_and_a_huge_one_are_refused(server: Server) -> None:
    assert server.post(BODY, {**JSON, "Content-Encoding": "gzip"}).status == 400
    huge = server.post(b"", {**JSON, "Content-Length": str(1 << 40)})
    assert (huge.status, huge.json()["error_code"]) == (413, "INVALID_PARAMETER_VALUE")
    assert huge.headers["Connection"] == "close"  # what follows on this line would be body


def test_every_answer_names_model_version_and_request(server: Server) -> None:
    for path in ("/invocations", "/ping", "/nowhere"):
        answer = server.http.request("POST", f"{server.url}{path}", body=BODY, headers=JSON)
        assert answer.headers["X-Mainstay-Model"] == "churn"
        assert answer.headers["X-Mainstay-Version"] == "1"
        assert len(answer.headers["X-Request-Id"]) == 32
    echoed = server.post(BODY, {**JSON, "X-Request-Id": "order-17"})
    assert echoed.headers["X-Request-Id"] == "order-17"
    long = server.post(BODY, {**JSON, "X-Request-Id": "x" * 500})
    assert len(long.headers["X-Request-Id"]) == 32


def test_paths_and_methods_that_are_none_are_404_and_405(server: Server) -> None:
    assert server.get("/nowhere").status == 404
    refused = server.get("/invocations")
    assert (refused.status, "POST" in refused.json()["message"]) == (405, True)


def test_health_is_answered_as_mlflow_answers_it(server: Server) -> None:
    for path in ("/ping", "/health"):
        answer = server.get(path)
        assert (answer.status, answer.data) == (200, b"\n")
    assert server.get("/version").data.decode() == __version__


def test_readiness_tells_what_serves_and_what_is_wanted(server: Server) -> None:
    told = server.get("/ready").json()
    assert told == {
        "ready": True,
        "model": "churn",
        "version": 1,
        "desired_version": 1,
        "state": "serving",
        "message": "",
    }


def test_metrics_count_answers_by_model_version_and_status(server: Server) -> None:
    def count(status: int) -> float:
        wanted = f'model="churn",status="{status}",version="1"'
        for line in server.get("/metrics").data.decode().splitlines():
            if line.startswith("mainstay_serving_requests_total{") and wanted in line:
                return float(line.split()[-1])
        return 0.0

    good, bad = count(200), count(400)
    server.post()
    server.post(b"{")
    assert (count(200), count(400)) == (good + 1, bad + 1)
    text = server.get("/metrics").data.decode()
    assert "mainstay_serving_request_seconds_bucket" in text
    assert 'mainstay_serving_in_flight{model="churn"' in text


def test_the_openapi_document_tells_the_columns_of_the_model(server: Server) -> None:
    found = server.get("/openapi.json").json()
    body = found["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]
    records = body["schema"]["oneOf"][1]["properties"]["dataframe_records"]
    assert records["items"]["properties"]["visits"] == {"type": "integer", "format": "int64"}
    assert records["items"]["required"] == ["age", "visits"]
    answer = server.post(json.dumps(body["example"]).encode())
    assert answer.status == 200


def test_many_requests_over_one_connection_and_pipelined_ones_are_answered(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    request = head + f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    with socket.create_connection((host, int(port)), timeout=120) as connection:
        connection.sendall(request * 5)
        seen = b""
        while seen.count(b'{"predictions":[11.5]}') < 5:
            part = connection.recv(65536)
            assert part
            seen += part


def grumpy() -> PythonModel:
    """Return a model that fails for the old, and takes its time over the very old."""

    class Grumpy(PythonModel):
        def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> Any:
            if (model_input["age"] > 900).any():
                time.sleep(3)
            if (model_input["age"] > 90).any():
                raise ValueError(f"secret {model_input['age'].iloc[0]}")
            return model_input["age"]

    return Grumpy()


def about(age: float) -> bytes:
    return json.dumps({"instances": [{"age": age, "visits": 1}]}).encode()


def test_a_model_that_fails_is_a_500_that_counts_and_tells_no_data(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    registry.add(grumpy())
    registry.point(1)
    with serving(registry.uri, "--timeout", "1", "--threads", "1") as server:
        assert server.post(about(20)).json() == {"predictions": [{"age": 20.0}]}
        failed = server.post(about(91), {**JSON, "X-Request-Id": "find-me"})
        assert failed.status == 500
        told = failed.json()
        assert told["error_code"] == "INTERNAL_ERROR"
        assert "ValueError" in told["message"]
        assert "find-me" in told["message"]
        assert "secret" not in told["message"]
        late = server.post(about(901))
        assert late.status == 504
        assert server.get("/ping").status == 200  # while the only thread is stuck
        assert server.get("/ready").status == 503
        assert server.stop() == 0
        assert server.said("request find-me")
    windows = registry.stores.monitoring.list_windows("churn@champion")
    assert sum(window.errors for window in windows) == 2
    registry.stores.close()


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("-m", "models:/churn@nobody"), 2, "nobody"),
        (("-m", "models:/other/1"), 1, "other"),
        (("-m", "models:/churn"), 2, "models:/<name>/<version>"),
        (("-m", "models:/churn@champion", "-p", "99999"), 2, "99999"),
        (("-m", "models:/churn@champion", "-h", "no.such.host.invalid"), 2, "no.such.host"),
        (("-m", "models:/churn@champion", "--workers", "0"), 2, "workers"),
        (("-m", "runs:/0123456789abcdef0123456789abcdef/model"), 2, "--unregistered"),
        ((), 2, "model-uri"),
    ],
)
def test_the_command_says_what_is_wrong_with_it(
    tmp_path: Path, arguments: tuple[str, ...], code: int, text: str
) -> None:
    registry = Registry(tmp_path)
    registry.add()
    registry.point(1)
    registry.stores.close()
    done = subprocess.run(
        command("models", "serve", *arguments),
        env={**os.environ, "MAINSTAY_TRACKING_URI": registry.uri},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said_to_be(server: Server, tmp_path: Path) -> None:
    port = server.url.rsplit(":", 1)[1]
    folder = tmp_path / "none"
    done = subprocess.run(
        command("models", "serve", "-m", str(folder), "--unregistered", "-p", port),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert f"port {port} of 127.0.0.1 is in use" in done.stderr
