"""Hook ``lightgbm.train``, the estimators' ``fit``, and what a ``Dataset`` is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mainstay.autolog import nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.integration import LibraryIntegration


class LightgbmIntegration(LibraryIntegration):
    """Recording for LightGBM."""

    name = "lightgbm"
    modules = ("lightgbm",)
    recorder = "mainstay.autolog.lightgbm.record"

    def hook(self) -> None:
        """Replace the functions; estimators that users derive call those of their bases."""
        library = sys.modules["lightgbm"]
        for owner in (library, library.engine, library.sklearn):
            self.patches.wrap(owner, "train", self._train)
        for kind in (library.LGBMModel, *library.LGBMModel.__subclasses__()):
            if kind.__module__ == "lightgbm.sklearn":
                self.patches.wrap(kind, "fit", self.recorded_by("fit"))
        self.patches.wrap(library.Dataset, "__init__", self._dataset)

    def _train(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Call ``train``: by itself, or as part of an estimator's fit."""
        outer, recorder = nesting.fitting.get(), self.recording()
        if outer is None or recorder is None:
            return self.recorded_by("train")(original, *arguments, **keywords)
        return recorder.train_inside(outer, original, arguments, keywords)

    def _dataset(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> None:
        original(*arguments, **keywords)
        options = self.options
        if options is None or nesting.inside():
            return
        with aside("lightgbm", "the rows of a Dataset", silent=options.silent):
            from mainstay.autolog import origin

            made, *rest = arguments
            origin.remember(made, keywords.get("data", rest[0] if rest else None))


INTEGRATION = LightgbmIntegration()
