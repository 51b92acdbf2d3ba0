"""wandb and trackio behind the few names that the works call; runs in their own interpreters.

Both write to the local disk alone here, and no server is there: what they confirm is their local
file or database, when a run is finished.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("wandb", "trackio")
USED = ("init", "log", "finish")


class Offline:
    """One of them as a face."""

    def __init__(self, name: str) -> None:
        self._module: Any = importlib.import_module(name)
        self._options = {"mode": "offline"} if name == "wandb" else {}
        self._running = False

    @contextmanager
    def start_run(self) -> Iterator[None]:
        """Begin a run; finish it at the end."""
        self._module.init(project="benchmark", **self._options)
        self._running = True
        yield
        self.flush(0)

    def log_metric(self, key: str, value: float, step: int | None = None) -> None:
        """Log one value as the next step: wandb takes no step twice."""
        self._module.log({key: value})

    def log_metrics(self, values: dict[str, float], step: int | None = None) -> None:
        """Log some values as the next step."""
        self._module.log(values)

    def flush(self, _: float) -> bool:
        """Finish the run, which writes what was held back."""
        if self._running:
            self._running = False
            self._module.finish()
        return True
