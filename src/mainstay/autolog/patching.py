"""Put functions of a library behind ours, and put them back."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

MARK = "__mainstay_original__"

Around = Callable[..., Any]
"""``around(original, *arguments, **keywords)``: what is called instead."""


class Patches:
    """The functions of one library that were replaced."""

    def __init__(self) -> None:
        self._done: list[tuple[Any, str, Any]] = []
        self._lock = threading.Lock()

    def wrap(self, owner: Any, name: str, around: Around) -> None:
        """Let ``owner.name`` call ``around`` with the original before its arguments.

        A class is changed only where it defines the name itself. Doing it again does nothing.
        """
        original = vars(owner).get(name)
        if not callable(original) or hasattr(original, MARK):
            return

        @functools.wraps(original)
        def replacement(*arguments: Any, **keywords: Any) -> Any:
            return around(original, *arguments, **keywords)

        setattr(replacement, MARK, original)
        with self._lock:
            setattr(owner, name, replacement)
            self._done.append((owner, name, original))

    def undo(self) -> None:
        """Put every original back, unless somebody else has replaced it since."""
        with self._lock:
            for owner, name, original in reversed(self._done):
                if getattr(vars(owner).get(name), MARK, None) is original:
                    setattr(owner, name, original)
            self._done.clear()
