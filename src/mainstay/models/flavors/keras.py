"""Keras 3 models on any backend, in Keras's own archive, or as an exported graph if asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from mainstay.errors import BadInput
from mainstay.models.flavors import keras_files
from mainstay.models.flavors.arguments import check_options
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel, inside


class KerasFlavor:
    """``keras.Model``."""

    name = "keras"

    def owns(self, model: object) -> bool:
        """Tell whether it is a ``keras.Model``."""
        return keras_files.is_keras(model)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``data/model.keras``, or ``data/model/`` with ``save_exported_model``.

        ``options``: ``custom_objects`` (classes and functions by name), ``save_exported_model`` and
        ``save_model_kwargs`` (for Keras's ``save_model`` or ``export``). Raises: BadInput.
        """
        known = ("custom_objects", "save_exported_model", "save_model_kwargs")
        check_options(self.name, options, known)
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no keras.Model")
        place = folder / keras_files.FOLDER
        exported = bool(options.get("save_exported_model"))
        kwargs = options.get("save_model_kwargs") or {}
        needs: tuple[str, ...] = ("tensorflow",)
        if exported:
            _graphs().write(model, place, kwargs)
        else:
            needs = keras_files.write(model, place, options.get("custom_objects"), kwargs)
        (place / "keras_module.txt").write_text("keras", encoding="utf-8")
        backend = keras.config.backend()
        return Saved(
            name=self.name,
            fields={
                "data": keras_files.FOLDER,
                "keras_backend": backend,
                "keras_version": keras.__version__,
                "save_exported_model": exported,
            },
            loader_module="mlflow.keras",
            modules=tuple(dict.fromkeys(("keras", backend, "numpy", *needs))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the classes that are not Keras's own, or that a graph is a program."""
        if self._exported(model):
            return tuple(_graphs().asks(self._place(folder, model)))
        return keras_files.asks(self._place(folder, model))

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the model, or what TensorFlow makes of an exported graph."""
        if self._exported(model):
            return _graphs().load(self._place(folder, model))
        return keras_files.load(self._place(folder, model), {})

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``; a table gives a table, an exported graph arrays."""
        if not self.owns(loaded):
            predict: Predict = _graphs().predictor(loaded)
            return predict
        return keras_files.predictor(self.name, loaded, tables=True)

    def _exported(self, model: MLmodel) -> bool:
        return bool(model.flavors.get(self.name, {}).get("save_exported_model"))

    def _place(self, folder: Path, model: MLmodel) -> Path:
        fields = model.flavors.get(self.name, {})
        return inside(folder, str(fields.get("data") or keras_files.FOLDER))


def _graphs() -> Any:
    """Return the file of exported graphs; it needs TensorFlow, which other backends do not have.

    Raises: BadInput where it is not installed.
    """
    try:
        return importlib.import_module("mainstay.models.flavors.keras_exported")
    except ModuleNotFoundError as error:
        raise BadInput(
            f"an exported Keras graph needs TensorFlow (pip install tensorflow): {error}"
        ) from error


FLAVOR = KerasFlavor()
