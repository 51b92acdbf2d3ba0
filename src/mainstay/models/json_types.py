"""The msgspec type of a signature's type, so that decoding a body checks it in the same pass."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, TypedDict

import msgspec

from mainstay.errors import SchemaMismatch
from mainstay.packaging.types import AnyType, Array, ColSpec, DataType, Kind, Map

_INT32 = Annotated[int, msgspec.Meta(ge=-(1 << 31), le=(1 << 31) - 1)]
_INT64 = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
_SCALARS: dict[DataType, Any] = {
    DataType.boolean: bool,
    DataType.integer: _INT32,
    DataType.long: _INT64,
    DataType.float: float,
    DataType.double: float,
    DataType.string: str,
    DataType.binary: str,
    DataType.datetime: str,
}
_WHOLE: dict[Any, Any] = {DataType.integer: _INT32 | float, DataType.long: _INT64 | float}
"""Columns of integers take whole doubles (2.0) too, as in MLflow; ``json_columns`` checks them."""

_PYTHON: dict[DataType, Any] = {DataType.binary: bytes, DataType.datetime: Any}
_PLACE = re.compile(r" - at `\$(.*)`\Z", re.DOTALL)
_STEP = re.compile(r"\[(\d+|\.\.\.)\]|\.([^.\[]+)")
_WORDS = {
    "`int`": "an integer",
    "`int | float`": "an integer",
    "`int | float | null`": "an integer or null",
    "`float`": "a number",
    "`str`": "text",
    "`bool`": "true or false",
    "`bytes`": "base64 text",
    "`array`": "a list",
    "`object`": "an object",
    "`null`": "null",
}


def of(kind: Kind, *, optional: bool = False, from_json: bool = True) -> Any:
    """Return the msgspec type of values of ``kind``; ``optional`` lets null pass.

    Bytes are base64 and dates ISO text in JSON; from Python they come as they are.
    """
    found = _of(kind, from_json)
    return found | None if optional and found is not Any else found


def row(columns: Sequence[ColSpec | None], *, strict: bool = False) -> Any:
    """Return the type of a row given as a list; None stands for a column that is not used."""
    kinds = tuple(column_type(column, strict=strict) for column in columns)
    return tuple[kinds]  # type: ignore[valid-type]


def record(columns: Sequence[ColSpec], *, strict: bool = False) -> Any:
    """Return the type of a row given as an object; other keys are passed over."""
    kinds = {str(column.name): column_type(column, strict=strict) for column in columns}
    needed = {str(column.name) for column in columns if column.required}
    return TypedDict(  # type: ignore[operator]
        "Record",
        {name: kind if name in needed else NotRequired[kind] for name, kind in kinds.items()},
    )


def column_type(column: ColSpec | None, *, strict: bool = False) -> Any:
    """Return the type of one value of a column; ``strict``: integers are written as integers."""
    if column is None:
        return Any
    if not strict and column.type in (DataType.integer, DataType.long):
        found = _WHOLE[column.type]
        return found if column.required else found | None
    return of(column.type, optional=not column.required)


def list_of(kind: Any) -> Any:
    """Return the type of a list of values of a msgspec type."""
    return list[kind]


def builtin(value: Any) -> Any:
    """Turn numpy arrays and scalars inside a nested value into Python's own."""
    if isinstance(value, Mapping):
        return {key: builtin(item) for key, item in value.items()}
    if type(value).__module__ == "numpy":
        return builtin(value.tolist()) if value.ndim else value.item()
    if isinstance(value, list | tuple):
        return [builtin(item) for item in value]
    return value


def explain(
    error: msgspec.ValidationError, prefix: str = "", columns: Sequence[Any] = ()
) -> SchemaMismatch:
    """Say where a value is wrong: row and column, what was wanted and what came, no payload.

    ``columns`` names the places of a row that is a list.
    """
    text = str(error)
    place = _PLACE.search(text)
    if place is None:
        return SchemaMismatch(f"{prefix}{_words(text)}")
    steps = [index or key for index, key in _STEP.findall(place.group(1))]
    where = [f"row {steps[0]}"] if steps and steps[0].isdigit() else []
    rest = steps[1:] if where else steps
    if rest and rest[0].isdigit() and int(rest[0]) < len(columns):
        where.append(f"column {columns[int(rest[0])]!r}")
        rest = rest[1:]
    elif rest and not columns and not rest[0].isdigit():
        where.append(f"column {rest[0]!r}")
        rest = rest[1:]
    if rest:
        where.append("at " + ".".join(rest))
    return SchemaMismatch(f"{prefix}{', '.join(where)}: {_words(text[: place.start()])}")


def _words(text: str) -> str:
    for mark, words in _WORDS.items():
        text = text.replace(mark, words)
    text = text.replace("Object missing required field", "it lacks the column")
    return text[:1].lower() + text[1:]


def _of(kind: Kind, from_json: bool) -> Any:
    if isinstance(kind, AnyType):
        return Any
    if isinstance(kind, DataType):
        return _SCALARS[kind] if from_json else _PYTHON.get(kind, _SCALARS[kind])
    if isinstance(kind, Array):
        return list[of(kind.dtype, from_json=from_json)]  # type: ignore[misc]
    if isinstance(kind, Map):
        return dict[str, of(kind.value_type, from_json=from_json)]  # type: ignore[misc]
    fields = {}
    for item in kind.properties:
        found = of(item.dtype, optional=not item.required, from_json=from_json)
        fields[item.name] = found if item.required else NotRequired[found]
    return TypedDict("Object", fields)  # type: ignore[operator]
