"""Models as Python functions: load any model, and save a class or a function as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.errors import BadInput
from mainstay.models.python_model import PythonModel, PythonModelContext

if TYPE_CHECKING:
    from mainstay.models.info import ModelInfo
    from mainstay.models.predictor import PyFuncModel
    from mainstay.models.saving import Package
    from mainstay.packaging.signature import ModelSignature

__all__ = [
    "PyFuncModel",
    "PythonModel",
    "PythonModelContext",
    "get_model_dependencies",
    "load_model",
    "log_model",
    "save_model",
]


def load_model(
    model_uri: str | Path,
    suppress_warnings: bool = False,  # noqa: ARG001 - MLflow's name
    dst_path: str | Path | None = None,
    model_config: Mapping[str, Any] | None = None,
    *,
    trust: bool | str | None = None,
    tracking_uri: str | None = None,
) -> PyFuncModel:
    """Load the model at any address as a function of data: ``model.predict(data)``.

    Its files are put into ``dst_path`` too, if that is given. Raises:
        NotFound, BadInput, InvalidModel; UntrustedModel: see the page on models.
    """
    from mainstay.models.copied import copy_to
    from mainstay.models.loading import load_model as load

    uri = str(model_uri)
    loaded = load(uri, trust=trust, tracking_uri=tracking_uri, model_config=model_config)
    copy_to(uri, dst_path, tracking_uri=tracking_uri)
    return loaded


def get_model_dependencies(model_uri: str | Path, format: str = "pip") -> str:  # noqa: A002
    """Return the path of a local copy of the model's ``requirements.txt``, or ``conda.yaml``.

    Install it with ``pip install -r``; nothing of the model runs.

    Raises:
        BadInput: another ``format`` than "pip" and "conda". NotFound: it names no packages; and
        as ``load_model``.
    """
    from mainstay.models import dependencies

    return str(dependencies.file(str(model_uri), format))


def __getattr__(name: str) -> Any:
    if name == "PyFuncModel":  # what loads it loads pandas
        from mainstay.models.predictor import PyFuncModel

        return PyFuncModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def log_model(
    artifact_path: str | None = None,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    code_paths: Sequence[str] | None = None,
    conda_env: Any = None,
    python_model: Any = None,
    artifacts: Mapping[str, Any] | None = None,
    registered_model_name: str | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    await_registration_for: int | None = None,  # noqa: ARG001 - MLflow's name
    pip_requirements: Any = None,
    extra_pip_requirements: Any = None,
    metadata: dict[str, Any] | None = None,
    model_config: Mapping[str, Any] | None = None,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    step: int = 0,
    *,
    profile_data: Any = None,
) -> ModelInfo:
    """Log a ``PythonModel``, or a function of the input, under the active run.

    Args:
        python_model: an instance of a class with ``predict(self, context, model_input, params)``
            (``context`` and ``params`` may be left out), a function, or the path of a Python file
            that calls ``mainstay.models.set_model`` with either.
        loader_module: in place of ``python_model``, a module whose ``_load_pyfunc(path)`` gives an
            object with ``predict``; give it with ``code_paths`` where it is your own.
        data_path: the file or folder whose copy ``_load_pyfunc`` is given.
        artifacts: names to local files and folders; ``context.artifacts`` gives their paths.
        model_config: settings that ``context.model_config`` gives back.

    The other arguments are those of ``mainstay.sklearn.log_model``. Raises: BadInput.
    """
    from mainstay.models.logging import Placement
    from mainstay.models.logging import log_model as log

    package = _package(
        conda_env=conda_env,
        code_paths=code_paths,
        signature=signature,
        input_example=input_example,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
        profile_data=profile_data,
        options={"artifacts": artifacts, "model_config": model_config},
    )
    placement = Placement(
        name=name,
        artifact_path=artifact_path,
        registered_model_name=registered_model_name,
        params=params,
        tags=tags,
        model_type=model_type,
        step=step,
    )
    return log(_model(python_model, model_config, loader_module, data_path), package, placement)


def save_model(
    path: str | Path,
    loader_module: str | None = None,
    data_path: str | Path | None = None,
    code_paths: Sequence[str] | None = None,
    conda_env: Any = None,
    python_model: Any = None,
    artifacts: Mapping[str, Any] | None = None,
    signature: ModelSignature | bool | None = None,
    input_example: Any = None,
    pip_requirements: Any = None,
    extra_pip_requirements: Any = None,
    metadata: dict[str, Any] | None = None,
    model_config: Mapping[str, Any] | None = None,
    *,
    profile_data: Any = None,
) -> None:
    """Save a Python model as the folder ``path``; the arguments are those of ``log_model``.

    Raises:
        BadInput: the folder is there already and not empty, or an argument cannot be used.
    """
    from mainstay.models.saving import save_model as save

    package = _package(
        conda_env=conda_env,
        code_paths=code_paths,
        signature=signature,
        input_example=input_example,
        pip_requirements=pip_requirements,
        extra_pip_requirements=extra_pip_requirements,
        metadata=metadata,
        profile_data=profile_data,
        options={"artifacts": artifacts, "model_config": model_config},
    )
    save(_model(python_model, model_config, loader_module, data_path), path, package)


def _model(
    given: Any,
    config: Mapping[str, Any] | None,
    loader_module: str | None,
    data_path: str | Path | None,
) -> Any:
    """Return the model; a path stands for the file that builds it. Raises: BadInput."""
    if loader_module is not None or data_path is not None:
        from mainstay.models import loader_model

        if given is not None:
            raise BadInput("give python_model, or loader_module with data_path, not both")
        return loader_model.read(loader_module, data_path)
    if not isinstance(given, str | Path):
        return given
    from mainstay.models import from_code

    return from_code.read(given, config)


def _package(**fields: Any) -> Package:
    from mainstay.models.saving import Package

    return Package(flavor="pyfunc", **fields)
