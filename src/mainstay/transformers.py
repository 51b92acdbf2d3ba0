"""Hugging Face: ``autolog``, ``log_model``, ``save_model``, ``load_model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mainstay.autolog.transformers import autolog

if TYPE_CHECKING:
    from mainstay.models.face import LogArguments, SaveArguments
    from mainstay.models.info import ModelInfo

__all__ = ["autolog", "load_model", "log_model", "save_model"]


def log_model(
    transformers_model: Any,
    artifact_path: str | None = None,
    *,
    task: str | None = None,
    processor: Any = None,
    model_config: dict[str, Any] | None = None,
    torch_dtype: Any = None,
    prompt_template: str | None = None,
    **arguments: Unpack[LogArguments],
) -> ModelInfo:
    """Log a transformers pipeline under the active run.

    Args:
        transformers_model: the pipeline, or a dictionary of its parts (``model``, ``tokenizer`` …).
        artifact_path: the logged model's name; ``name=`` is its new name.
        task: what the pipeline is for; needed where a dictionary of parts is given.
        processor: a processor to keep beside the pipeline.
        model_config: parameters for every call of the pipeline.
        torch_dtype: the weights' type when they are loaded; default: as they are.
        prompt_template: a text with ``{prompt}`` in it that each input is put into.
        arguments: those that every library has, see ``mainstay.sklearn.log_model``.

    Raises: BadInput on an argument that cannot be used.
    """
    from mainstay.models import face

    options = {
        "task": task,
        "processor": processor,
        "model_config": model_config,
        "torch_dtype": torch_dtype,
        "prompt_template": prompt_template,
    }
    return face.log("transformers", transformers_model, artifact_path, options, arguments)


def save_model(
    transformers_model: Any,
    path: str | Path,
    *,
    task: str | None = None,
    processor: Any = None,
    model_config: dict[str, Any] | None = None,
    torch_dtype: Any = None,
    prompt_template: str | None = None,
    **arguments: Unpack[SaveArguments],
) -> None:
    """Save the model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models import face

    options = {
        "task": task,
        "processor": processor,
        "model_config": model_config,
        "torch_dtype": torch_dtype,
        "prompt_template": prompt_template,
    }
    face.save("transformers", transformers_model, path, options, arguments)


def load_model(
    model_uri: str | Path,
    dst_path: str | Path | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> Any:
    """Return the pipeline at any model address.

    Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models import face

    return face.load(
        "transformers", model_uri, trust=trust, tracking_uri=tracking_uri, dst_path=dst_path
    )
