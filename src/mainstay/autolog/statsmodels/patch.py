"""Hook the ``fit`` methods of statsmodels' models, whichever of its modules are loaded, and when.

A model is a subclass of ``statsmodels.base.model.Model``; those of modules that load later are
found by ``__init_subclass__``, so that nothing of statsmodels is imported for it.
"""

from __future__ import annotations

import sys
from typing import Any

from mainstay.autolog.integration import LibraryIntegration

METHODS = ("fit", "fit_regularized")


class StatsmodelsIntegration(LibraryIntegration):
    """Recording for statsmodels."""

    name = "statsmodels"
    modules = ("statsmodels.base.model",)
    recorder = "mainstay.autolog.statsmodels.record"

    def __init__(self) -> None:
        super().__init__()
        self._watched: type | None = None

    def hook(self) -> None:
        """Replace the methods of all that is loaded, and of what is yet to be."""
        base: Any = sys.modules["statsmodels.base.model"].Model
        waiting = [base]
        while waiting:
            kind = waiting.pop()
            waiting += kind.__subclasses__()
            self._replace(kind)
        if self._watched is None and "__init_subclass__" not in vars(base):

            def init_subclass(cls: Any, /, **options: Any) -> None:
                super(base, cls).__init_subclass__(**options)
                self._replace(cls)

            base.__init_subclass__ = classmethod(init_subclass)
            self._watched = base

    def remove(self) -> None:
        """Record no more, and put the methods back."""
        super().remove()
        if self._watched is not None:
            del self._watched.__init_subclass__
            self._watched = None

    def _replace(self, kind: type) -> None:
        if kind.__module__.startswith("statsmodels."):
            for method in METHODS:
                self.patches.wrap(kind, method, self.recorded_by("fit"))


INTEGRATION = StatsmodelsIntegration()
