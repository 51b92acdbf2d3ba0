"""The input example of a model: two files in MLflow's form, and the way back.

``input_example.json`` keeps the example, ``serving_input_example.json`` is a body that a scoring
server takes.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import json_types
from mainstay.models.enforce import Decoder
from mainstay.packaging.mlmodel import MLmodel, inside

FILE = "input_example.json"
SERVING_FILE = "serving_input_example.json"
EXPECTED_FILE = "mainstay_expected.json"
"""What the model answered to the example when it was saved; MLflow passes it over."""


class Example(msgspec.Struct, frozen=True):
    """Data as a user would give them to ``predict``, and parameters (None: none)."""

    data: Any
    params: dict[str, Any] | None = None


def split(given: Any) -> Example:
    """Return an example; a pair of data and a dictionary stands for data and parameters."""
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], dict | None):
        return Example(given[0], given[1])
    return Example(given)


def write(folder: Path, example: Example) -> dict[str, Any]:
    """Write both files; return MLmodel's field ``saved_input_example_info``.

    Raises:
        BadInput: the example has no form in JSON.
    """
    data, kind = example.data, "json_object"
    if isinstance(data, pd.Series):
        data = data.to_frame()
    info: dict[str, Any] = {"artifact_path": FILE, "serving_input_path": SERVING_FILE}
    if isinstance(data, pd.DataFrame):
        kind, form = "dataframe", _split_form(data)
        info["pandas_orient"] = "split"
        body: dict[str, Any] = {"dataframe_split": form}
    else:
        if hasattr(data, "tocsr"):
            data = data.toarray()
        if isinstance(data, np.ndarray) or (
            isinstance(data, Mapping)
            and data
            and all(isinstance(v, np.ndarray) for v in data.values())
        ):
            kind = "ndarray"
        form = plain(data)
        body = {"inputs": form}
    info["type"] = kind
    if example.params is not None:
        info["params"] = "true"
        body["params"] = plain(example.params)
        form = {"inputs": form, "params": body["params"]}
    (folder / FILE).write_text(_dumps(form), encoding="utf-8")
    (folder / SERVING_FILE).write_text(_dumps(body, indent=2), encoding="utf-8")
    return dict(sorted(info.items()))


def read(folder: Path, model: MLmodel) -> Example | None:
    """Return the example of the model in ``folder`` as ``predict`` takes it, or None.

    Raises:
        InvalidModel: the file is not there or cannot be read.
    """
    info = model.saved_input_example_info
    if not info or not info.get("artifact_path"):
        return None
    path = inside(folder, str(info["artifact_path"]))
    form: Any
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidModel(f"the input example {path.name} is not JSON: {error}") from error
    params = None
    if info.get("params") and isinstance(form, dict) and "params" in form:
        form, params = form["inputs"], form["params"]
    if info.get("type") == "dataframe" and isinstance(form, dict):
        split_form = {"columns": form.get("columns"), "data": form.get("data")}
        body = msgspec.json.encode({"dataframe_split": plain(split_form)})
        return Example(Decoder(model.signature).from_json(body), params)
    if info.get("type") == "ndarray":
        if isinstance(form, dict):
            return Example({name: np.array(part) for name, part in form.items()}, params)
        return Example(np.array(form), params)
    return Example(form, params)


def serving_body(folder: Path, model: MLmodel) -> bytes | None:
    """Return the example as the body of a scoring request, or None. Raises: InvalidModel."""
    info = model.saved_input_example_info or {}
    name = info.get("serving_input_path")
    return inside(folder, str(name)).read_bytes() if name else None


def plain(value: Any) -> Any:
    """Turn data into JSON values: NaN and missing to null, bytes to base64, dates to ISO text.

    Raises:
        BadInput: a value has no form in JSON.
    """
    if value is None or value is pd.NaT or value is pd.NA or isinstance(value, str | bool):
        return None if value is pd.NaT or value is pd.NA else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, pd.DataFrame):
        return [dict(zip(map(str, value.columns), row, strict=True)) for row in _rows(value)]
    if isinstance(value, pd.Series):
        return [plain(item) for item in value.tolist()]
    if type(value).__module__ == "numpy":
        if getattr(value, "dtype", None) is not None and value.dtype.kind == "M" and value.ndim:
            return [plain(item) for item in value]
        return plain(json_types.builtin(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tocsr"):
        return plain(value.toarray())
    raise BadInput(f"a value of the type {type(value).__name__} has no form in JSON")


def _split_form(frame: pd.DataFrame) -> dict[str, Any]:
    names = [name if isinstance(name, int | str) else str(name) for name in frame.columns]
    return {"columns": [json_types.builtin(name) for name in names], "data": _rows(frame)}


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [[plain(item) for item in frame.iloc[:, at].tolist()] for at in range(frame.shape[1])]
    return (
        [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in frame.index]
    )


def _dumps(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False)
