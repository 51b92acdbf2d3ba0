"""Hook ``fit`` of CatBoost's models, and what a ``Pool`` is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mainstay.autolog import nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.integration import LibraryIntegration


class CatboostIntegration(LibraryIntegration):
    """Recording for CatBoost."""

    name = "catboost"
    modules = ("catboost",)
    recorder = "mainstay.autolog.catboost.record"

    def hook(self) -> None:
        """Replace the methods; models that users derive call those of their bases."""
        library = sys.modules["catboost"]
        for kind in (library.CatBoost, *library.CatBoost.__subclasses__()):
            if kind.__module__.startswith("catboost."):
                self.patches.wrap(kind, "fit", self.recorded_by("fit"))
        self.patches.wrap(library.Pool, "__init__", self._pool)

    def _pool(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> None:
        original(*arguments, **keywords)
        options = self.options
        if options is None or nesting.inside():
            return
        with aside("catboost", "the rows of a Pool", silent=options.silent):
            from mainstay.autolog import origin

            made, *rest = arguments
            origin.remember(made, keywords.get("data", rest[0] if rest else None))


INTEGRATION = CatboostIntegration()
