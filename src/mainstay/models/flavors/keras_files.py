"""Keras models in files: the archive ``model.keras``, and a pickle of a user's own classes.

The archive is data: a description in JSON and arrays. It is read in Keras's safe mode unless it
names something that is not Keras's own (see ``keras_types``), which needs trust. Older HDF5 files
load with trust only.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle
import keras
import numpy as np
import pandas as pd

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import archives, pickles
from mainstay.models.flavors.arguments import with_params
from mainstay.models.flavors.base import Predict
from mainstay.models.flavors.keras_types import unvouched

FOLDER = "data"
FILE = "model.keras"
CUSTOM = "custom_objects.cloudpickle"
_PICKLES = (CUSTOM, "global_custom_objects.cloudpickle")
_OLDER = ("model.h5", "model")


def is_keras(model: object) -> bool:
    """Tell by its classes whether it is a Keras model; imports nothing."""
    return any(
        base.__name__ == "Model" and base.__module__.partition(".")[0] == "keras"
        for base in type(model).__mro__
    )


def write(
    model: Any, place: Path, custom: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> tuple[str, ...]:
    """Write the model into the new folder ``place``; return the modules that it needs.

    ``custom`` are classes and functions by name; a user's own classes among the layers are found.
    Raises: BadInput.
    """
    place.mkdir()
    try:
        keras.saving.save_model(model, place / FILE, **options)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise BadInput(f"the {type(model).__name__} cannot be saved: {error}") from error
    own = {**_own_classes(model), **(custom or {})}
    if not own:
        return ()
    with (place / CUSTOM).open("wb") as stream:
        try:
            cloudpickle.dump(own, stream)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise BadInput(f"the custom objects cannot be pickled: {error}") from error
    named = {*pickles.names(place / CUSTOM), *pickles.strings(place / CUSTOM)}
    modules = {name.partition(".")[0] for name in named if name.isascii()}
    return ("cloudpickle", *sorted(modules))


def asks(place: Path) -> tuple[str, ...]:
    """Return the classes that are not Keras's own, and what their pickle imports."""
    asked = [
        f"{name} (cloudpickle)"
        for file in _PICKLES
        if (place / file).exists()
        for name in pickles.names(place / file)
    ]
    path = _model_file(place)
    if path.name != FILE:
        return (*asked, f"a Keras model in the older form {path.name}")
    return (*asked, *(f"{name} (Keras)" for name in unvouched(_description(path)[0])))


def load(place: Path, custom: Mapping[str, Any]) -> Any:
    """Return the model; ``asks`` was answered before. Raises: InvalidModel.

    It is compiled where its loss and metrics are known, so that training may go on.
    """
    known = dict(custom)
    for file in _PICKLES:
        if (place / file).exists():
            with (place / file).open("rb") as stream:
                known.update(_custom(pickles.load(stream), file))
    path = _model_file(place)
    safe, compiled = False, True
    if path.name == FILE:
        model, training = _description(path)
        safe = not unvouched(model)
        compiled = bool(known) or not unvouched(training)
    try:
        return keras.saving.load_model(
            path, custom_objects=known or None, compile=compiled, safe_mode=safe
        )
    except (ValueError, TypeError, KeyError, OSError, AttributeError) as error:
        first = str(error).strip().partition("\n")[0]
        raise InvalidModel(f"{path.name} is no Keras model: {first}") from error


def predictor(flavor: str, loaded: Any, *, tables: bool) -> Predict:
    """Return the model's ``predict``; it gives arrays.

    With ``tables`` a table gives a table with its index, as in MLflow's keras flavor.
    Parameters that Keras's ``predict`` takes (``batch_size``) are handed on.
    """
    names = [tensor.name.partition(":")[0] for tensor in getattr(loaded, "inputs", None) or ()]

    def ask(data: Any, batch_size: int | None = None, steps: int | None = None) -> Any:
        given = _columns(data, names) if isinstance(data, pd.DataFrame) else data
        if isinstance(given, list):
            given = np.asarray(given)
        found = loaded.predict(given, batch_size=batch_size, steps=steps, verbose=0)
        if tables and isinstance(data, pd.DataFrame) and isinstance(found, np.ndarray):
            return pd.DataFrame(found, index=data.index) if found.ndim == 2 else found
        return found

    return with_params(flavor, ask)


def _columns(table: pd.DataFrame, names: list[str]) -> Any:
    """Return one array of all columns, or one a name where the model has several inputs."""
    if len(names) > 1 and set(names) <= set(table.columns):
        return {name: np.stack([np.asarray(item) for item in table[name]]) for name in names}
    return table.to_numpy()


def _own_classes(model: Any) -> dict[str, Any]:
    """Return the classes of the model and its layers that are not Keras's, by Keras's name."""
    parts = [model, *getattr(model, "_flatten_layers", list)()]
    kinds = {type(part) for part in parts}
    return {
        keras.saving.get_registered_name(kind): kind
        for kind in sorted(kinds, key=lambda found: found.__name__)
        if kind.__module__.partition(".")[0] != "keras"
    }


def _custom(found: Any, file: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise InvalidModel(f"{file} holds no dictionary of classes by name")
    return found


def _model_file(place: Path) -> Path:
    if not place.is_dir():
        raise InvalidModel(f"{place.name} is not the folder of a Keras model")
    for name in (FILE, *_OLDER):
        if (place / name).exists():
            return place / name
    raise InvalidModel(f"the folder {place.name} holds no {FILE}")


def _description(path: Path) -> tuple[Any, Any]:
    """Return the model's description without, and with only, what compiles it."""
    text = archives.read(path, "config.json")
    try:
        form = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidModel(f"config.json in {path.name} is not JSON: {error}") from error
    if not isinstance(form, dict):
        raise InvalidModel(f"config.json in {path.name} does not describe a model")
    training = form.pop("compile_config", None)
    return form, training
