"""The table of hostile files: for every flavor, each way in which a file could ask to run code.

The trust tests here and in ``tests/flavors`` take their cases from it, so a row without a file that
stands for it fails there, and a flavor without a row fails here.
"""

from __future__ import annotations

WAYS: dict[str, tuple[str, ...]] = {
    "sklearn": ("pickle", "cloudpickle"),
    "pyfunc": ("pickle", "loader", "code"),
    "statsmodels": ("pickle",),
    "lightgbm": ("pickle",),
    "pytorch": (
        "pickle",
        "expression",
        "guard",
        "name",
        "structure",
        "array",
        "samples",
        "operator",
        "member",
    ),
    "xgboost": ("named statsmodels", "code"),
    "keras": ("lambda", "pickle", "older", "graph"),
    "tensorflow": ("graph",),
    "transformers": ("weights", "source", "settings"),
    "spark": ("stage", "sql", "type"),
}
"""Files that would run something: refused before anything of them runs."""

DATA: dict[str, tuple[str, ...]] = {
    "xgboost": ("ubj", "json"),
    "lightgbm": ("text",),
    "catboost": ("cbm", "json"),
    "onnx": ("graph",),
    "prophet": ("json",),
}
"""Forms that hold data alone: a pickle in their place is no model, and is not unpickled."""


def rows(table: dict[str, tuple[str, ...]], *flavors: str) -> list[str]:
    """Return the rows of some flavors as ``flavor way``."""
    return [f"{flavor} {way}" for flavor in flavors for way in table[flavor]]
