"""PyTorch models: ``autolog``, ``training``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack

from mainstay.autolog.pytorch import autolog, training

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model", "training"]


def log_model(
    pytorch_model: Any,
    artifact_path: str | None = None,
    *,
    serialization_format: Literal["pickle", "pt2"] | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a ``torch.nn.Module`` under the active run.

    Args:
        pytorch_model: the fitted model.
        artifact_path: the logged model's name; ``name=`` is its new name.
        serialization_format: ``pickle`` keeps the class, which loads again as it is; ``pt2`` traces
            the module on ``input_example`` and stores a program of ``torch.export`` without any
            class of yours. None: a program where the module holds classes that need trust, and
            the program answers to the bit what the module answers.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = _options(serialization_format, arguments)
    return face.log("pytorch", pytorch_model, artifact_path, options, arguments)


def save_model(
    pytorch_model: Any,
    path: str | Path,
    *,
    serialization_format: Literal["pickle", "pt2"] | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    face.save("pytorch", pytorch_model, path, _options(serialization_format, arguments), arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the module at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "pytorch", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )


def _options(form: str | None, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flavor's options; with steps before the model, the example is not its own."""
    example = arguments.get("input_example") if arguments.get("preprocess") is None else None
    return {"serialization_format": form, "input_example": example}
