"""Hook ``Trainer.train`` and ``Trainer.evaluate``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mainstay.autolog import nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.integration import LibraryIntegration
from mainstay.autolog.transformers.options import TransformersOptions


class TransformersIntegration(LibraryIntegration):
    """Recording for Hugging Face trainers."""

    name = "transformers"
    modules = ("transformers.trainer",)
    recorder = "mainstay.autolog.transformers.record"
    kind = TransformersOptions

    def hook(self) -> None:
        """Replace the methods."""
        trainer = sys.modules["transformers.trainer"].Trainer
        self.patches.wrap(trainer, "train", self.recorded_by("train"))
        self.patches.wrap(trainer, "evaluate", self._evaluate)

    def _evaluate(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        found = original(*arguments, **keywords)
        recorder = None if nesting.inside() else self.recording()
        if recorder is not None and self.options is not None:
            with aside(self.name, "an evaluation", silent=self.options.silent):
                recorder.evaluated(arguments[0], found)
        return found


INTEGRATION = TransformersIntegration()
