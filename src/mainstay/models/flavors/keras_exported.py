"""Keras models as exported graphs: TensorFlow's SavedModel, whose endpoint ``serve`` answers.

The graph is a program that may read and write files, so loading one needs trust. It answers and no
longer trains.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors.base import Predict

FOLDER = "model"
"""Where the graph lies in the folder of the model's data."""


def write(model: Any, place: Path, options: dict[str, Any]) -> None:
    """Write the graph into the new folder ``place``. Raises: BadInput."""
    place.mkdir()
    try:
        model.export(str(place / FOLDER), **{"verbose": False, **options})
    except (TypeError, ValueError, NotImplementedError, AttributeError, RuntimeError) as error:
        raise BadInput(f"the {type(model).__name__} cannot be exported: {error}") from error


def asks(place: Path) -> tuple[str, ...]:
    """Say that it is a program. Raises: InvalidModel if it is not there."""
    if not (place / FOLDER / "saved_model.pb").exists():
        raise InvalidModel(f"the folder {place.name} holds no {FOLDER}/saved_model.pb")
    return ("a TensorFlow program (SavedModel)",)


def load(place: Path) -> Any:
    """Return what ``tf.saved_model.load`` gives. Raises: InvalidModel."""
    try:
        loaded = tf.saved_model.load(str(place / FOLDER))
    except (OSError, ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        raise InvalidModel(f"{place.name} is no exported Keras model: {error}") from error
    if not hasattr(loaded, "serve"):
        raise InvalidModel(f"the graph in {place.name} has no endpoint 'serve'")
    return loaded


def predictor(loaded: Any) -> Predict:
    """Return the endpoint's call: arrays in, arrays out, also for a table, as in MLflow."""
    return lambda data, _: arrays(loaded.serve(tensors(data)))


def tensors(data: Any) -> Any:
    """Return data as TensorFlow takes them."""
    if isinstance(data, Mapping):
        return {name: tf.convert_to_tensor(value) for name, value in data.items()}
    return tf.convert_to_tensor(data.to_numpy() if isinstance(data, pd.DataFrame) else data)


def arrays(found: Any) -> Any:
    """Return TensorFlow's answer as numpy arrays."""
    if isinstance(found, Mapping):
        return {name: np.asarray(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [np.asarray(value) for value in found]
    return np.asarray(found)
