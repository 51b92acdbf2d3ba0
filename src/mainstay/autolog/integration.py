"""What the integrations of all libraries share: hooks that are set once the library is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from mainstay.autolog import imports, nesting
from mainstay.autolog.guard import aside
from mainstay.autolog.options import Options
from mainstay.autolog.patching import Patches


class LibraryIntegration:
    """Recording for one library by replaced functions. Subclass it and set the hooks."""

    name: str
    modules: Sequence[str]
    """Modules that are hooked, each when it is imported."""

    recorder: str
    """The module that records; it may import the library, so it is loaded at the first fit."""

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

    def recorded_by(self, how: str) -> Callable[..., Any]:
        """Return what is called instead of a function of the library.

        The outermost of such calls is ``recorder.how(options, original, arguments, keywords)``;
        calls inside another recorded fit are the original's own.
        """

        def around(original: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
            recorder = None if nesting.inside() else self.recording()
            if recorder is None:
                return original(*arguments, **keywords)
            with nesting.outermost():
                return getattr(recorder, how)(self.options, original, arguments, keywords)

        return around

    def recording(self) -> ModuleType | None:
        """Return the recorder, None while nothing is recorded or if it cannot be loaded."""
        if self.options is None:
            return None
        found = None
        with aside(self.name, "anything", silent=self.options.silent):
            found = import_module(self.recorder)
        return found

    def _hook_all(self) -> None:
        if self.options is not None:
            self.hook()
