"""What the integrations of all libraries share: hooks that are set once the library is loaded."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.autolog import imports
from mainstay.autolog.options import Options
from mainstay.autolog.patching import Patches


class LibraryIntegration:
    """Recording for one library by replaced functions. Subclass it and set the hooks."""

    name: str
    modules: Sequence[str]
    """Modules that are hooked, each when it is imported."""

    kind: type[Options] = Options
    """The library's own options."""

    def __init__(self) -> None:
        self.options: Options | None = None
        self.patches = Patches()

    def install(self, options: Options) -> None:
        """Record from now on, with these options."""
        self.options = self.kind.of(options)
        for module in self.modules:
            imports.when_imported(module, self._hook_all)

    def remove(self) -> None:
        """Record no more, and put the library's functions back."""
        self.options = None
        self.patches.undo()

    def hook(self) -> None:
        """Replace functions of what is loaded of the library; may be called again."""
        raise NotImplementedError

    def _hook_all(self) -> None:
        if self.options is not None:
            self.hook()
