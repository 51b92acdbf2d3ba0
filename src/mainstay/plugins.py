"""A table of plug-ins: a name, where it lives, and how to install what it needs."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from mainstay.errors import BadInput

T = TypeVar("T")


class PluginTable(Generic[T]):
    """Names to objects, loaded on first use.

    ``builtin`` maps a name to ``"module:attribute"``. Third parties add names through the
    entry-point group ``group``; a built-in name wins over an entry point of the same name.

    >>> table = PluginTable("mainstay.doctest", {"sqrt": "math:sqrt"})
    >>> table.get("sqrt")(9.0)
    3.0
    """

    def __init__(self, group: str, builtin: dict[str, str], *, hint: str = "") -> None:
        self.group = group
        self.hint = hint
        self._where = dict(builtin)
        self._loaded: dict[str, T] = {}
        self._scanned = False

    def names(self) -> list[str]:
        """Return every known name, sorted."""
        self._scan()
        return sorted({*self._where, *self._loaded})

    def module(self, name: str) -> str:
        """Return the module that a plug-in lives in, without importing it; "" if unknown."""
        self._scan()
        return self._where.get(name, "").partition(":")[0]

    def register(self, name: str, plugin: T) -> None:
        """Add or replace a plug-in at run time."""
        self._loaded[name] = plugin

    def get(self, name: str) -> T:
        """Return the plug-in called ``name``.

        Raises:
            BadInput: no plug-in has that name, or what it needs is not installed.
        """
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> T:
        if name not in self._where:
            self._scan()
        if name not in self._where:
            known = ", ".join(self.names())
            raise BadInput(f"{self.group} has no plug-in called {name!r}; known: {known}")
        module, _, attribute = self._where[name].partition(":")
        try:
            found: T = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            hint = f"; try: {self.hint.format(name=name)}" if self.hint else ""
            raise BadInput(f"{name!r} needs the module {error.name!r}{hint}") from error
        return found

    def _scan(self) -> None:
        if self._scanned:
            return
        self._scanned = True
        for point in entry_points(group=self.group):
            self._where.setdefault(point.name, point.value)
