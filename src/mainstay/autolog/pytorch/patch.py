"""Hook ``Trainer.fit`` and ``Trainer.test`` of Lightning, under both of its names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from mainstay.autolog.guard import aside
from mainstay.autolog.integration import LibraryIntegration
from mainstay.autolog.pytorch.options import PytorchOptions


class PytorchIntegration(LibraryIntegration):
    """Recording for Lightning."""

    name = "pytorch"
    modules = ("pytorch_lightning", "lightning.pytorch")
    recorder = "mainstay.autolog.pytorch.lightning"
    kind = PytorchOptions

    def hook(self) -> None:
        """Replace the methods of whichever is loaded."""
        for name in self.modules:
            trainer = getattr(sys.modules.get(name), "Trainer", None)
            if trainer is not None:
                self.patches.wrap(trainer, "fit", self.recorded_by("fit"))
                self.patches.wrap(trainer, "test", self._test)

    def _test(self, original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        found = original(*arguments, **keywords)
        recorder = self.recording()
        if recorder is not None and self.options is not None:
            with aside(self.name, "a test", silent=self.options.silent):
                recorder.tested(arguments[0], found)
        return found


INTEGRATION = PytorchIntegration()
