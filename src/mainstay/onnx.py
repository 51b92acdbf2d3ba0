"""ONNX models: ``mainstay.onnx.log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["load_model", "log_model", "save_model"]


def log_model(
    onnx_model: Any,
    artifact_path: str | None = None,
    *,
    onnx_execution_providers: list[str] | None = None,
    onnx_session_options: dict[str, Any] | None = None,
    save_as_external_data: bool | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log an ``onnx.ModelProto`` under the active run.

    Args:
        onnx_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        onnx_execution_providers: names of providers to try in turn; default CUDA, then the CPU.
        onnx_session_options: ``inter_op_num_threads``, ``intra_op_num_threads``,
            ``execution_mode`` (sequential, parallel), ``graph_optimization_level`` (0, 1, 2, 99).
        save_as_external_data: weights in a file beside the graph; default: above 1 GiB.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = {
        "onnx_execution_providers": onnx_execution_providers,
        "onnx_session_options": onnx_session_options,
        "save_as_external_data": save_as_external_data,
    }
    return face.log("onnx", onnx_model, artifact_path, options, arguments)


def save_model(
    onnx_model: Any,
    path: str | Path,
    *,
    onnx_execution_providers: list[str] | None = None,
    onnx_session_options: dict[str, Any] | None = None,
    save_as_external_data: bool | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    options = {
        "onnx_execution_providers": onnx_execution_providers,
        "onnx_session_options": onnx_session_options,
        "save_as_external_data": save_as_external_data,
    }
    face.save("onnx", onnx_model, path, options, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the ``ModelProto`` at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load("onnx", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path)
