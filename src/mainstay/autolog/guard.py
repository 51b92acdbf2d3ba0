"""The border between recording and training: nothing that breaks here breaks the training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mainstay.spool.reports import warn

_said: set[tuple[str, str]] = set()


@contextmanager
def aside(library: str, part: str, *, silent: bool = False) -> Iterator[None]:
    """Run a part of recording; if it fails, warn once a part and go on without it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - autolog's border
        if silent or (library, part) in _said:
            return
        _said.add((library, part))
        warn(
            f"autolog for {library} could not record {part} and goes on without it "
            f"({type(error).__name__}: {error})"
        )
