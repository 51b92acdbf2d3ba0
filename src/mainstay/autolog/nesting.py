"""Which fit is the outermost: what another fit calls is part of it, across libraries.

A search fits pipelines, a pipeline fits boosters: one run holds all of it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any

WORKERS = ("sklearn.utils.parallel", "pyspark.ml.tuning")
"""The modules that run the parts of a search or an ensemble in worker threads."""

_inside: ContextVar[bool] = ContextVar("mainstay_autolog_fit", default=False)
fitting: ContextVar[Any] = ContextVar("mainstay_autolog_estimator", default=None)
"""What records the estimator's fit that is going on: its library's ``train`` is part of it."""

_lock = threading.Lock()
_going = 0


@contextmanager
def outermost() -> Iterator[None]:
    """Hold a fit: until it is done, other fits of this thread or task are part of it."""
    global _going
    token = _inside.set(True)
    with _lock:
        _going += 1
    try:
        yield
    finally:
        with _lock:
            _going -= 1
        _inside.reset(token)


def inside() -> bool:
    """Say whether a fit is going on that what is called now is part of."""
    return _inside.get() or (_going > 0 and _is_in_a_worker())


def _is_in_a_worker() -> bool:
    """Say whether this thread works for a fit of another one.

    A fresh thread does not know the context of the fit that started it; its stack does.
    """
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__") in WORKERS:
            return True
        frame = frame.f_back
    return False
