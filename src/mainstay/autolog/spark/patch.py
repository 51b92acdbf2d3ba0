"""Hook ``Estimator.fit``, and what leads from a fitted model to an evaluator."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mainstay.autolog import nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.integration import LibraryIntegration
from mainstay.autolog.spark.options import SparkOptions


class SparkIntegration(LibraryIntegration):
    """Recording for Spark ML."""

    name = "pyspark.ml"
    modules = ("pyspark.ml.base", "pyspark.ml.evaluation")
    recorder = "mainstay.autolog.spark.record"
    kind = SparkOptions

    def hook(self) -> None:
        """Replace the methods of what is loaded."""
        base = sys.modules["pyspark.ml.base"]
        self.patches.wrap(base.Estimator, "fit", self.recorded_by("fit"))
        self.patches.wrap(base.Transformer, "transform", self._after("transformed"))
        evaluation = sys.modules.get("pyspark.ml.evaluation")
        if evaluation is not None and hasattr(evaluation, "Evaluator"):
            self.patches.wrap(evaluation.Evaluator, "evaluate", self._after("evaluated"))

    def _after(self, how: str) -> Callable[..., Any]:
        """Return what calls the original, and tells the recorder what came of it."""

        def around(original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
            result = original(*arguments, **keywords)
            recorder = None if nesting.inside() else self.recording()
            if recorder is not None and self.options is not None:
                with aside(self.name, "an evaluation", silent=self.options.silent):
                    getattr(recorder, how)(self.options, original, arguments, keywords, result)
            return result

        return around


INTEGRATION = SparkIntegration()
