"""The types a signature is made of, in MLflow's JSON form.

Scalars (`DataType`), nested types (`Array`, `Object`, `Map`, `AnyType`), a column (`ColSpec`),
a tensor (`TensorSpec`) and a parameter (`ParamSpec`). Source of the form: MLflow's model
signature format; ``reprs`` are MLflow's too.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mainstay.errors import BadInput


class DataType(enum.Enum):
    """A scalar type; the value is its name in JSON."""

    boolean = "boolean"
    integer = "integer"
    long = "long"
    float = "float"
    double = "double"
    string = "string"
    binary = "binary"
    datetime = "datetime"

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        return {"type": self.value}

    def __repr__(self) -> str:
        return self.value


class AnyType(msgspec.Struct, frozen=True):
    """Anything; not checked."""

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        return {"type": "any"}

    def __repr__(self) -> str:
        return "Any"


class Array(msgspec.Struct, frozen=True):
    """A list of ``dtype``."""

    dtype: Kind

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "dtype", as_kind(self.dtype))

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        return {"type": "array", "items": self.dtype.to_dict()}

    def __repr__(self) -> str:
        return f"Array({self.dtype!r})"


class Map(msgspec.Struct, frozen=True):
    """A dictionary with text keys and values of one type."""

    value_type: Kind

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "value_type", as_kind(self.value_type))

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        return {"type": "map", "values": self.value_type.to_dict()}

    def __repr__(self) -> str:
        return f"Map(str -> {self.value_type!r})"


class Property(msgspec.Struct, frozen=True):
    """A field of an `Object`."""

    name: str
    dtype: Kind
    required: bool = True

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "dtype", as_kind(self.dtype))

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form, without the name."""
        return {**self.dtype.to_dict(), "required": self.required}

    def __repr__(self) -> str:
        return f"{self.name}: {self.dtype!r} ({'required' if self.required else 'optional'})"


class Object(msgspec.Struct, frozen=True):
    """A dictionary with named fields, kept sorted by name as MLflow writes them."""

    properties: Sequence[Property]

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.properties, key=lambda found: found.name))
        if len({found.name for found in ordered}) != len(ordered):
            raise BadInput("an Object has two properties of the same name")
        msgspec.structs.force_setattr(self, "properties", ordered)

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        return {
            "type": "object",
            "properties": {found.name: found.to_dict() for found in self.properties},
        }

    def __repr__(self) -> str:
        return "{" + ", ".join(repr(found) for found in self.properties) + "}"


Kind = DataType | Array | Object | Map | AnyType


class ColSpec(msgspec.Struct, frozen=True):
    """A column: its type, its name (None where columns have none) and whether it must be there."""

    type: Kind
    name: str | int | None = None
    required: bool = True

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "type", as_kind(self.type))

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        named = {} if self.name is None else {"name": self.name}
        return {**self.type.to_dict(), **named, "required": self.required}

    def __repr__(self) -> str:
        need = "required" if self.required else "optional"
        return (
            f"{self.type!r} ({need})"
            if self.name is None
            else f"{self.name!r}: " + (f"{self.type!r} ({need})")
        )


class TensorSpec(msgspec.Struct, frozen=True):
    """A tensor: a numpy type's name and a shape in which -1 is any length."""

    type: str
    shape: Sequence[int]
    name: str | None = None

    def __post_init__(self) -> None:
        given: Any = self.type
        kept = given if isinstance(given, str) else _dtype_name(given)
        msgspec.structs.force_setattr(self, "type", kept)
        msgspec.structs.force_setattr(self, "shape", tuple(int(axis) for axis in self.shape))

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        spec = {"dtype": self.type, "shape": list(self.shape)}
        named = {} if self.name is None else {"name": self.name}
        return {**named, "type": "tensor", "tensor-spec": spec}

    def __repr__(self) -> str:
        text = f"Tensor({self.type!r}, {tuple(self.shape)!r})"
        return text if self.name is None else f"{self.name!r}: {text}"


class ParamSpec(msgspec.Struct, frozen=True):
    """A parameter of ``predict``: its type, its default and its shape (None, or (-1,): a list)."""

    name: str
    dtype: Kind
    default: Any = None
    shape: Sequence[int] | None = None

    def __post_init__(self) -> None:
        kind = as_kind(self.dtype)
        msgspec.structs.force_setattr(self, "dtype", kind)
        if self.shape is not None:
            msgspec.structs.force_setattr(self, "shape", tuple(self.shape))
        if kind in (DataType.double, DataType.float):
            msgspec.structs.force_setattr(self, "default", _as_float(self.default))

    def to_dict(self) -> dict[str, Any]:
        """Return MLflow's JSON form."""
        shape = None if self.shape is None else list(self.shape)
        default = _json_value(self.default)
        return {"name": self.name, "default": default, "shape": shape, **self.dtype.to_dict()}

    def __repr__(self) -> str:
        shape = "" if self.shape is None else f" (shape: {tuple(self.shape)!r})"
        return f"{self.name!r}: {self.dtype!r} (default: {self.default}){shape}"


def as_kind(value: object) -> Kind:
    """Return the type that ``value`` is or names ("double", say).

    Raises:
        BadInput: there is no such type.
    """
    if isinstance(value, DataType | Array | Object | Map | AnyType):
        return value
    if isinstance(value, str):
        if value == "any":
            return AnyType()
        if value in DataType.__members__:
            return DataType[value]
    known = ", ".join(DataType.__members__)
    raise BadInput(f"{value!r} is no type of a signature; known: {known}, Array, Object, Map, any")


def kind_from_dict(form: Mapping[str, Any]) -> Kind:
    """Read a type from MLflow's JSON form.

    Raises:
        BadInput: the form is not one of MLflow's.
    """
    name = form.get("type")
    if name == "array":
        return Array(kind_from_dict(_part(form, "items")))
    if name == "map":
        return Map(kind_from_dict(_part(form, "values")))
    if name == "object":
        fields = _part(form, "properties")
        return Object(
            [
                Property(key, kind_from_dict(item), bool(item.get("required", True)))
                for key, item in fields.items()
            ]
        )
    return as_kind(name)


def column_from_dict(form: Mapping[str, Any]) -> ColSpec | TensorSpec:
    """Read one entry of ``inputs`` or ``outputs``. Raises: BadInput."""
    if form.get("type") == "tensor":
        spec = _part(form, "tensor-spec")
        return TensorSpec(str(spec["dtype"]), spec["shape"], form.get("name"))
    required = form.get("required")
    if required is None:
        required = not form.get("optional", False)
    return ColSpec(kind_from_dict(form), form.get("name"), bool(required))


def param_from_dict(form: Mapping[str, Any]) -> ParamSpec:
    """Read one entry of ``params``; before MLflow 2.20 the type was called ``dtype``."""
    if "name" not in form:
        raise BadInput("a parameter of the signature has no name")
    kind = kind_from_dict({**form, "type": form.get("type", form.get("dtype"))})
    return ParamSpec(str(form["name"]), kind, form.get("default"), form.get("shape"))


def _part(form: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = form.get(key)
    if not isinstance(found, Mapping):
        raise BadInput(f"a type of the signature lacks {key!r}: {dict(form)!r}")
    return found


def _dtype_name(dtype: Any) -> str:
    """Return the name MLflow writes for a numpy type; text of any length is ``str``."""
    kind = getattr(dtype, "kind", None)
    if kind is None:
        return str(getattr(dtype, "__name__", dtype))
    return {"U": "str", "S": "bytes"}.get(str(kind), str(dtype))


def _as_float(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return [_as_float(item) for item in value] if isinstance(value, list) else value
    return float(value)


def _json_value(value: Any) -> Any:
    """Turn numpy scalars, arrays and dates of a default into JSON values."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if type(value).__module__ == "numpy":
        return str(value) if value.dtype.kind == "M" else value.tolist()
    return value
