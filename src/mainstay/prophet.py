"""Prophet forecasters: ``mainstay.prophet.log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]


def log_model(
    pr_model: Any,
    artifact_path: str | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a fitted ``prophet.Prophet`` under the active run.

    Args:
        pr_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    return face.log("prophet", pr_model, artifact_path, {}, arguments)


def save_model(
    pr_model: Any,
    path: str | Path,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    face.save("prophet", pr_model, path, {}, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the forecaster at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "prophet", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )
