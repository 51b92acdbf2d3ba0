"""Spark ML models: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.spark import autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    spark_model: Any,
    artifact_path: str | None = None,
    *,
    dfs_tmpdir: str | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a fitted Spark ML model or pipeline under the active run.

    Args:
        spark_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        dfs_tmpdir: MLflow's name; not needed, files are written to this machine.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = {"dfs_tmpdir": dfs_tmpdir}
    return face.log("spark", spark_model, artifact_path, options, arguments)


def save_model(
    spark_model: Any,
    path: str | Path,
    *,
    dfs_tmpdir: str | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    options = {"dfs_tmpdir": dfs_tmpdir}
    face.save("spark", spark_model, path, options, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the Spark model at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load("spark", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path)
