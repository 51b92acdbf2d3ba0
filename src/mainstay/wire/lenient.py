"""The second, patient reading of a request: what MLflow's server accepts beside clean JSON.

camelCase names, numbers as text, enums by number, null for absent, bare NaN and Infinity, a whole
body wrapped in a JSON string; fields nobody knows are passed over (under our own paths they are
errors). What remains wrong is refused in MLflow's words, with the path of the value
(``metrics[0].timestamp``). One pass, guided by the type of the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from mainstay.errors import BadInput, BadRequest
from mainstay.wire.base import MissingParameter, to_number
from mainstay.wire.scalars import (
    INTEGER,
    InvalidValue,
    clean,
    read_anything,
    read_float,
    read_integer,
    read_text,
)

# The numbers of MLflow's enums, in the order of their protocol; the first is 1.
ENUMS: tuple[tuple[str, ...], ...] = (
    ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"),
    ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"),
    ("LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"),
)


def parse(body: bytes) -> dict[str, Any]:
    """Read a JSON object, or a JSON text that holds one; no bytes are an empty object.

    Raises:
        BadRequest: the bytes are not JSON, or not an object.
    """
    data: Any = body
    for _ in range(2):
        if not isinstance(data, (bytes, str)) or not data.strip():
            break
        try:
            data = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"the body of the request is not JSON: {error}") from None
    if isinstance(data, (bytes, str)) and not data.strip():
        return {}
    if not isinstance(data, dict):
        raise BadRequest(
            f"the body of the request must be a JSON object; it is a {type(data).__name__}"
        )
    return data


def gather(query: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return query arguments by name; each is the list of its values, in order."""
    found: dict[str, Any] = {}
    for name, value in query:
        found.setdefault(name, []).append(value)
    return found


class Reader:
    """Brings parsed data into the form that the strict decoder takes.

    ``own`` refuses unknown fields. ``text`` is set where every value came as text (a query).
    """

    def __init__(self, *, own: bool, text: bool = False) -> None:
        self.own = own
        self.text = text

    def message(self, data: Mapping[str, Any], kind: type[msgspec.Struct]) -> dict[str, Any]:
        """Return the fields of a request.

        Raises:
            BadInput: a field is missing, unknown, given twice or of a wrong type.
        """
        return self._fields(data, struct_type(kind), "")

    def _fields(self, data: Mapping[str, Any], kind: inspect.StructType, at: str) -> dict[str, Any]:
        names = {field.encode_name: field for field in kind.fields}
        found: dict[str, Any] = {}
        spelled: dict[str, str] = {}
        for key, value in data.items():
            name = key if key in names else _snake(key)
            if name not in names:
                self._unknown(key, names, at)
                continue
            if name in spelled:
                raise BadInput(
                    f"Request specifies both '{name}' and '{_other(name, key, spelled[name])}'; "
                    "provide only one of them."
                )
            spelled[name] = key
            found[name] = value
        result: dict[str, Any] = {}
        for name, field in names.items():
            value = self._unwrap(found.get(name), field.type)
            if value is None:
                if name in found and _takes_null(field.type):
                    result[name] = None
                elif field.required:
                    raise MissingParameter(at + name)
                continue
            result[name] = self._value(value, field.type, at + name)
        return result

    def _unknown(self, key: str, names: Mapping[str, Any], at: str) -> None:
        if self.own:
            raise BadInput(
                f"there is no parameter '{clean(at + key)}' here; known: {', '.join(names)}"
            )

    def _unwrap(self, value: Any, kind: inspect.Type) -> Any:
        """Take a query argument out of the list of its values, where one value is wanted."""
        if not self.text or not isinstance(value, list):
            return value
        if isinstance(_inner(kind), (inspect.ListType, inspect.VarTupleType)):
            return value
        first = value[0]  # as MLflow does where an argument comes twice
        # "max_results=" says nothing about a number.
        return None if first == "" and not isinstance(_inner(kind), inspect.StrType) else first

    def _value(self, value: Any, kind: inspect.Type, path: str) -> Any:
        kind = _inner(kind)
        match kind:
            case inspect.StrType():
                return read_text(value, kind, path)
            case inspect.IntType():
                return read_integer(value, kind, path)
            case inspect.FloatType():
                return read_float(value, path)
            case inspect.UnionType():  # a Number: a float, or one of the three texts
                return to_number(read_float(value, path))
            case inspect.BoolType():
                return self._switch(value, path)
            case inspect.LiteralType():
                return self._word(value, kind, path)
            case inspect.ListType() | inspect.VarTupleType():
                if not isinstance(value, list):
                    raise InvalidValue(value, path)
                item = kind.item_type
                return [self._value(one, item, f"{path}[{n}]") for n, one in enumerate(value)]
            case inspect.DictType():
                if not isinstance(value, dict):
                    raise InvalidValue(value, path)
                of = kind.value_type
                return {
                    clean(key): self._value(one, of, f"{path}.{clean(key)}")
                    for key, one in value.items()
                }
            case inspect.StructType():
                if not isinstance(value, dict):
                    raise InvalidValue(value, path)
                return self._fields(value, kind, f"{path}.")
        return read_anything(value, path)

    def _switch(self, value: Any, path: str) -> bool:
        if self.text and isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise InvalidValue(value, path)
        return value

    def _word(self, value: Any, kind: inspect.LiteralType, path: str) -> str:
        known = [str(word) for word in kind.values]
        if isinstance(value, str) and value in known:
            return value
        if self.text and isinstance(value, str) and INTEGER.match(value):
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            for words in ENUMS:
                if set(words) <= set(known) and 1 <= value <= len(words):
                    return words[value - 1]
        if isinstance(value, str):
            raise InvalidValue(clean(value), path, f"write one of {', '.join(known)}.")
        raise InvalidValue(value, path)


@cache
def struct_type(kind: type[msgspec.Struct]) -> inspect.StructType:
    """Return what msgspec knows of a message's fields."""
    found = inspect.type_info(kind)
    assert isinstance(found, inspect.StructType)
    return found


def _inner(kind: inspect.Type) -> inspect.Type:
    """Return the type under ``Optional`` and metadata; a Number stays a union."""
    if isinstance(kind, inspect.Metadata):
        return _inner(kind.type)
    if isinstance(kind, inspect.UnionType):
        rest = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if len(rest) == 1:
            return _inner(rest[0])
    return kind


def _takes_null(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.UnionType) and any(
        isinstance(one, inspect.NoneType) for one in kind.types
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda found: "_" + found[0].lower(), name)


def _other(name: str, *spellings: str) -> str:
    return next((spelling for spelling in spellings if spelling != name), name)
