"""statsmodels models: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.statsmodels import autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    statsmodels_model: Any,
    artifact_path: str | None = None,
    *,
    remove_data: bool = False,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log the results of a fitted ``statsmodels`` model under the active run.

    Args:
        statsmodels_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        remove_data: leave the training data out of the file; some results need them to predict.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    return face.log(
        "statsmodels", statsmodels_model, artifact_path, {"remove_data": remove_data}, arguments
    )


def save_model(
    statsmodels_model: Any,
    path: str | Path,
    *,
    remove_data: bool = False,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    face.save("statsmodels", statsmodels_model, path, {"remove_data": remove_data}, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the results at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "statsmodels", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )
