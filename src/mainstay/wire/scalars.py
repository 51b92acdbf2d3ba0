"""Single values of a patient reading: texts, whole numbers, floats, and how to refuse them."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from msgspec import inspect

from mainstay.errors import BadInput
from mainstay.wire.base import NON_FINITE, MissingParameter

INTEGER = re.compile(r"[+-]?\d{1,19}\Z")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_NON_FINITE = {name.lower(): value for name, value in NON_FINITE.items()}
_NON_FINITE |= {"inf": math.inf, "+infinity": math.inf, "-inf": -math.inf}
_SHOWN = 200


class InvalidValue(BadInput):
    """A parameter has a value that does not fit it."""

    def __init__(self, value: Any, path: str, hint: str = "") -> None:
        shown = json.dumps(value, separators=(",", ":"), default=str)
        if len(shown) > _SHOWN:
            shown = shown[:_SHOWN] + "…"
        reason = hint or f" Hint: Value was of type '{type(value).__name__}'."
        super().__init__(
            f"Invalid value {shown} for parameter '{path}' supplied: {reason} See the API docs for "
            "more information about request parameters."
        )


def clean(text: Any) -> str:
    """Return a text that can be written anywhere."""
    return str(text).encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def read_text(value: Any, kind: inspect.StrType, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidValue(value, path)
    if not value and kind.min_length:
        raise MissingParameter(path)
    if clean(value) != value:
        raise InvalidValue(clean(value), path, "it holds a NUL or half a surrogate pair.")
    return value


def read_integer(value: Any, kind: inspect.IntType, path: str) -> int:
    number = value
    whole = isinstance(value, float) and value.is_integer()
    if whole or (isinstance(value, str) and value.isascii() and INTEGER.match(value)):
        number = int(value)
    if not isinstance(number, int) or isinstance(number, bool):
        raise InvalidValue(clean(value) if isinstance(value, str) else value, path)
    low, high = kind.ge, kind.le
    if (low is not None and number < low) or (high is not None and number > high):
        raise InvalidValue(str(value)[:40], path, "it does not fit into 64 bits.")
    return number


def read_float(value: Any, path: str) -> float:
    if isinstance(value, str):
        known = _NON_FINITE.get(value.strip().lower())
        if known is not None:
            return known
        if value.isascii() and _DECIMAL.match(value.strip()):
            return float(value)
        raise InvalidValue(clean(value), path)
    if not isinstance(value, (int, float)):
        raise InvalidValue(value, path)
    try:
        return float(value)
    except OverflowError:
        raise InvalidValue(str(value)[:40], path, "it is too large for a number.") from None


def read_anything(value: Any, path: str) -> Any:
    """Check the texts inside a value of any type."""
    if isinstance(value, str) and clean(value) != value:
        raise InvalidValue(clean(value), path, "it holds a NUL or half a surrogate pair.")
    if isinstance(value, list):
        return [read_anything(one, f"{path}[{n}]") for n, one in enumerate(value)]
    if isinstance(value, dict):
        return {
            clean(key): read_anything(one, f"{path}.{clean(key)}") for key, one in value.items()
        }
    return value
