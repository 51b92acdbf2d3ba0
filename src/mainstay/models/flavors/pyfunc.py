"""Python models: a class with ``predict``, one function, or a Python file that builds either.

Classes and functions are saved with cloudpickle under MLflow's loader ``mlflow.pyfunc.model``; the
base classes travel by value, so that the pickle needs neither mainstay nor mlflow. A file is stored
as it is (``models.from_code``). Loading one always runs code.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import from_code, loader_model, pickles, python_model, steps_model
from mainstay.models.flavors.base import Predict, Saved
from mainstay.models.from_code import CodeModel
from mainstay.models.loader_model import LoaderModel
from mainstay.models.python_model import FunctionModel, PythonModelContext
from mainstay.packaging.mlmodel import MLmodel, inside

LOADER = "mlflow.pyfunc.model"
CODE_LOADER = "mlflow.pyfunc.loaders.code_model"
FILE = "python_model.pkl"


class PyfuncFlavor:
    """Models written in Python, and folders whose MLmodel names a loader module."""

    name = "pyfunc"

    def owns(self, model: object) -> bool:
        """Tell whether it is a Python model, a plain function, a file of one or a loader."""
        named = isinstance(model, CodeModel | LoaderModel)
        return named or inspect.isfunction(model) or is_python_model(model)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``python_model.pkl``, or the file that builds the model, and the artifacts.

        ``options``: ``artifacts`` (name to local path) and ``model_config`` (a dictionary).
        Raises: BadInput.
        """
        if unknown := sorted(set(options) - {"artifacts", "model_config"}):
            raise BadInput(f"the pyfunc flavor has no option {', '.join(unknown)}")
        artifacts = _copy_artifacts(options.get("artifacts") or {}, folder)
        config = options.get("model_config")
        shared = {
            "streamable": False,
            **({"artifacts": artifacts} if artifacts else {}),
            **({"config": dict(config)} if config else {}),
        }
        if isinstance(model, CodeModel):
            return _save_code(model, folder, shared)
        if isinstance(model, LoaderModel):
            return _save_loader(model, folder, shared)
        kept = as_python_model(model)
        with (folder / FILE).open("wb") as stream:
            _dump(kept, stream)
        fields = {"python_model": FILE, "cloudpickle_version": cloudpickle.__version__, **shared}
        named = {*pickles.names(folder / FILE), *pickles.strings(folder / FILE)}
        modules = sorted({name.partition(".")[0] for name in named if name.isascii()})
        return Saved(loader_module=LOADER, pyfunc=fields, modules=("cloudpickle", *modules))

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return what the pickle imports, or the module that would load it."""
        if model.loader_module == CODE_LOADER:
            return (f"the Python file {_code_file(folder, model).name}",)
        if model.loader_module != LOADER:
            return (f"the loader module {model.loader_module}",)
        names = pickles.names(_pickle(folder, model))
        return tuple(f"{name} (cloudpickle)" for name in names) or ("a cloudpickle",)

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the Python model, its context loaded."""
        if model.loader_module == CODE_LOADER:
            loaded = as_python_model(from_code.execute(_code_file(folder, model), config))
        elif model.loader_module != LOADER:
            return _load_by_module(folder, model)
        else:
            with _pickle(folder, model).open("rb") as stream:
                loaded = _unpickled(stream)
        listed = model.pyfunc.get("artifacts") or {}
        paths = {name: str(inside(folder, str(item["path"]))) for name, item in listed.items()}
        loaded.__dict__["_mainstay_context"] = context = _context(paths, dict(config))
        if callable(getattr(loaded, "load_context", None)):
            loaded.load_context(context)
        return loaded

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return ``predict``, with the context and the parameters if it takes them."""
        return bind(loaded)


def _save_code(model: CodeModel, folder: Path, shared: Mapping[str, Any]) -> Saved:
    name = model.path.name
    shutil.copy(model.path, folder / name)
    found = from_code.modules(folder / name)
    version = cloudpickle.__version__
    fields = {"model_code_path": name, "cloudpickle_version": version, "code": None, **shared}
    return Saved(loader_module=CODE_LOADER, pyfunc=fields, modules=tuple(found))


def _save_loader(model: LoaderModel, folder: Path, shared: Mapping[str, Any]) -> Saved:
    """Copy what the loader module reads; MLmodel names both."""
    if model.module == LOADER or "artifacts" in shared:
        raise BadInput("a loader_module of your own reads data_path; it takes no artifacts")
    fields = dict(shared)
    if model.data is not None:
        fields["data"] = f"{loader_model.FOLDER}/{model.data.name}"
        _copy(model.data, folder / fields["data"])
    return Saved(
        loader_module=model.module, pyfunc=fields, modules=(model.module.partition(".")[0],)
    )


def _code_file(folder: Path, model: MLmodel) -> Path:
    """Return the stored file; MLflow writes down where it lay on the machine of its author."""
    name = str(model.pyfunc.get("model_code_path") or "").replace("\\", "/")
    return inside(folder, name.rpartition("/")[2])


def _unpickled(stream: Any) -> Any:
    try:
        return pickles.load(stream)
    except (pickle.UnpicklingError, EOFError) as error:
        raise InvalidModel(f"the Python model is no pickle: {error}") from error


def is_python_model(model: object) -> bool:
    """Tell whether its class derives from ours or MLflow's ``PythonModel``."""
    return any(
        base.__name__ == "PythonModel" and base.__module__ in _BASES for base in type(model).__mro__
    )


_BASES = ("mainstay.models.python_model", "mlflow.pyfunc.model")


def as_python_model(model: Any) -> Any:
    """Return an object with ``predict(context, model_input, …)`` for a class or a function.

    Raises:
        BadInput: it is neither.
    """
    if is_python_model(model):
        return model
    if inspect.isclass(model) and is_python_model(object.__new__(model)):
        raise BadInput(f"give an instance: python_model={model.__name__}()")
    if not callable(model):
        raise BadInput(
            "python_model must be an instance of mainstay.pyfunc.PythonModel or a function of "
            f"the input; got {type(model).__name__}"
        )
    count = len(_positional(model))
    if count not in (1, 2):
        raise BadInput(
            "a function that is a model takes the input, and params if it wants them; "
            f"this one takes {count} arguments"
        )
    kind: Any = FunctionModel
    return kind(model, takes_params(model), hints_of(model))


def takes_params(function: Callable[..., Any]) -> bool:
    """Tell whether a function takes parameters behind the input."""
    return len(_positional(function)) > 1


def hints_of(function: Callable[..., Any]) -> python_model.TypeHints | None:
    """Return the hints of a function's input and output; None where the input has none."""
    found = inspect.signature(function)
    given = next(iter(found.parameters.values()), None)
    if given is None or given.annotation is inspect.Parameter.empty:
        return None
    output = found.return_annotation
    kind: Any = python_model.TypeHints
    return kind(  # type: ignore[no-any-return]
        given.annotation, None if output is inspect.Signature.empty else output
    )


def bind(loaded: Any) -> Predict:
    """Return ``predict(data, params)`` of a Python model, whatever arguments its own takes."""
    context = getattr(loaded, "_mainstay_context", None) or _context({}, {})
    method = loaded.predict
    names = [parameter.name for parameter in _positional(method)]
    with_context = bool(names) and names[0] == "context"
    with_params = "params" in names or len(names) > (2 if with_context else 1)

    def predict(data: Any, params: dict[str, Any]) -> Any:
        given = (context, data) if with_context else (data,)
        return method(*given, params) if with_params else method(*given)

    return predict


def _context(artifacts: dict[str, str], config: dict[str, Any]) -> PythonModelContext:
    # The class travels inside pickles, so it has no annotations that would have to be there.
    kind: Any = PythonModelContext
    return kind(artifacts, config)  # type: ignore[no-any-return]


def _positional(function: Callable[..., Any]) -> list[inspect.Parameter]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in inspect.signature(function).parameters.values() if p.kind in kinds]


def _dump(model: Any, stream: Any) -> None:
    for module in (python_model, steps_model):
        cloudpickle.register_pickle_by_value(module)
    try:
        cloudpickle.dump(model, stream)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise BadInput(f"{type(model).__name__} cannot be pickled: {error}") from error
    finally:
        for module in (python_model, steps_model):
            cloudpickle.unregister_pickle_by_value(module)


def _copy_artifacts(artifacts: Mapping[str, Any], folder: Path) -> dict[str, dict[str, str]]:
    fields = {}
    for name, given in artifacts.items():
        source = Path(str(given).removeprefix("file://"))
        if not source.exists():
            raise BadInput(f"the artifact {name!r} is not at {str(source)!r}")
        target = folder / "artifacts" / source.name
        if target.exists():
            target = folder / "artifacts" / name / source.name
        _copy(source, target)
        fields[name] = {"path": target.relative_to(folder).as_posix(), "uri": str(given)}
    return fields


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def _pickle(folder: Path, model: MLmodel) -> Path:
    return inside(folder, str(model.pyfunc.get("python_model") or FILE))


def _load_by_module(folder: Path, model: MLmodel) -> Any:
    name = model.loader_module
    data = model.pyfunc.get("data") or model.pyfunc.get("model_path")
    path = inside(folder, str(data)) if data else folder
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise InvalidModel(
            f"the model is loaded by the module {name!r}, and {error.name!r} is not installed here"
        ) from error
    load = getattr(module, "_load_pyfunc", None)
    if load is None:
        raise InvalidModel(f"the module {name!r} has no function _load_pyfunc(path)")
    return load(str(path))


FLAVOR = PyfuncFlavor()
