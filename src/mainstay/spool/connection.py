"""The other end of a spool, connected when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mainstay.spool.delivery import Delivery, StoreDelivery, Stores, is_ours
from mainstay.spool.foreign import ForeignDelivery
from mainstay.spool.segment import Segment


class Connection:
    """The other end, connected when it is first needed, by whichever thread that is."""

    def __init__(self, connect: Callable[[], Stores]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._stores: Stores | None = None
        self.ours: bool | None = None

    def stores(self) -> Stores:
        """Return the stores. Raises: what connecting raises."""
        with self._lock:
            if self._stores is None:
                self._stores = self._connect()
            return self._stores

    def delivery(self, segment: Segment) -> Delivery:
        """Return how records of a segment get there. Raises: what asking the server raises."""
        stores = self.stores()
        self.ours = is_ours(stores)
        return StoreDelivery(stores) if self.ours else ForeignDelivery(stores, segment)

    def close(self) -> None:
        """Close it, if it was opened."""
        with self._lock:
            if self._stores is not None:
                self._stores.close()
                self._stores = None
