"""Hook ``xgboost.train``, the estimators' ``fit``, and what a ``DMatrix`` is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mainstay.autolog import nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.integration import LibraryIntegration
from mainstay.autolog.xgboost.options import XgboostOptions


class XgboostIntegration(LibraryIntegration):
    """Recording for XGBoost."""

    name = "xgboost"
    modules = ("xgboost",)
    recorder = "mainstay.autolog.xgboost.record"
    kind = XgboostOptions

    def hook(self) -> None:
        """Replace the functions; estimators that users derive call those of their bases."""
        library = sys.modules["xgboost"]
        for owner in (library, library.training, library.sklearn):
            self.patches.wrap(owner, "train", self._train)
        waiting: list[type] = [library.XGBModel]
        while waiting:
            kind = waiting.pop()
            waiting += kind.__subclasses__()
            if kind.__module__ == "xgboost.sklearn":
                self.patches.wrap(kind, "fit", self.recorded_by("fit"))
        for kind in (library.DMatrix, library.QuantileDMatrix):
            self.patches.wrap(kind, "__init__", self._matrix)

    def _train(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        """Call ``train``: by itself, or as part of an estimator's fit."""
        outer, recorder = nesting.fitting.get(), self.recording()
        if outer is None or recorder is None:
            return self.recorded_by("train")(original, *arguments, **keywords)
        return recorder.train_inside(outer, original, arguments, keywords)

    def _matrix(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> None:
        original(*arguments, **keywords)
        options = self.options
        if options is None or nesting.inside():
            return
        with aside("xgboost", "the rows of a DMatrix", silent=options.silent):
            from mainstay.autolog import origin

            matrix, *rest = arguments
            origin.remember(matrix, keywords.get("data", rest[0] if rest else None))


INTEGRATION = XgboostIntegration()
