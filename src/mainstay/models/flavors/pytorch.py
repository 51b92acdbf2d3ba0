"""PyTorch modules, written by ``torch.save`` or as programs of ``torch.export``.

A module built only of the layers in `VOUCHED` is read by torch's restricted unpickler, which
builds nothing else. A user's own class becomes a program of ``torch.export`` where there is an
example to trace it on and the program answers the same (``pytorch_export``), since programs of
plain arithmetic need no trust. Anything else runs code when it loads: TorchScript as well.
"""

from __future__ import annotations

import copy
import logging
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle
import pandas as pd
import torch

from mainstay.errors import BadInput, InvalidModel
from mainstay.models import archives, pickles
from mainstay.models.flavors import pytorch_export
from mainstay.models.flavors.arguments import check_options, choice
from mainstay.models.flavors.base import Predict, Saved
from mainstay.packaging.mlmodel import MLmodel, inside

log = logging.getLogger(__name__)

FOLDER = "data"
FILE = "model.pth"
EXPORTED = pytorch_export.FILE
FORMATS = ("pickle", "pt2")
_PICKLER = "mlflow.pytorch.pickle_module"
"""The module that MLflow is to read the file with; it reads what cloudpickle wrote."""

_LAYERS = (
    "AdaptiveAvgPool1d AdaptiveAvgPool2d AvgPool1d AvgPool2d BatchNorm1d BatchNorm2d Conv1d Conv2d "
    "Dropout ELU Embedding Flatten GELU GRU Identity LSTM LayerNorm LeakyReLU Linear LogSoftmax "
    "MaxPool1d MaxPool2d ModuleList PReLU RNN ReLU SELU Sequential SiLU Sigmoid Softmax Softplus "
    "Tanh"
)
_MAX_PICKLE = 1 << 30
_PLAIN = ("collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "builtins.set")
_STORAGES = ("Bool", "Byte", "Double", "Float", "Half", "Int", "Long")


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


LAYERS: dict[str, Any] = {
    _name(kind): kind for kind in (getattr(torch.nn, name) for name in _LAYERS.split())
}
VOUCHED = frozenset(
    [
        *LAYERS,
        *_PLAIN,
        "__builtin__.set",
        "torch._utils._rebuild_parameter",
        *(f"torch.{name}Storage" for name in _STORAGES),
    ]
)
"""Layers and the records they are kept in: numbers and settings, no function of a user."""


class PytorchFlavor:
    """``torch.nn.Module``."""

    name = "pytorch"

    def owns(self, model: object) -> bool:
        """Tell whether it is a ``torch.nn.Module``."""
        return any(_name(base) == "torch.nn.modules.module.Module" for base in type(model).__mro__)

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write ``data/model.pth``, where classes of a script travel along, or ``data/model.pt2``.

        ``options``: ``serialization_format`` (``pickle``, ``pt2``; None: a program where the module
        is not of vouched layers and can be exported) and the ``input_example`` to trace it on.
        Raises: BadInput.
        """
        check_options(self.name, options, ("serialization_format", "input_example"))
        form = choice("serialization_format", options.get("serialization_format"), FORMATS, "")
        if not self.owns(model) or isinstance(model, torch.jit.ScriptModule):
            raise BadInput(f"a {type(model).__name__} is not saved; give the torch.nn.Module")
        place = folder / FOLDER
        place.mkdir()
        example = options.get("input_example")
        named = _write(model, place, form, example[0] if isinstance(example, tuple) else example)
        return Saved(
            name=self.name,
            fields={"model_data": FOLDER, "pytorch_version": str(torch.__version__), "code": None},
            loader_module="mlflow.pytorch",
            pyfunc={
                "data": FOLDER,
                "pickle_module_name": _PICKLER,
                "config": {"device": None},
            },
            modules=tuple(dict.fromkeys(("torch", "numpy", "cloudpickle", *sorted(named)))),
        )

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Return what the pickle imports, () where it holds nothing but vouched layers."""
        path = _place(folder, model)
        if path.name == EXPORTED:
            return pytorch_export.asks(path)
        if _is_script(path):
            return ("a TorchScript program",)
        names = _names(path)
        if VOUCHED.issuperset(names):
            return ()
        return tuple(f"{name} (pickle)" for name in names)

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Return the module, on the device that the configuration names (default: the CPU)."""
        path, device = _place(folder, model), str(config.get("device") or "cpu")
        try:
            if path.name == EXPORTED:
                return pytorch_export.load(path).to(device)
            if _is_script(path):
                return torch.jit.load(path, map_location=device).eval()
            if VOUCHED.issuperset(_names(path)):
                with torch.serialization.safe_globals(list(LAYERS.values())):
                    return torch.load(path, map_location=device, weights_only=True).eval()
            return torch.load(path, map_location=device, weights_only=False).eval()
        except ModuleNotFoundError as error:
            raise InvalidModel(f"the model needs {error.name!r}, which is not installed") from error
        except (pickle.UnpicklingError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
            first = str(error).strip().partition("\n")[0]
            raise InvalidModel(f"{path.name} is no PyTorch model: {first}") from error

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return a function that runs the module without gradients and gives arrays.

        A table gives a table with its index. Parameters are not handed on, as in MLflow.
        """
        ready = copy.deepcopy(loaded).eval() if _trains(loaded) else loaded
        first = next(iter(ready.parameters()), None)
        device = "cpu" if first is None else first.device

        def predict(data: Any, _: dict[str, Any]) -> Any:
            table = data if isinstance(data, pd.DataFrame) else None
            with torch.no_grad():
                found = _answer(ready, pytorch_export.tensor(data).to(device))
            if not isinstance(found, torch.Tensor):
                raise InvalidModel("the module does not answer with one tensor")
            answers = found.detach().cpu().numpy()
            return answers if table is None else pd.DataFrame(answers, index=table.index)

        return predict


def _write(model: Any, place: Path, form: str, example: Any) -> set[str]:
    """Write the file; return the modules that it names. Raises: BadInput."""
    if form == "pt2":
        pytorch_export.write(model, place / EXPORTED, example)
        return set()
    try:
        torch.save(model, place / FILE, pickle_module=cloudpickle)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise BadInput(f"{type(model).__name__} cannot be pickled: {error}") from error
    named = _names(place / FILE)
    if not form and not VOUCHED.issuperset(named) and _exported(model, place / EXPORTED, example):
        (place / FILE).unlink()
        return set()
    (place / "pickle_module_info.txt").write_text(_PICKLER, encoding="utf-8")
    return {name.partition(".")[0] for name in named}


def _exported(model: Any, path: Path, example: Any) -> bool:
    """Write a program that needs no trust, if the module can be one."""
    if example is None:
        return False
    try:
        pytorch_export.write(model, path, example)
    except (BadInput, InvalidModel) as error:
        log.info("%s is saved as a pickle, which needs trust: %s", type(model).__name__, error)
        return False
    if pytorch_export.asks(path):
        path.unlink()
        return False
    return True


def _answer(module: Any, rows: torch.Tensor) -> Any:
    """Ask the module. Raises: BadInput where a program's guard refuses the shape."""
    try:
        return module(rows)
    except AssertionError as error:
        if not type(module).__module__.startswith("torch.fx"):
            raise
        raise BadInput(f"the exported program does not take this input: {error}") from error


def _trains(loaded: Any) -> bool:
    """Tell whether it is a caller's module in training; exported programs have no such mode."""
    return bool(getattr(loaded, "training", False)) and not type(loaded).__module__.startswith(
        "torch.fx"
    )


def _place(folder: Path, model: MLmodel) -> Path:
    name = model.flavors.get("pytorch", {}).get("model_data") or model.pyfunc.get("data")
    if not isinstance(name, str):
        raise InvalidModel("MLmodel does not say where the pytorch model is (model_data)")
    place = inside(folder, name)
    if place.is_dir():
        file = EXPORTED if (place / EXPORTED).exists() else FILE
        return inside(folder, f"{name}/{file}")
    return place


def _is_script(path: Path) -> bool:
    return any("/code/" in name or name.endswith("/constants.pkl") for name in _listed(path))


def _names(path: Path) -> list[str]:
    """Return what the pickle in the file imports. Raises: InvalidModel."""
    inner = [name for name in _listed(path) if name.endswith("/data.pkl")]
    if len(inner) != 1:
        raise InvalidModel(f"{path.name} is no file of torch.save")
    return pickles.names_in(archives.read(path, inner[0], _MAX_PICKLE), path.name)


def _listed(path: Path) -> list[str]:
    return [member.filename for member in archives.check(path)]


FLAVOR = PytorchFlavor()
