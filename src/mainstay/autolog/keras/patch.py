"""Hook ``keras.Model.fit``, which the backend's trainer defines."""

from __future__ import annotations

import sys

from mainstay.autolog.integration import LibraryIntegration
from mainstay.autolog.keras.options import KerasOptions


class KerasIntegration(LibraryIntegration):
    """Recording for Keras."""

    name = "keras"
    modules = ("keras",)
    recorder = "mainstay.autolog.keras.record"
    kind = KerasOptions

    def hook(self) -> None:
        """Replace the method where it is defined."""
        for kind in sys.modules["keras"].Model.__mro__:
            if "fit" in vars(kind):
                self.patches.wrap(kind, "fit", self.recorded_by("fit"))
                return


INTEGRATION = KerasIntegration()
