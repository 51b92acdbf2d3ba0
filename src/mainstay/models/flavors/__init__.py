"""The flavors: how models of one library are saved, loaded and asked for predictions."""

from __future__ import annotations

from mainstay.models.flavors.base import Flavor
from mainstay.plugins import PluginTable

FLAVORS: PluginTable[Flavor] = PluginTable(
    "mainstay.flavors",
    {
        "pyfunc": "mainstay.models.flavors.pyfunc:FLAVOR",
        "sklearn": "mainstay.models.flavors.sklearn:FLAVOR",
    },
    hint="pip install 'mainstay[{name}]'",
)
"""Built-in flavors and those of the entry-point group ``mainstay.flavors``, by name."""
