"""Predictions come out in MLflow's shapes, and always as JSON that RFC 8259 allows."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from mainstay.errors import MainstayError
from mainstay.serving.answers import encode, rows_of


def strictly(body: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(body, parse_constant=refuse)["predictions"]


FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[5, 6])

# What the scoring server of mlflow 3.17.2 answers, but for what JSON cannot say (NaN, infinities),
# Base64 without line breaks, and times of arrays as text and not as nanoseconds.
CASES: dict[str, tuple[Any, Any]] = {
    "array": (np.array([[1.0, 2], [3, 4]], dtype=np.float32), [[1.0, 2.0], [3.0, 4.0]]),
    "integers": (np.array([1, 2]), [1, 2]),
    "truth": (np.array([True, False]), [True, False]),
    "text": (np.array(["x", "y"]), ["x", "y"]),
    "not numbers": (np.array([1.5, np.nan, np.inf, -np.inf]), [1.5, None, None, None]),
    "frame": (FRAME, [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
    "series": (pd.Series([1, 2], name="a"), [{"a": 1}, {"a": 2}]),
    "nameless series": (pd.Series([1, 2]), [{"0": 1}, {"0": 2}]),
    "list of scalars": ([np.float32(1.5), np.int64(3), None], [1.5, 3, None]),
    "dictionary": ({"a": np.array([1, 2]), "b": [1, 2]}, {"a": [1, 2], "b": [1, 2]}),
    "scalar": (np.float64(2.5), 2.5),
    "one string": ("yes", "yes"),
    "bytes": ([b"ab" * 60], [base64.b64encode(b"ab" * 60).decode()]),
    "day": (np.array(["2026-01-01"], dtype="datetime64[D]"), ["2026-01-01"]),
    "moments": (np.array(["2026-01-01T01:02:03"], dtype="M8[ns]"), ["2026-01-01T01:02:03"]),
    "zoned": ([pd.Timestamp("2026-01-01", tz="UTC")], ["2026-01-01T00:00:00+00:00"]),
    "clock": ([datetime.time(1, 2)], ["01:02:00"]),
    "no time": (
        pd.DataFrame({"t": [pd.NaT, pd.Timestamp("2026-01-01")]}),
        [{"t": None}, {"t": "2026-01-01T00:00:00"}],
    ),
    "categories": (pd.DataFrame({"c": pd.Categorical(["a", "b"])}), [{"c": "a"}, {"c": "b"}]),
    "sparse": (scipy.sparse.csr_matrix([[0, 1], [2, 0]]), [[0, 1], [2, 0]]),
    "empty": (np.array([]), []),
}


@pytest.mark.parametrize("name", CASES)
def test_predictions_are_written_as_mlflow_writes_them(name: str) -> None:
    given, expected = CASES[name]
    assert strictly(encode(given)) == expected


def test_what_json_cannot_say_is_the_models_failure_and_named() -> None:
    with pytest.raises(MainstayError, match="object that cannot be written as JSON"):
        encode(object())


@pytest.mark.parametrize(
    ("given", "rows"),
    [(np.zeros((3, 2)), 3), (FRAME, 2), ([1, 2, 3], 3), ({"a": [1, 2]}, 2), (5, 1)],
)
def test_rows_are_counted_whatever_the_container(given: Any, rows: int) -> None:
    assert rows_of(given) == rows
