"""What a library's own data container was made of: its first rows, and all of it while it lives.

A ``DMatrix`` or a ``Dataset`` keeps numbers without the types of the columns that they came from.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from mainstay.autolog.models import first

_ATTRIBUTE = "_mainstay_origin"


class Origin:
    """Rows of a table or array, and a way to the whole that does not keep it alive."""

    def __init__(self, data: Any) -> None:
        rows = first(data)
        self.rows = rows.copy() if hasattr(rows, "copy") else rows
        self._whole: Callable[[], Any] = lambda: None
        try:
            self._whole = weakref.ref(data)
        except TypeError:  # a list, say
            return

    @property
    def whole(self) -> Any:
        """All of the data, None if nobody holds them any more."""
        return self._whole()


def remember(container: Any, data: Any) -> None:
    """Keep with a container what it was made of."""
    setattr(container, _ATTRIBUTE, Origin(data))


def of(container: Any) -> Origin:
    """Return what a container was made of, as far as it is known."""
    found = getattr(container, _ATTRIBUTE, None)
    return found if isinstance(found, Origin) else Origin(None)
