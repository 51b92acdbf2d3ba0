"""Check the decision trees in a skops file before anything of it is built.

scikit-learn follows a tree's node numbers without looking at bounds, so a doctored file could make
it read memory that is not its own. Here every tree's arrays are read as plain data and checked:
their shapes agree, children lie behind their parent and inside the tree, and features exist.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mainstay.errors import InvalidModel

_LEAF = -1


def sound(path: Path) -> bool:
    """Tell whether every tree in the file is well formed.

    False too where a tree is not stored as expected. Raises: InvalidModel if it is no skops file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            schema = json.loads(archive.read("schema.json"))
            nodes = list(_dictionaries(schema))
            by_id = {n["__id__"]: n for n in nodes if "__id__" in n and _full(n)}
            trees = [node for node in nodes if node.get("__class__") == "Tree" and _full(node)]
            owners = [node for node in nodes if _tree_of(node, by_id) is not None]
            return all(_sound(tree, by_id, archive) for tree in trees) and all(
                _fits(owner, by_id) for owner in owners
            )
    except (KeyError, ValueError, TypeError, IndexError, OSError):
        return False
    except zipfile.BadZipFile as error:
        raise InvalidModel(f"{path.name} is no skops file: {error}") from error


def _sound(tree: dict[str, Any], by_id: dict[int, Any], archive: zipfile.ZipFile) -> bool:
    features, classes, outputs = _arguments(tree, by_id)
    state = _whole(tree["content"], by_id)["content"]
    classes_array = _array(classes, by_id, archive)
    nodes = _array(state["nodes"], by_id, archive)
    values = _array(state["values"], by_id, archive)
    count = _number(state["node_count"], by_id)
    if classes_array.shape != (outputs,) or outputs < 1 or features < 0 or count != len(nodes):
        return False
    if (classes_array < 1).any() or values.shape != (count, outputs, int(classes_array.max())):
        return False
    left, right, feature = nodes["left_child"], nodes["right_child"], nodes["feature"]
    inner = left != _LEAF
    at = np.arange(count)
    children = all(
        bool(((side[inner] > at[inner]) & (side[inner] < count)).all()) for side in (left, right)
    )
    within = bool(((feature[inner] >= 0) & (feature[inner] < features)).all())
    return count > 0 and children and within


def _fits(owner: dict[str, Any], by_id: dict[int, Any]) -> bool:
    """Tell whether the estimator takes as many features as its tree reads."""
    tree = _tree_of(owner, by_id)
    assert tree is not None
    taken = _number(owner["content"]["content"]["n_features_in_"], by_id)
    return taken == _arguments(tree, by_id)[0]


def _tree_of(node: dict[str, Any], by_id: dict[int, Any]) -> dict[str, Any] | None:
    content = node.get("content")
    inner = content.get("content") if isinstance(content, dict) else None
    if not isinstance(inner, dict) or "tree_" not in inner:
        return None
    tree = _whole(inner["tree_"], by_id)
    return tree if isinstance(tree, dict) else None


def _arguments(tree: dict[str, Any], by_id: dict[int, Any]) -> tuple[int, Any, int]:
    features, classes, outputs = _whole(tree["__reduce__"]["args"], by_id)["content"]
    return _number(features, by_id), classes, _number(outputs, by_id)


def _number(node: dict[str, Any], by_id: dict[int, Any]) -> int:
    whole = _whole(node, by_id)
    if whole.get("__loader__") == "JsonNode":
        found = json.loads(whole["content"])
        if isinstance(found, int) and not isinstance(found, bool):
            return found
    raise ValueError("not a number")


def _array(node: dict[str, Any], by_id: dict[int, Any], archive: zipfile.ZipFile) -> Any:
    whole = _whole(node, by_id)
    if whole.get("type") != "numpy":
        raise ValueError("not a plain array")
    return np.load(io.BytesIO(archive.read(whole["file"])), allow_pickle=False)


def _whole(node: dict[str, Any], by_id: dict[int, Any]) -> Any:
    """Return a node itself where this one only refers to it."""
    return node if _full(node) else by_id[node["__id__"]]


def _full(node: dict[str, Any]) -> bool:
    return node.get("__loader__") != "CachedNode"


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
