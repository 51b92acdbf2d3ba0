"""The protocol of a flavor: a name and five methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from mainstay.packaging.mlmodel import MLmodel

Predict = Callable[[Any, dict[str, Any]], Any]
"""``predict(data, params)``: data that fit the signature, every parameter of the signature."""


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What a flavor wrote.

    ``name`` and ``fields`` are its section in MLmodel ("" where it has none), ``loader_module``
    and ``pyfunc`` go into the section ``python_function``, ``metadata`` into the user's metadata.
    ``modules`` are the top-level modules that loading and predicting import; the requirements are
    inferred from them.
    """

    loader_module: str
    modules: tuple[str, ...]
    name: str = ""
    fields: dict[str, Any] = {}
    pyfunc: dict[str, Any] = {}
    metadata: dict[str, Any] = {}


class Flavor(Protocol):
    """How models of one library are saved and loaded. Importing it may import the library."""

    name: str

    def owns(self, model: object) -> bool:
        """Tell by its type's module whether this flavor saves ``model``; imports nothing."""
        ...

    def save(self, model: Any, folder: Path, options: Mapping[str, Any]) -> Saved:
        """Write the model's files into ``folder``.

        ``options`` are the flavor's own arguments of ``save_model``.
        Raises: BadInput on an unknown option or a model that cannot be saved.
        """
        ...

    def asks(self, folder: Path, model: MLmodel) -> tuple[str, ...]:
        """Say what loading would run, by name; () where the files are data only.

        Reads files and runs nothing of them. Raises: InvalidModel if they cannot be read.
        """
        ...

    def load(self, folder: Path, model: MLmodel, config: Mapping[str, Any]) -> Any:
        """Load the library's own object; called after ``trust.admit``.

        Raises: InvalidModel if the files are not what they should be.
        """
        ...

    def predictor(self, loaded: Any, model: MLmodel) -> Predict:
        """Return the function that predicts with what ``load`` gave."""
        ...
