"""CatBoost models: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.catboost import autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    cb_model: Any,
    artifact_path: str | None = None,
    *,
    format: str | None = None,  # noqa: A002 - the library's name
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a ``CatBoost`` model, a classifier, regressor or ranker under the active run.

    Args:
        cb_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        format: "cbm" (the default) or "json", which may differ in the last bit.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    return face.log("catboost", cb_model, artifact_path, {"format": format}, arguments)


def save_model(
    cb_model: Any,
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002 - the library's name
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    face.save("catboost", cb_model, path, {"format": format}, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the model at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "catboost", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )
