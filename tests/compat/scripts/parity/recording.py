"""Prints what the stock client returns, one JSON line a step, so that two servers can be compared.

Ids, times and random names are replaced by placeholders in the order of their appearance.
"""

import json
import math
import re
import sys
from enum import Enum

import pandas as pd
from mlflow.entities._mlflow_object import _MlflowObject
from mlflow.store.entities import PagedList

URL, PREFIX = sys.argv[1:3]
"""The server, and what the names of everything made begin with."""

_PATTERNS = {
    "MODEL": re.compile(r"\bm-[0-9a-f]{32}\b"),
    "RUN": re.compile(r"\b[0-9a-f]{32}\b"),
}
_TIME = re.compile(r"\b1[78]\d{11}\b")
_NAME = re.compile(r"^[a-z]+-[a-z]+-\d{1,4}$")
_ids = {}
_experiments = {}
_times = {}


def experiment(experiment_id, name):
    """Call an experiment by this name in what follows; ids differ between servers."""
    _experiments[str(experiment_id)] = f"<{name}>"
    return str(experiment_id)


def step(name, call, /, *arguments, **named):
    """Make a call, print its result or its refusal under a name, and return the result."""
    try:
        found = call(*arguments, **named)
    except Exception as error:  # noqa: BLE001  whatever a script would see is compared
        code = getattr(error, "error_code", type(error).__name__)
        said = {"error_code": code, "message": _text(str(error))}
        found = None
    else:
        said = {"result": show(found)}
    name = _text(name)
    _times[name] = _times.get(name, 0) + 1
    if _times[name] > 1:
        name = f"{name} ({_times[name]})"
    print(json.dumps({"step": name, **said}, sort_keys=True), flush=True)
    return found


def show(value, key=""):
    """Return a value as JSON can hold it, with placeholders."""
    if key in ("experiment_id", "experiment_ids") and str(value) in _experiments:
        return _experiments[str(value)]
    if isinstance(value, pd.DataFrame):
        return {name: show(list(value[name]), name) for name in sorted(value.columns)}
    if isinstance(value, PagedList):
        return {"items": [show(one) for one in value], "more": bool(value.token)}
    if isinstance(value, _MlflowObject):
        return {name: show(one, name) for name, one in sorted(dict(value).items())}
    if isinstance(value, dict):
        return {str(name): show(one, str(name)) for name, one in sorted(value.items(), key=str)}
    if isinstance(value, (list, tuple)):
        return [show(one, key) for one in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, pd.Timestamp) or value is pd.NaT:
        return "<TIME>"
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    return _text(str(value), key)


def _number(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if 1.7e12 < value < 1.9e12:
        return "<TIME>"
    return round(value, 9) if isinstance(value, float) else int(value)


def _text(text, key=""):
    if not isinstance(text, str):
        return show(text)
    if _NAME.match(text):
        return "<NAME>"
    text = text.replace(URL, "<SERVER>").replace(PREFIX, "parity")
    for kind, pattern in _PATTERNS.items():
        text = pattern.sub(lambda found, kind=kind: _placeholder(kind, found[0]), text)
    text = _TIME.sub("<TIME>", text)
    for number, name in _experiments.items():
        text = text.replace(f"mlflow-artifacts:/{number}", f"mlflow-artifacts:/{name}")
        text = re.sub(rf"\b(id=|id |ID |experiment )'?{number}\b", rf"\g<1>{name}", text)
    return text


def _placeholder(kind, found):
    return _ids.setdefault(found, f"<{kind} {len(_ids) + 1}>")
