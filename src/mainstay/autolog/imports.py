"""Act when a module is imported, without importing it: autolog loads no library by itself."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

from mainstay.autolog.guard import aside

Action = Callable[[], None]


class _Watcher(importlib.abc.MetaPathFinder):
    """Finds a watched module as the path would, and acts once it has run."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Action]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.waiting:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        original = spec.loader.exec_module

        def run_then_act(module: ModuleType) -> None:
            original(module)
            for action in self.waiting.pop(fullname, []):
                with aside(fullname.partition(".")[0], "anything"):
                    action()

        spec.loader.exec_module = run_then_act  # type: ignore[method-assign]
        return spec


_watcher = _Watcher()


def when_imported(module: str, action: Action) -> None:
    """Call ``action`` now if ``module`` is imported, else right after it has run."""
    if module in sys.modules:
        with aside(module.partition(".")[0], "anything"):
            action()
        return
    if _watcher not in sys.meta_path:
        sys.meta_path.insert(0, _watcher)
    waiting = _watcher.waiting.setdefault(module, [])
    if action not in waiting:
        waiting.append(action)
