"""Check the trees of histogram-based gradient boosting in a skops file, as ``sklearn_trees`` does.

Models that split on categories are left out: their trees index two more tables without looking at
bounds. They are saved with cloudpickle.
"""

from __future__ import annotations

from pathlib import Path

from mainstay.models.flavors.sklearn_trees import forward
from mainstay.models.flavors.skops_nodes import MISSHAPEN, Node, Nodes

PREDICTOR = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
_OWNERS = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
_FIELDS = {
    "value": "<f8",
    "count": "<u4",
    "feature_idx": "<i8",
    "num_threshold": "<f8",
    "missing_go_to_left": "|u1",
    "left": "<u4",
    "right": "<u4",
    "is_leaf": "|u1",
    "is_categorical": "|u1",
}
"""The fields of a node that prediction reads, with their types."""


def sound(path: Path) -> bool:
    """Tell whether every tree is well formed and belongs to an estimator that checks its input.

    False too where one is not stored as expected. Raises: InvalidModel if it is no skops file.
    """
    try:
        with Nodes(path) as nodes:
            return _all_sound(nodes)
    except MISSHAPEN:
        return False


def _all_sound(nodes: Nodes) -> bool:
    owned: set[int] = set()
    for name in _OWNERS:
        for owner in nodes.of_class(name):
            found = _of_owner(owner, nodes)
            if found is None:
                return False
            owned |= found
    return owned == {int(tree["__id__"]) for tree in nodes.of_class("TreePredictor")}


def _of_owner(owner: Node, nodes: Nodes) -> set[int] | None:
    """Return the ids of the estimator's trees; None where one is not sound."""
    fields = nodes.fields(owner)
    if fields is None or nodes.plain(fields["_preprocessor"]) is not None:
        return None
    if "_predictors" not in fields:  # not fitted
        return set()
    features = nodes.number(fields["n_features_in_"])
    trees = [tree for row in nodes.items(fields["_predictors"]) for tree in nodes.items(row)]
    if not all(_sound(tree, nodes, features) for tree in trees):
        return None
    return {int(tree["__id__"]) for tree in trees}


def _sound(tree: Node, nodes: Nodes, features: int) -> bool:
    fields = nodes.fields(tree)
    if tree.get("__class__") != "TreePredictor" or fields is None:
        return False
    rows = nodes.array(fields["nodes"])
    kinds = rows.dtype.fields or {}
    if rows.ndim != 1 or any(
        name not in kinds or kinds[name][0].str != kind for name, kind in _FIELDS.items()
    ):
        return False
    inner = rows["is_leaf"] == 0
    if rows["is_categorical"][inner].any():
        return False
    return forward(rows["left"], rows["right"], rows["feature_idx"], inner, features)
