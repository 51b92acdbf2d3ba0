"""The same bodies to our edge and to the stock scoring server: same statuses, same predictions.

What differs on purpose is written down here, body by body.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mainstay.errors import MainstayError
from mainstay.models.loading import load_model
from mainstay.models.saving import Package, save_model
from mainstay.packaging.inference import infer_signature
from mainstay.serving.served import ServedModel
from tests.support.parts import MLFLOW_PYTHON, PROJECT, require

JSON = "application/json"
ROWS = pd.DataFrame(
    {
        "age": np.linspace(18, 80, 30),
        "visits": np.arange(30),
        "active": np.arange(30) % 2 == 0,
        "town": ["Ulm", "Bonn", "Köln"] * 10,
    }
)
GOOD: dict[str, Any] = {"age": 41.5, "visits": 3, "active": True, "town": "Ulm"}


def bodies() -> dict[str, tuple[str, bytes]]:
    """Return bodies by name: every shape with good data, then each with one thing wrong."""
    found: dict[str, Any] = {}

    def shapes(name: str, rows: list[dict[str, Any]]) -> None:
        columns = list(rows[0])
        found[f"{name}, split"] = {
            "dataframe_split": {
                "columns": columns,
                "data": [[row.get(column) for column in columns] for row in rows],
            }
        }
        found[f"{name}, records"] = {"dataframe_records": rows}
        found[f"{name}, instances"] = {"instances": rows}
        found[f"{name}, inputs"] = {
            "inputs": {column: [row.get(column) for row in rows] for column in columns}
        }

    for count in (1, 2, 5):
        shapes(f"{count} good rows", [{**GOOD, "visits": at} for at in range(count)])
    for order in itertools.islice(itertools.permutations(GOOD), 1, 24, 5):
        shapes(f"columns {'-'.join(order)}", [{column: GOOD[column] for column in order}])
    shapes("an extra column", [{**GOOD, "more": 1}])
    shapes("whole number for a double", [{**GOOD, "age": 41}])
    shapes("other letters", [{**GOOD, "town": "Łódź \U0001f680"}])
    shapes("empty text", [{**GOOD, "town": ""}])
    shapes("large number", [{**GOOD, "age": 1e300}])
    for column in GOOD:
        shapes(f"without {column}", [{key: GOOD[key] for key in GOOD if key != column}])
    for column in ("age", "visits"):
        shapes(f"text in {column}", [{**GOOD, column: "many"}])
    shapes("null in visits", [{**GOOD, "visits": None}])
    shapes("number in town", [{**GOOD, "town": 7}])
    shapes("fraction in visits", [{**GOOD, "visits": 1.5}])
    shapes("whole double in visits", [{**GOOD, "visits": 2.0}])
    shapes("null in age", [{**GOOD, "age": None}])
    shapes("null in town", [{**GOOD, "town": None}])
    shapes("truth in age", [{**GOOD, "age": True}])
    shapes("number in active", [{**GOOD, "active": 1}])
    shapes("text in active", [{**GOOD, "active": "true"}])
    shapes("digits in visits", [{**GOOD, "visits": "3"}])
    shapes("a list in age", [{**GOOD, "age": [1.0]}])
    found["params"] = {"dataframe_records": [GOOD], "params": {}}
    found["unknown params"] = {"dataframe_records": [GOOD], "params": {"deep": 1}}
    found["other keys"] = {"dataframe_records": [GOOD], "note": "hello"}
    found["two shapes"] = {"dataframe_records": [GOOD], "instances": [GOOD]}
    found["no shape"] = {"rows": [GOOD]}
    found["a list"] = [GOOD]
    found["an empty object"] = {}
    found["bare lists"] = {"instances": [[41.5, 3, True, "Ulm"]]}
    found["scalar"] = {"instances": 5}
    made = {name: (JSON, json.dumps(value).encode()) for name, value in found.items()}
    one = json.dumps({"dataframe_records": [GOOD]}).encode()
    frame = pd.DataFrame([GOOD, GOOD])
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    return {
        **made,
        "not json": (JSON, b"{nothing"),
        "empty": (JSON, b""),
        "utf-8 named": ("application/json; charset=utf-8", one),
        "latin-1": ("application/json; charset=latin-1", one),
        "xml": ("application/xml", one),
        "csv": ("text/csv", frame.to_csv(index=False).encode()),
        "csv in another order": ("text/csv", frame[sorted(GOOD)].to_csv(index=False).encode()),
        "csv without a column": ("text/csv", frame[["age", "town"]].to_csv(index=False).encode()),
        "parquet": ("application/vnd.apache.parquet", parquet.getvalue()),
    }


ON_PURPOSE: dict[str, tuple[int, int]] = {
    # A cast that changes the value: 1.5 becomes 1 there, 7 becomes "7", true becomes 1.0 …
    "fraction in visits": (200, 400),
    "whole double in visits": (200, 400),
    "number in town": (200, 400),
    "truth in age": (200, 400),
    "number in active": (200, 400),
    "text in active": (200, 400),
    "digits in visits": (200, 400),
    # … and what the signature requires may not be null.
    "null in town": (200, 400),
}
"""Where we differ: their status and ours, by the beginning of the body's name."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    encoded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["town"]), remainder="passthrough"
    )
    pipeline = make_pipeline(encoded, LinearRegression()).fit(ROWS, ROWS["age"] * 2)
    path = tmp_path_factory.mktemp("parity") / "model"
    signature = infer_signature(ROWS, pipeline.predict(ROWS))
    save_model(pipeline, path, Package(signature=signature))
    return path


def test_bodies_are_answered_as_the_stock_server_answers_them(folder: Path) -> None:
    require("mlflow")
    asked = bodies()
    done = subprocess.run(
        [str(MLFLOW_PYTHON), str(PROJECT / "tests/serving/mlflow_answers.py")],
        input=json.dumps(
            {"model": str(folder), "bodies": [[k, as_text(b)] for k, b in asked.values()]}
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    line = next(line for line in done.stdout.splitlines() if line.startswith("ANSWERS "))
    theirs = dict(zip(asked, json.loads(line.removeprefix("ANSWERS ")), strict=True))

    served = ServedModel(load_model(str(folder), trust=True), name="model", version=None)
    differing = {}
    for name, (kind, body) in asked.items():
        status, text = theirs[name]
        found, value = answer(served, kind, body)
        if (status, found) in [ON_PURPOSE[start] for start in ON_PURPOSE if name.startswith(start)]:
            continue
        same = found == status and (status != 200 or close(value, json.loads(text)))
        if not same:
            differing[name] = (status, text[:200], found, value)
    listed = "\n".join(f"{name}: {told}" for name, told in differing.items())
    assert not differing, listed


def as_text(body: bytes) -> str:
    return base64.b64encode(body).decode()


def answer(served: ServedModel, kind: str, body: bytes) -> tuple[int, Any]:
    try:
        return 200, json.loads(served.answer(kind, body, "x").body)
    except MainstayError as error:
        return error.status, error.message


def close(ours: Any, theirs: Any) -> bool:
    return np.asarray(ours["predictions"]).tolist() == np.asarray(theirs["predictions"]).tolist()
