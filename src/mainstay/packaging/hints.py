"""Infer a signature from the type hints of a model function: ``list[str]`` and the like.

Source: MLflow's convention that the input of such a model is a list with one item a row.
"""

from __future__ import annotations

import datetime
import inspect
import typing
from typing import Any

from mainstay.errors import BadInput
from mainstay.packaging.signature import ModelSignature, Schema
from mainstay.packaging.types import AnyType, Array, ColSpec, DataType, Kind, Map

_SCALARS: dict[Any, DataType] = {
    bool: DataType.boolean,
    int: DataType.long,
    float: DataType.double,
    str: DataType.string,
    bytes: DataType.binary,
    datetime.datetime: DataType.datetime,
}


def infer_from_hints(model: Any) -> ModelSignature | None:
    """Return the signature that the hints of a function, or of ``predict``, spell out.

    None where the input has no hint, or one that is no list.
    """
    function = model if inspect.isroutine(model) else getattr(model, "predict", None)
    if function is None:
        return None
    try:
        hints = typing.get_type_hints(function)
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError, NameError):
        return None
    name = next((found for found in names if found not in ("self", "context")), None)
    inputs = _schema(hints.get(name)) if name else None
    return None if inputs is None else ModelSignature(inputs, _schema(hints.get("return")))


def _schema(hint: Any) -> Schema | None:
    if typing.get_origin(hint) is not list:
        return None
    (item,) = typing.get_args(hint)
    try:
        return Schema([ColSpec(_kind(item))])
    except BadInput:
        return None


def _kind(hint: Any) -> Kind:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint is Any:
        return AnyType()
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return Array(_kind(inner[0]))
    if origin is dict and inner[0] is str:
        return Map(_kind(inner[1]))
    raise BadInput(f"the type hint {hint!r} has no type in a signature")
