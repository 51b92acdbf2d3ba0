"""Fit the parameters of one ``predict`` call to the signature's parameter schema."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import msgspec

from mainstay.errors import SchemaMismatch
from mainstay.models import json_types
from mainstay.packaging.signature import ParamSchema
from mainstay.packaging.types import DataType, ParamSpec

log = logging.getLogger(__name__)


class Params:
    """A parameter schema, compiled; ``schema`` None is a model without parameters."""

    def __init__(self, schema: ParamSchema | None) -> None:
        self.specs = {spec.name: spec for spec in schema or ()}
        self._types = {name: _type(spec) for name, spec in self.specs.items()}
        self._warned: set[str] = set()

    def fit(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return every parameter: as given and checked, else its default.

        Unknown ones are left out with a warning, as in MLflow. Raises: SchemaMismatch.
        """
        made = {name: spec.default for name, spec in self.specs.items()}
        if given is None:
            return made
        if not isinstance(given, Mapping):
            raise SchemaMismatch(f"params: expected a dictionary, got {type(given).__name__}")
        for name, value in given.items():
            if name in self.specs:
                made[name] = self._fit(name, value)
            elif name not in self._warned and len(self._warned) < 100:
                self._warned.add(name)
                known = ", ".join(self.specs) or "none"
                log.warning("the parameter %r is passed over; the model knows: %s", name, known)
        return made

    def _fit(self, name: str, value: Any) -> Any:
        spec = self.specs[name]
        if value is None and spec.default is None:
            return None
        plain = json_types.builtin(value)
        if spec.dtype in (DataType.double, DataType.float) and isinstance(plain, int):
            plain = plain if isinstance(plain, bool) else float(plain)
        try:
            return msgspec.convert(plain, self._types[name], strict=True)
        except msgspec.ValidationError as error:
            raise json_types.explain(error, f"parameter {name!r}: ") from None


def _type(spec: ParamSpec) -> Any:
    found = json_types.of(spec.dtype, from_json=False)
    if spec.dtype is DataType.datetime:
        found = Any
    return json_types.list_of(found) if spec.shape is not None else found
