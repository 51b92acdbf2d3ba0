"""Whatever a caller sends is answered, or is the caller's mistake; it is never our failure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression

from mainstay.errors import MainstayError
from mainstay.models.loading import load_model
from mainstay.models.saving import Package, save_model
from mainstay.packaging.inference import infer_signature
from mainstay.serving.served import ServedModel
from tests.serving.support import FRAME

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["age", "visits", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)
CELLS = st.floats() | st.integers() | VALUES
ROWS = st.lists(st.fixed_dictionaries({"age": CELLS, "visits": CELLS}), max_size=3)
BODIES = (
    st.builds(lambda rows: {"dataframe_records": rows}, ROWS | VALUES)
    | st.builds(lambda rows: {"instances": rows}, ROWS | VALUES)
    | st.builds(lambda value: {"inputs": value}, VALUES)
    | st.builds(
        lambda columns, data, index: {
            "dataframe_split": {"columns": columns, "data": data, "index": index}
        },
        st.just(["age", "visits"]) | st.lists(st.text(max_size=3), max_size=3) | VALUES,
        st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=3) | VALUES,
        st.none() | VALUES,
    )
    | VALUES
)
QUIET = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> ServedModel:
    model = LinearRegression().fit(FRAME, FRAME["age"])
    path: Path = tmp_path_factory.mktemp("junk") / "model"
    save_model(model, path, Package(signature=infer_signature(FRAME, np.zeros(2))))
    return ServedModel(load_model(str(path), trust=True), name="junk", version=1)


def check(served: ServedModel, content_type: str, body: bytes) -> None:
    try:
        answer = served.answer(content_type, body, "junk")
    except MainstayError as error:
        assert 400 <= error.status < 500, error.message  # noqa: PT017
        return
    assert isinstance(json.loads(answer.body)["predictions"], list)


@QUIET
@given(BODIES)
def test_any_json_is_answered_or_refused(served: ServedModel, value: Any) -> None:
    check(served, "application/json", json.dumps(value).encode())


@QUIET
@given(st.binary(max_size=60))
def test_any_bytes_are_answered_or_refused(served: ServedModel, body: bytes) -> None:
    check(served, "application/json", body)
    check(served, "text/csv", body)
    check(served, "application/vnd.apache.parquet", body)


@QUIET
@given(
    st.lists(st.sampled_from(["age", "visits", "", '"', ",", "\n", "1", "1e999", "x", "\r", " "]))
)
def test_any_csv_is_answered_or_refused(served: ServedModel, parts: list[str]) -> None:
    check(served, "text/csv", "".join(parts).encode())
    check(served, "text/csv", ("age,visits\n" + "".join(parts)).encode())
