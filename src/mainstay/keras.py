"""Keras models: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.keras import autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    model: Any,
    artifact_path: str | None = None,
    *,
    save_exported_model: bool = False,
    custom_objects: dict[str, Any] | None = None,
    save_model_kwargs: dict[str, Any] | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a ``keras.Model`` of any backend under the active run.

    Args:
        model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        save_exported_model: store the graph that Keras exports (TensorFlow's SavedModel), which
            answers without your classes, no longer trains, and needs trust to load.
        custom_objects: your own classes and functions by name; those of layers are found.
        save_model_kwargs: for Keras's ``save_model``, or ``export``.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = {
        "save_exported_model": save_exported_model,
        "custom_objects": custom_objects,
        "save_model_kwargs": save_model_kwargs,
    }
    return face.log("keras", model, artifact_path, options, arguments)


def save_model(
    model: Any,
    path: str | Path,
    *,
    save_exported_model: bool = False,
    custom_objects: dict[str, Any] | None = None,
    save_model_kwargs: dict[str, Any] | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    options = {
        "save_exported_model": save_exported_model,
        "custom_objects": custom_objects,
        "save_model_kwargs": save_model_kwargs,
    }
    face.save("keras", model, path, options, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the Keras model at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load("keras", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path)
