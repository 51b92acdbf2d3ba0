"""What the face modules of the libraries share: the arguments of save_model and log_model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from mainstay.models import copied, loading, logging, saving
from mainstay.models.info import ModelInfo
from mainstay.models.logging import Placement
from mainstay.models.saving import Package
from mainstay.packaging.signature import ModelSignature


class SaveArguments(TypedDict, total=False):
    """What ``save_model`` of every library takes; the meanings are those of ``saving.Package``."""

    conda_env: Any
    code_paths: Sequence[str] | None
    signature: ModelSignature | bool | None
    input_example: Any
    pip_requirements: Any
    extra_pip_requirements: Any
    metadata: dict[str, Any] | None
    extra_files: Sequence[str] | None
    profile_data: Any
    preprocess: Any
    postprocess: Any
    labels: Any


class LogArguments(SaveArguments, total=False):
    """What ``log_model`` of every library takes besides; see ``logging.Placement``."""

    name: str | None
    registered_model_name: str | None
    params: Mapping[str, Any] | None
    tags: Mapping[str, Any] | None
    model_type: str | None
    step: int
    await_registration_for: int | None


_PLACED = ("name", "registered_model_name", "params", "tags", "model_type", "step")
_IGNORED = ("await_registration_for",)  # MLflow's name; registering here waits for nothing


def save(
    flavor: str, model: Any, path: str | Path, options: dict[str, Any], given: SaveArguments
) -> None:
    """Save ``model`` as the folder ``path``. Raises: as ``saving.save_model``; TypeError."""
    arguments: dict[str, Any] = dict(given)
    _check("save_model", arguments, SaveArguments.__annotations__)
    saving.save_model(model, path, Package(flavor=flavor, options=options, **arguments))


def log(
    flavor: str,
    model: Any,
    artifact_path: str | None,
    options: dict[str, Any],
    given: LogArguments,
) -> ModelInfo:
    """Log ``model`` under the active run. Raises: as ``logging.log_model``; TypeError."""
    arguments: dict[str, Any] = dict(given)
    _check("log_model", arguments, LogArguments.__annotations__)
    for name in _IGNORED:
        arguments.pop(name, None)
    placed: dict[str, Any] = {name: arguments.pop(name) for name in _PLACED if name in arguments}
    package = Package(flavor=flavor, options=options, **arguments)
    return logging.log_model(model, package, Placement(artifact_path=artifact_path, **placed))


def load(
    flavor: str,
    model_uri: str | Path,
    *,
    trust: bool | str | None,
    tracking_uri: str | None,
    dst_path: str | Path | None = None,
) -> Any:
    """Return the library's own object. Raises: as ``loading.load_native``."""
    uri = str(model_uri)
    loaded = loading.load_native(uri, flavor, trust=trust, tracking_uri=tracking_uri)
    copied.copy_to(uri, dst_path, tracking_uri=tracking_uri)
    return loaded


def _check(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse unknown names as Python refuses them. Raises: TypeError."""
    for name in sorted(set(given) - set(known)):
        raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")
