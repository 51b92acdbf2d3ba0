"""What a model takes and gives: `Schema`, `ParamSchema` and `ModelSignature`.

Stored in MLmodel as three JSON texts. Source of the form: MLflow's model signature format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mainstay.errors import BadInput, InvalidModel
from mainstay.packaging.types import (
    AnyType,
    Array,
    ColSpec,
    DataType,
    Map,
    Object,
    ParamSpec,
    Property,
    TensorSpec,
    column_from_dict,
    param_from_dict,
)


class Schema:
    """Columns or tensors; either all of them have names or none has.

    Raises:
        BadInput: it is empty, mixes columns and tensors, or only some have a name.
    """

    def __init__(self, inputs: Sequence[ColSpec | TensorSpec]) -> None:
        self.inputs = list(inputs)
        if not self.inputs:
            raise BadInput("a schema needs at least one column or tensor")
        tensors = [isinstance(found, TensorSpec) for found in self.inputs]
        if any(tensors) and not all(tensors):
            raise BadInput("a schema holds columns or tensors, not both")
        named = [found.name is not None for found in self.inputs]
        if any(named) and not all(named):
            raise BadInput("either every column of a schema has a name, or none has")
        if all(tensors) and len(tensors) > 1 and not all(named):
            raise BadInput("several tensors need names")
        names = [found.name for found in self.inputs if found.name is not None]
        if len(set(names)) != len(names):
            twice = sorted({str(name) for name in names if names.count(name) > 1})
            raise BadInput(f"the schema names {', '.join(twice)} twice")

    def is_tensor_spec(self) -> bool:
        """Say whether it describes tensors."""
        return isinstance(self.inputs[0], TensorSpec)

    def has_input_names(self) -> bool:
        """Say whether its columns or tensors have names."""
        return self.inputs[0].name is not None

    def input_names(self) -> list[Any]:
        """Return the names; numbers in order where there are none."""
        return [i if found.name is None else found.name for i, found in enumerate(self.inputs)]

    def required_input_names(self) -> list[Any]:
        """Return the names that must be given."""
        return [found.name for found in self.inputs if _required(found)]

    def optional_input_names(self) -> list[Any]:
        """Return the names that may be left out."""
        return [found.name for found in self.inputs if not _required(found)]

    def input_types(self) -> list[Any]:
        """Return the types, in order."""
        return [found.type for found in self.inputs]

    def input_dict(self) -> dict[Any, ColSpec | TensorSpec]:
        """Return the columns or tensors by name."""
        return {found.name: found for found in self.inputs}

    def to_dict(self) -> list[dict[str, Any]]:
        """Return MLflow's JSON form as values."""
        return [found.to_dict() for found in self.inputs]

    def to_json(self) -> str:
        """Return MLflow's JSON form as text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """Read MLflow's JSON form. Raises: BadInput."""
        return cls([column_from_dict(form) for form in _entries(text)])

    def __iter__(self) -> Iterator[ColSpec | TensorSpec]:
        return iter(self.inputs)

    def __len__(self) -> int:
        return len(self.inputs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.inputs == other.inputs

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return repr(self.inputs)


class ParamSchema:
    """The parameters of ``predict``. Raises: BadInput on two of the same name."""

    def __init__(self, params: Sequence[ParamSpec]) -> None:
        self.params = list(params)
        names = [found.name for found in self.params]
        if len(set(names)) != len(names):
            raise BadInput("two parameters of the signature have the same name")

    def to_dict(self) -> list[dict[str, Any]]:
        """Return MLflow's JSON form as values."""
        return [found.to_dict() for found in self.params]

    def to_json(self) -> str:
        """Return MLflow's JSON form as text."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> ParamSchema:
        """Read MLflow's JSON form. Raises: BadInput."""
        return cls([param_from_dict(form) for form in _entries(text)])

    def __iter__(self) -> Iterator[ParamSpec]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ParamSchema) and self.params == other.params

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return repr(self.params)


class ModelSignature:
    """What a model takes (``inputs``, ``params``) and gives (``outputs``); each may be None."""

    def __init__(
        self,
        inputs: Schema | None = None,
        outputs: Schema | None = None,
        params: ParamSchema | None = None,
    ) -> None:
        if inputs is None and outputs is None and params is None:
            raise BadInput("a signature needs inputs, outputs or params")
        self.inputs = inputs
        self.outputs = outputs
        self.params = params

    def to_dict(self) -> dict[str, str | None]:
        """Return MLflow's form: three JSON texts, None where nothing is known."""
        return {
            "inputs": self.inputs.to_json() if self.inputs else None,
            "outputs": self.outputs.to_json() if self.outputs else None,
            "params": self.params.to_json() if self.params else None,
        }

    @classmethod
    def from_dict(cls, form: Mapping[str, str | None]) -> ModelSignature:
        """Read MLflow's form.

        Raises:
            InvalidModel: it cannot be read.
        """
        try:
            inputs, outputs, params = (form.get(key) for key in ("inputs", "outputs", "params"))
            return cls(
                Schema.from_json(inputs) if inputs else None,
                Schema.from_json(outputs) if outputs else None,
                ParamSchema.from_json(params) if params else None,
            )
        except (BadInput, KeyError, TypeError) as error:
            raise InvalidModel(f"the signature cannot be read: {error}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelSignature) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(tuple(self.to_dict().values()))

    def __repr__(self) -> str:
        return (
            f"inputs: \n  {self.inputs!r}\noutputs: \n  {self.outputs!r}\n"
            f"params: \n  {self.params!r}\n"
        )


def _required(found: ColSpec | TensorSpec) -> bool:
    return not isinstance(found, ColSpec) or found.required


def _entries(text: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (TypeError, ValueError) as error:
        raise BadInput(f"not JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadInput("expected a list of columns, tensors or parameters")
    return found


__all__ = [
    "AnyType",
    "Array",
    "ColSpec",
    "DataType",
    "Map",
    "ModelSignature",
    "Object",
    "ParamSchema",
    "ParamSpec",
    "Property",
    "Schema",
    "TensorSpec",
]
