"""TensorFlow: Keras models in Keras's archive, and ``tf.Module`` as a SavedModel.

A SavedModel is a program: its graph may read and write files. Loading one needs trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from mainstay.errors import BadInput, InvalidModel
from mainstay.models.flavors import keras_exported, keras_files
from mainstay.models.flavors.arguments import check_options
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel, inside

SAVED_MODEL = "tf2model"
_LOADER = "mlflow.tensorflow"


class TensorflowFlavor:
    """``keras.Model`` and ``tf.Module``."""

    name = "tensorflow"

    def owns(self, model: object) -> bool:
        """Tell whether it is a Keras model or a ``tf.Module``."""
        return keras_files.is_keras(model) or any(
            base.__module__ == "tensorflow.python.module.module" for base in type(model).__mro__
        )

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``data/model.keras`` or ``tf2model/``.

        ``options``: ``custom_objects``, ``keras_model_kwargs`` (for Keras's ``save_model``),
        ``saved_model_kwargs`` (for ``tf.saved_model.save``). Raises: BadInput.
        """
        known = ("custom_objects", "keras_model_kwargs", "saved_model_kwargs")
        check_options(self.name, options, known)
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no keras.Model and no tf.Module")
        if keras_files.is_keras(model):
            return _save_keras(model, folder, options)
        try:
            kwargs = options.get("saved_model_kwargs") or {}
            tf.saved_model.save(model, str(folder / SAVED_MODEL), **kwargs)
        except (TypeError, ValueError, AssertionError) as error:
            raise BadInput(f"the {type(model).__name__} cannot be saved: {error}") from error
        return Saved(
            name=self.name,
            fields={"model_type": "tf2-module", "saved_model_dir": SAVED_MODEL, "code": None},
            loader_module=_LOADER,
            modules=("tensorflow", "numpy"),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the classes that are not Keras's own, or that a SavedModel is a program."""
        place = self._place(folder, model)
        if _is_keras(model):
            return keras_files.asks(place)
        if not (place / "saved_model.pb").exists():
            raise InvalidModel(f"the folder {place.name} holds no saved_model.pb")
        return ("a TensorFlow program (SavedModel)",)

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the Keras model, or what ``tf.saved_model.load`` gives."""
        place = self._place(folder, model)
        if _is_keras(model):
            return keras_files.load(place, {})
        try:
            return tf.saved_model.load(str(place))
        except (OSError, ValueError, TypeError, KeyError, tf.errors.OpError) as error:
            raise InvalidModel(f"{place.name} is no SavedModel: {error}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict`` of a Keras model, or the call of a module; they give arrays."""
        if keras_files.is_keras(loaded):
            return keras_files.predictor(self.name, loaded, tables=False)
        call = _callable(loaded)
        return lambda data, _: keras_exported.arrays(call(keras_exported.tensors(data)))

    def _place(self, folder: Path, model: MLmodel) -> Path:
        fields = model.flavors.get(self.name, {})
        name = fields.get("data") if _is_keras(model) else fields.get("saved_model_dir")
        if not isinstance(name, str):
            raise InvalidModel("MLmodel does not say where the tensorflow model is")
        return inside(folder, name)


def _save_keras(model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
    place = folder / keras_files.FOLDER
    needs = keras_files.write(
        model, place, options.get("custom_objects"), options.get("keras_model_kwargs") or {}
    )
    (place / "keras_module.txt").write_text("tensorflow.keras", encoding="utf-8")
    (place / "save_format.txt").write_text("tf", encoding="utf-8")
    return Saved(
        name="tensorflow",
        fields={
            "data": keras_files.FOLDER,
            "model_type": "keras",
            "keras_version": tf.__version__,  # MLflow's field holds TensorFlow's version
            "save_format": "tf",
            "code": None,
        },
        loader_module=_LOADER,
        pyfunc={"data": keras_files.FOLDER},
        modules=tuple(dict.fromkeys(("tensorflow", "keras", "numpy", *needs))),
    )


def _is_keras(model: MLmodel) -> bool:
    return str(model.flavors.get("tensorflow", {}).get("model_type", "keras")) == "keras"


def _callable(loaded: Any) -> Any:
    """Return the module's call, else its only signature. Raises: InvalidModel."""
    if callable(loaded):
        return loaded
    signatures = getattr(loaded, "signatures", {})
    found = signatures.get("serving_default") or next(iter(signatures.values()), None)
    if found is None:
        raise InvalidModel("the SavedModel can neither be called nor has it a signature")
    names = list(found.structured_input_signature[1])
    if len(names) == 1:
        return lambda data: found(**(data if isinstance(data, dict) else {names[0]: data}))
    return lambda data: found(**data)


FLAVOR = TensorflowFlavor()
