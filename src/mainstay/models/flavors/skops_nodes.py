"""The nodes of a skops file as plain data: nothing of it is built.

A skops file is a zip file with a schema (JSON) and arrays. A node that stands in two places is
written once, and referred to by its id elsewhere.
"""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from mainstay.models import archives

Node = dict[str, Any]

MISSHAPEN = (
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, OSError, RecursionError),
    *(SyntaxError, zipfile.BadZipFile),
)
"""What reading a node raises where it is not what was expected."""


class Nodes:
    """The nodes of one file. Raises: InvalidModel if it is no zip file, or a bomb."""

    def __init__(self, path: Path) -> None:
        schema = msgspec.json.decode(archives.read(path, "schema.json", _MAX_SCHEMA))
        self._archive = zipfile.ZipFile(path)
        self.all = list(_dictionaries(schema))
        self._by_id = {n["__id__"]: n for n in self.all if "__id__" in n and _full(n)}

    def of_class(self, name: str) -> list[Node]:
        """Return the nodes of a class, each once."""
        return [node for node in self.all if node.get("__class__") == name and _full(node)]

    def whole(self, node: Node) -> Any:
        """Return a node itself where this one only refers to it."""
        return node if _full(node) else self._by_id[node["__id__"]]

    def fields(self, node: Node) -> Node | None:
        """Return an object's attributes; None for what has none."""
        content = self.whole(node).get("content")
        inner = content.get("content") if isinstance(content, dict) else None
        return inner if isinstance(inner, dict) else None

    def items(self, node: Node) -> list[Node]:
        """Return what a list or tuple holds. Raises: one of `MISSHAPEN`."""
        found = self.whole(node)["content"]
        if not isinstance(found, list):
            raise TypeError("not a list")
        return [self.whole(item) for item in found]

    def plain(self, node: Node) -> Any:
        """Return a number, a text or None. Raises: one of `MISSHAPEN`."""
        found = self.whole(node)
        if found.get("__loader__") != "JsonNode":
            raise ValueError("not a plain value")
        return json.loads(found["content"])

    def number(self, node: Node) -> int:
        """Return an integer. Raises: one of `MISSHAPEN`."""
        found = self.plain(node)
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        raise ValueError("not an integer")

    def array(self, node: Node) -> Any:
        """Return an array. Raises: one of `MISSHAPEN`; objects are not read."""
        found = self.whole(node)
        if found.get("type") != "numpy":
            raise ValueError("not a plain array")
        return _array(self._archive.read(found["file"]))

    def __enter__(self) -> Nodes:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()


_MAX_SCHEMA = 1 << 30
_SHAPE = re.compile(rb"'fortran_order': (False|True), 'shape': (\((?:\d+,? ?)*\)), \}\s*\Z")
_MAGIC = b"\x93NUMPY\x01\x00"


def _array(content: bytes) -> Any:
    """Return what ``np.load`` would; its parser of headers takes longer than small arrays do."""
    end = 10 + int.from_bytes(content[8:10], "little")
    tail = _SHAPE.search(content[10:end])
    if not content.startswith(_MAGIC) or tail is None:
        return np.load(io.BytesIO(content), allow_pickle=False)
    kind = _dtype(content[10 : 10 + tail.start()])
    shape = tuple(int(axis) for axis in re.findall(rb"\d+", tail.group(2)))
    values = np.frombuffer(content, kind, offset=end)
    if tail.group(1) == b"True":
        return values.reshape(shape, order="F")
    return values.reshape(shape)


@lru_cache(maxsize=64)
def _dtype(text: bytes) -> Any:
    """Return the type in the first part of a header. Raises: ValueError; objects are not read."""
    described = ast.literal_eval(text.decode("latin1") + "}")["descr"]
    kind = np.lib.format.descr_to_dtype(described)
    if kind.hasobject:
        raise ValueError("an array of objects")
    return kind


def _full(node: Node) -> bool:
    return node.get("__loader__") != "CachedNode"


def _dictionaries(value: Any) -> Iterator[Node]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
