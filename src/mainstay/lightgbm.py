"""LightGBM models: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.lightgbm import autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    lgb_model: Any,
    artifact_path: str | None = None,
    *,
    serialization_format: str | None = None,
    skops_trusted_types: list[str] | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a ``Booster`` or an estimator of ``lightgbm`` under the active run.

    Args:
        lgb_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        serialization_format: for estimators: skops, cloudpickle or pickle; left out: skops where
            its types can be vouched for, else cloudpickle. Boosters are saved as text.
        skops_trusted_types: types besides the known ones that a skops file may hold.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = {
        "serialization_format": serialization_format,
        "skops_trusted_types": skops_trusted_types,
    }
    return face.log("lightgbm", lgb_model, artifact_path, options, arguments)


def save_model(
    lgb_model: Any,
    path: str | Path,
    *,
    serialization_format: str | None = None,
    skops_trusted_types: list[str] | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    options = {
        "serialization_format": serialization_format,
        "skops_trusted_types": skops_trusted_types,
    }
    face.save("lightgbm", lgb_model, path, options, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the booster or estimator at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "lightgbm", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )
