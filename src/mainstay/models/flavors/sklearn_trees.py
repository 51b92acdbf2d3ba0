"""Check the decision trees in a skops file before anything of it is built.

scikit-learn follows a tree's node numbers without looking at bounds, so a doctored file could make
it read memory that is not its own. Here every tree's arrays are read as plain data and checked:
their shapes agree, children lie behind their parent and inside the tree, and features exist.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mainstay.models.flavors.skops_nodes import MISSHAPEN, Node, Nodes

_LEAF = -1


def sound(path: Path) -> bool:
    """Tell whether every tree in the file is well formed.

    False too where a tree is not stored as expected. Raises: InvalidModel if it is no skops file.
    """
    try:
        with Nodes(path) as nodes:
            return all(_sound(tree, nodes) for tree in nodes.of_class("Tree")) and all(
                _fits(owner, nodes) for owner in nodes.all
            )
    except MISSHAPEN:
        return False


def _sound(tree: Node, nodes: Nodes) -> bool:
    features, classes, outputs = _arguments(tree, nodes)
    state = nodes.whole(tree["content"])["content"]
    classes_array = nodes.array(classes)
    rows, values = nodes.array(state["nodes"]), nodes.array(state["values"])
    count = nodes.number(state["node_count"])
    if classes_array.shape != (outputs,) or outputs < 1 or features < 0 or count != len(rows):
        return False
    if (classes_array < 1).any() or values.shape != (count, outputs, int(classes_array.max())):
        return False
    inner = rows["left_child"] != _LEAF
    return forward(rows["left_child"], rows["right_child"], rows["feature"], inner, features)


def forward(left: Any, right: Any, feature: Any, inner: Any, features: int) -> bool:
    """Tell whether the inner nodes lead on, to nodes of the tree, by features that there are."""
    count = len(left)
    at = np.arange(count)
    children = all(
        bool(((side[inner] > at[inner]) & (side[inner] < count)).all()) for side in (left, right)
    )
    within = bool(((feature[inner] >= 0) & (feature[inner] < features)).all())
    return count > 0 and children and within


def _fits(owner: Node, nodes: Nodes) -> bool:
    """Tell whether the estimator takes as many features as its tree reads, if it has one."""
    fields = nodes.fields(owner) if isinstance(owner.get("content"), dict) else None
    if fields is None or "tree_" not in fields:
        return True
    tree = nodes.whole(fields["tree_"])
    return nodes.number(fields["n_features_in_"]) == _arguments(tree, nodes)[0]


def _arguments(tree: Node, nodes: Nodes) -> tuple[int, Any, int]:
    features, classes, outputs = nodes.whole(tree["__reduce__"]["args"])["content"]
    return nodes.number(features), classes, nodes.number(outputs)
