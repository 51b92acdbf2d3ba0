"""Models from code: a Python file that builds the model and names it with ``set_model``.

The file is the model: it is stored as it is and executed again when the model loads. Written for
MLflow it runs here too, with or without the mlflow package: ``set_model`` and ``ModelConfig`` are
then found under mlflow's names.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from mainstay.errors import BadInput, InvalidModel, NotFound

_ALIASES = {
    "mlflow": "mainstay",
    "mlflow.models": "mainstay.models",
    "mlflow.pyfunc": "mainstay.pyfunc",
}
_PATCHED = ("set_model", "ModelConfig")


class _Run:
    """One execution of a file: what it set, and the configuration that it gets."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = dict(config)
        self.models: list[Any] = []


_running: ContextVar[_Run | None] = ContextVar("mainstay_model_file", default=None)


def set_model(model: Any) -> None:
    """Say that ``model`` is the model that this file builds.

    It is an instance of ``mainstay.pyfunc.PythonModel`` or a function of the input. Does nothing
    where the file is run for itself. Raises: BadInput if it is neither.
    """
    from mainstay.models.flavors.pyfunc import as_python_model

    as_python_model(model)
    run = _running.get()
    if run is not None:
        run.models.append(model)


class ModelConfig:
    """The configuration of a model from code: ``model_config`` of its save, else the default.

    ``development_config`` (a dictionary, or the path of a YAML file) is used while the file is
    run for itself. Raises: BadInput if there is no configuration.
    """

    def __init__(self, *, development_config: str | Path | Mapping[str, Any] | None = None) -> None:
        run = _running.get()
        if run is not None and run.config:
            self._values: Mapping[str, Any] = run.config
        elif isinstance(development_config, Mapping):
            self._values = development_config
        elif development_config is not None:
            self._values = _yaml(Path(development_config))
        else:
            raise BadInput("there is no model_config; give one, or a development_config")

    def get(self, key: str) -> Any:
        """Return a setting. Raises: NotFound."""
        if key not in self._values:
            raise NotFound(f"the model's configuration has no {key!r}")
        return self._values[key]

    def to_dict(self) -> dict[str, Any]:
        """Return all settings."""
        return dict(self._values)


class CodeModel:
    """A file and the model that it builds."""

    def __init__(self, path: Path, model: Any) -> None:
        self.path = path
        self.model = model

    @property
    def predict(self) -> Any:
        """The function whose type hints are the model's."""
        return getattr(self.model, "predict", self.model)


def read(path: str | Path, config: Mapping[str, Any] | None = None) -> CodeModel:
    """Execute the file of a user's model, to save it.

    Raises:
        BadInput: there is no such Python file, or it does not call ``set_model`` once.
    """
    found = Path(path)
    if found.suffix != ".py" or not found.is_file():
        raise BadInput(f"python_model={str(path)!r} is no Python file that is there")
    try:
        return CodeModel(found, execute(found, config or {}))
    except InvalidModel as error:
        raise BadInput(error.message) from error


def execute(path: Path, config: Mapping[str, Any]) -> Any:
    """Run the file and return the model that it sets; call ``trust.admit`` first.

    Raises:
        InvalidModel: it sets none or several, is no Python, or needs a missing module.
    """
    name = f"mainstay_model_{secrets.token_hex(6)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    run = _Run(config)
    token = _running.set(run)
    sys.modules[name] = module  # classes of the file are found by pickle while it lives
    try:
        with _mlflow_names():
            spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise InvalidModel(
            f"{path.name} needs the module {error.name!r}, which is not installed here"
        ) from error
    except SyntaxError as error:
        raise InvalidModel(f"{path.name} is no Python: {error}") from error
    finally:
        _running.reset(token)
    if len(run.models) != 1:
        raise InvalidModel(
            f"{path.name} calls set_model {len(run.models)} times; call "
            "mainstay.models.set_model(model) once"
        )
    return run.models[0]


def modules(path: Path) -> list[str]:
    """Return the top-level modules that the file imports."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise InvalidModel(f"{path.name} is no Python: {error}") from error
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(alias.name.partition(".")[0] for alias in node.names))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found[node.module.partition(".")[0]] = None
    return list(found)


@contextmanager
def _mlflow_names() -> Iterator[None]:
    """Let ``mlflow.models.set_model`` mean ours while a file is executed."""
    if importlib.util.find_spec("mlflow") is None:
        before = {name: sys.modules.get(name) for name in _ALIASES}
        sys.modules.update({n: importlib.import_module(ours) for n, ours in _ALIASES.items()})
        try:
            yield
        finally:
            for name, module in before.items():
                _put_back(name, module)
        return
    theirs = importlib.import_module("mlflow.models")
    kept = {name: getattr(theirs, name) for name in _PATCHED}
    for name, ours in zip(_PATCHED, (set_model, ModelConfig), strict=True):
        setattr(theirs, name, ours)
    try:
        yield
    finally:
        for name, original in kept.items():
            setattr(theirs, name, original)


def _put_back(name: str, module: ModuleType | None) -> None:
    if module is None:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = module


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"there is no configuration file {str(path)!r}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is not YAML: {error}") from error
    if not isinstance(found, Mapping):
        raise BadInput(f"{path.name} is not a mapping of settings")
    return found
