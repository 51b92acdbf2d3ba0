"""Keras 3 models on any backend, in Keras's own archive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from mainstay.errors import BadInput, InvalidModel
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
        """Write ``data/model.keras``.

        ``options``: ``custom_objects`` (classes and functions by name) and ``save_model_kwargs``
        (for Keras's ``save_model``). Raises: BadInput.
        """
        check_options(self.name, options, ("custom_objects", "save_model_kwargs"))
        if not self.owns(model):
            raise BadInput(f"a {type(model).__name__} is no keras.Model")
        place = folder / keras_files.FOLDER
        needs = keras_files.write(
            model, place, options.get("custom_objects"), options.get("save_model_kwargs") or {}
        )
        (place / "keras_module.txt").write_text("keras", encoding="utf-8")
        backend = keras.config.backend()
        return Saved(
            name=self.name,
            fields={
                "data": keras_files.FOLDER,
                "keras_backend": backend,
                "keras_version": keras.__version__,
                "save_exported_model": False,
            },
            loader_module="mlflow.keras",
            modules=tuple(dict.fromkeys(("keras", backend, "numpy", *needs))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return the classes that are not Keras's own."""
        return keras_files.asks(self._place(folder, model))

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the model."""
        return keras_files.load(self._place(folder, model), {})

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``; a table gives a table."""
        return keras_files.predictor(self.name, loaded, tables=True)

    def _place(self, folder: Path, model: MLmodel) -> Path:
        fields = model.flavors.get(self.name, {})
        if fields.get("save_exported_model"):
            raise InvalidModel(
                "the Keras model was saved as an exported graph (save_exported_model); save it "
                "without, or load it with mlflow.keras"
            )
        return inside(folder, str(fields.get("data") or keras_files.FOLDER))


FLAVOR = KerasFlavor()
