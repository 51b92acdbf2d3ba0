"""The flavors: how models of one library are saved, loaded and asked for predictions."""

from __future__ import annotations

import sys

from mainstay.models.flavors.base import Flavor
from mainstay.plugins import PluginTable

LIBRARIES = {
    "catboost": "catboost",
    "keras": "keras",
    "lightgbm": "lightgbm",
    "onnx": "onnx",
    "prophet": "prophet",
    "pytorch": "torch",
    "sklearn": "sklearn",
    "spark": "pyspark",
    "statsmodels": "statsmodels",
    "tensorflow": "tensorflow",
    "transformers": "transformers",
    "xgboost": "xgboost",
}
"""The top-level module of the library behind a built-in flavor."""

FLAVORS: PluginTable[Flavor] = PluginTable(
    "mainstay.flavors",
    {
        "pyfunc": "mainstay.models.flavors.pyfunc:FLAVOR",
        **{name: f"mainstay.models.flavors.{name}:FLAVOR" for name in LIBRARIES},
    },
    hint="pip install 'mainstay[{name}]'",
)
"""Built-in flavors and those of the entry-point group ``mainstay.flavors``, by name."""

_LAST = ("sklearn", "pyfunc")


def candidates() -> list[str]:
    """Return the flavors that may own a model of this process, in the order to ask them.

    A model of a library that nobody has imported cannot be there, so such a flavor is left out
    and its library stays unloaded. Other libraries' estimators derive from scikit-learn's, and
    anything may be a Python model, so these two come last.
    """
    names = [name for name in FLAVORS.names() if LIBRARIES.get(name, "sys") in sys.modules]
    first = [name for name in names if name not in _LAST]
    return [*first, *(name for name in _LAST if name in names)]
