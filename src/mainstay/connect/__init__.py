"""From an address to stores: the only place that chooses an implementation."""

from mainstay.connect.address import DEFAULT_URI
from mainstay.connect.choose import connect
from mainstay.connect.stores import Stores

__all__ = ["DEFAULT_URI", "Stores", "connect"]
