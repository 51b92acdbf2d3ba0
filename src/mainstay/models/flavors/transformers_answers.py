"""What a pipeline is asked and what its answers become, task by task.

Answers have MLflow's form: a table of labels and scores, texts, or arrays. Where MLflow keeps only
the first of several answers, all of them are returned.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mainstay.errors import BadInput

IMAGES = frozenset(
    {
        "depth-estimation",
        "image-classification",
        "image-feature-extraction",
        "image-segmentation",
        "object-detection",
    }
)
AUDIO = frozenset({"audio-classification", "automatic-speech-recognition"})


def asked(data: Any, task: str, template: str | None = None) -> Any:
    """Return the pipeline's input: a list with one item a row, or one dictionary.

    Pictures and sounds come as bytes or base64 text, never as a path or an address: a server must
    not fetch what a caller names. Raises: BadInput.
    """
    values = _values(data)
    if task in IMAGES:
        return [_picture(value) for value in values]
    if task in AUDIO:
        return [_sound(value) for value in values]
    if template:
        values = [template.replace("{prompt}", str(value)) for value in values]
    return values


def answered(task: str) -> Callable[[Any], Any]:
    """Return what turns the pipeline's own answer into the model's."""
    return _ANSWERS.get(task, _as_they_are)


def _values(data: Any) -> list[Any]:
    if isinstance(data, pd.DataFrame):
        if data.shape[1] == 1:
            return [_item(value) for value in data.iloc[:, 0].tolist()]
        return [dict(row) for row in data.to_dict(orient="records")]
    if isinstance(data, np.ndarray):
        return list(data.tolist()) if data.ndim else [data.item()]
    if isinstance(data, pd.Series):
        return list(data.tolist())
    return list(data) if isinstance(data, list | tuple) else [data]


def _item(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _picture(value: Any) -> Any:
    from PIL import Image, UnidentifiedImageError

    if isinstance(value, Image.Image):
        return value
    if isinstance(value, np.ndarray | list):
        return Image.fromarray(np.asarray(value, dtype=np.uint8))
    try:
        return Image.open(io.BytesIO(_bytes(value))).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise BadInput(f"the picture cannot be read: {error}") from error


def _sound(value: Any) -> Any:
    if isinstance(value, np.ndarray | list):
        return np.asarray(value, dtype=np.float32)
    return value if isinstance(value, Mapping) else _bytes(value)


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, str):
        try:
            return base64.b64decode(value.encode(), validate=True)
        except (binascii.Error, ValueError):
            pass
    raise BadInput("send pictures and sounds as bytes or base64 text, not as a path or an address")


def zero_shot(data: Any) -> dict[str, Any]:
    """Return the arguments of a zero-shot pipeline from one row. Raises: BadInput."""
    rows = _values(data)
    if len(rows) != 1 or not isinstance(rows[0], Mapping):
        raise BadInput("give one row with 'sequences' and 'candidate_labels'")
    row = {name: _listed(value) for name, value in rows[0].items() if value is not None}
    if missing := sorted({"sequences", "candidate_labels"} - set(row)):
        raise BadInput(f"the row lacks {', '.join(missing)}")
    return row


def _listed(value: Any) -> Any:
    """Read a list that came as JSON text, as MLflow's examples hold it."""
    value = _item(value)
    if isinstance(value, str) and value.startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _table(found: Any) -> Any:
    return pd.DataFrame(found if isinstance(found, list) else [found])


def _entities(found: Any) -> list[str]:
    rows = found if found and isinstance(found[0], list) else [found]
    return [
        ",".join(str(item.get("entity") or item["entity_group"]) for item in row) for row in rows
    ]


def _fills(found: Any) -> Any:
    rows = found if found and isinstance(found[0], list) else [found]
    return [row[0]["token_str"] if isinstance(row[0], Mapping) else _fills(row) for row in rows]


def _texts(found: Any) -> Any:
    rows = found if found and isinstance(found[0], list) else [[item] for item in found]
    texts = [[item["generated_text"] for item in row] for row in rows]
    return [row[0] if len(row) == 1 else row for row in texts]


def _features(found: Any) -> Any:
    arrays = [np.asarray(item, dtype=np.float64) for item in found]
    arrays = [array[0] if array.ndim == 3 else array for array in arrays]
    return arrays[0] if len(arrays) == 1 else arrays


def _labels(found: Any) -> pd.DataFrame:
    rows = found if isinstance(found, list) else [found]
    return pd.DataFrame(
        [
            {"sequence": row["sequence"], "labels": label, "scores": score}
            for row in rows
            for label, score in zip(row["labels"], row["scores"], strict=True)
        ]
    )


def _as_they_are(found: Any) -> Any:
    return found


_ANSWERS: dict[str, Callable[[Any], Any]] = {
    "feature-extraction": _features,
    "fill-mask": _fills,
    "image-classification": _table,
    "text-classification": _table,
    "text-generation": _texts,
    "token-classification": _entities,
    "zero-shot-classification": _labels,
}
