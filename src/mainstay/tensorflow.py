"""TensorFlow models: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.keras import tensorflow_autolog as autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    model: Any,
    artifact_path: str | None = None,
    *,
    custom_objects: dict[str, Any] | None = None,
    keras_model_kwargs: dict[str, Any] | None = None,
    saved_model_kwargs: dict[str, Any] | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a ``keras.Model`` or a ``tf.Module`` under the active run.

    Args:
        model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        custom_objects: your own classes and functions by name; those of layers are found.
        keras_model_kwargs: for Keras's ``save_model``.
        saved_model_kwargs: for ``tf.saved_model.save``.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = {
        "custom_objects": custom_objects,
        "keras_model_kwargs": keras_model_kwargs,
        "saved_model_kwargs": saved_model_kwargs,
    }
    return face.log("tensorflow", model, artifact_path, options, arguments)


def save_model(
    model: Any,
    path: str | Path,
    *,
    custom_objects: dict[str, Any] | None = None,
    keras_model_kwargs: dict[str, Any] | None = None,
    saved_model_kwargs: dict[str, Any] | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    options = {
        "custom_objects": custom_objects,
        "keras_model_kwargs": keras_model_kwargs,
        "saved_model_kwargs": saved_model_kwargs,
    }
    face.save("tensorflow", model, path, options, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the Keras model or the SavedModel at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "tensorflow", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )
