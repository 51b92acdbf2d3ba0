"""One added line: ``mainstay.autolog()``.

The module itself can be called, since the line in a script and the package share the name.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> None:
        """Call ``autolog.framework.autolog``."""
        from mainstay.autolog.framework import autolog

        autolog(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
