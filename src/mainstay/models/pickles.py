"""Look into a pickle without running it, and read one with old names mapped to ours."""

from __future__ import annotations

import importlib.util
import pickle
import pickletools
from pathlib import Path
from typing import Any, BinaryIO

from mainstay.errors import InvalidModel
from mainstay.models import python_model

_STRINGS = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"})
_GETS = frozenset({"BINGET", "LONG_BINGET", "GET"})
_PUTS = frozenset({"BINPUT", "LONG_BINPUT", "PUT"})
_KEPT = frozenset({"MEMOIZE", "FRAME", "PROTO"}) | _PUTS


def names(path: Path) -> list[str]:
    """Return the ``module.name`` of everything that the pickle would import, sorted.

    A name that the opcodes do not show plainly is listed as ``?``.
    Raises: InvalidModel if the file is no pickle.
    """
    with path.open("rb") as stream:
        return names_in(stream, path.name)


def names_in(stream: BinaryIO | bytes, title: str) -> list[str]:
    """Return the same of a pickle in memory or in an open file called ``title``."""
    found: set[str] = set()
    memo: dict[int, str | None] = {}
    pushed: list[str | None] = []
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            if opcode.name == "GLOBAL":
                found.add(str(argument).replace(" ", "."))
            elif opcode.name == "STACK_GLOBAL":
                module, name = [None, None, *pushed][-2:]
                found.add(f"{module or '?'}.{name or '?'}")
            elif opcode.name == "INST":
                found.add(str(argument).replace(" ", "."))
            if opcode.name in _PUTS:
                memo[int(str(argument))] = pushed[-1] if pushed else None
            elif opcode.name == "MEMOIZE":
                memo[len(memo)] = pushed[-1] if pushed else None
            elif opcode.name in _GETS:
                pushed.append(memo.get(int(str(argument))))
            elif opcode.name not in _KEPT:
                pushed.append(argument if opcode.name in _STRINGS else None)
            del pushed[:-4]
    except (ValueError, IndexError, EOFError, UnicodeDecodeError) as error:
        raise InvalidModel(f"{title} is no pickle: {error}") from error
    return sorted(found)


def strings(path: Path) -> set[str]:
    """Return every text in the pickle; among them are the modules that its functions import."""
    with path.open("rb") as stream:
        return {str(arg) for op, arg, _ in pickletools.genops(stream) if op.name in _STRINGS}


def load(stream: BinaryIO) -> Any:
    """Unpickle; the base classes of MLflow's Python models need no mlflow.

    Runs the code in it: call ``trust.admit`` first.
    Raises: InvalidModel if it needs a module that is not installed.
    """
    try:
        return _Unpickler(stream).load()
    except ModuleNotFoundError as error:
        raise InvalidModel(
            f"the model needs the module {error.name!r}, which is not installed here; install "
            "what its requirements.txt lists, or use --env-manager uv"
        ) from error


_OURS: dict[tuple[str, str], Any] = {
    ("mlflow.pyfunc.model", "PythonModel"): python_model.PythonModel,
    ("mlflow.pyfunc.model", "PythonModelContext"): python_model.PythonModelContext,
    ("mlflow.models.signature", "_TypeHints"): python_model.TypeHints,
}


class _FunctionModel(python_model.FunctionModel):
    """MLflow's model of one function, as its pickles hold it: only ``func`` is set."""

    @property
    def takes_params(self) -> bool:
        """Say whether the function takes parameters too."""
        from mainstay.models.flavors.pyfunc import takes_params

        return takes_params(self.func)


_OURS["mlflow.pyfunc.model", "_FunctionPythonModel"] = _FunctionModel


class _Unpickler(pickle.Unpickler):
    """Maps the few names of mlflow that its model pickles hold, where mlflow is missing."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the object that the pickle names."""
        if module.partition(".")[0] == "mlflow" and importlib.util.find_spec("mlflow") is None:
            if (module, name) in _OURS:
                return _OURS[module, name]
            raise InvalidModel(
                f"the model's code uses {module}.{name}; it needs the package mlflow, which is "
                "not installed here (pip install mlflow-skinny)"
            )
        return super().find_class(module, name)
