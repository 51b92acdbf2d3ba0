"""From the table of endpoints to a dispatcher: path and method in, row and handler out.

Nearly every path is fixed, so that a request costs one look into a dictionary; the few that hold
parameters are tried in the table's order after that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mainstay.errors import EndpointNotFound, MethodNotAllowed
from mainstay.server.handlers import STREAMS, Handler
from mainstay.wire.endpoint import Endpoint

_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


ALSO = {"server.openapi": ("/openapi.json",)}
"""Further paths of a row: where tools look for the document."""


class UnservedEndpoint(RuntimeError):
    """The table of endpoints and the handlers do not match; this is a fault of the program."""


@dataclass(frozen=True)
class Match:
    """The row that a request is for, and the parameters in its path."""

    endpoint: Endpoint
    handler: Handler | None
    path: Mapping[str, str] = field(default_factory=dict)


class Routes:
    """Finds the row of a request.

    Raises:
        UnservedEndpoint: a row has no handler, or a handler no row.
    """

    def __init__(
        self, table: Iterable[Endpoint], handlers: Mapping[str, Handler], prefix: str = ""
    ) -> None:
        rows = list(table)
        names = {row.name for row in rows}
        strays = sorted(names ^ (set(handlers) | set(STREAMS)))
        if strays:
            raise UnservedEndpoint(f"endpoints without handler, or the reverse: {strays}")
        self.prefix = "/" + prefix.strip("/") if prefix.strip("/") else ""
        self._fixed: dict[str, dict[str, Match]] = {}
        self._patterns: list[tuple[re.Pattern[str], str, Match]] = []
        for row in rows:
            self._add(row, Match(row, handlers.get(row.name)))

    def find(self, method: str, path: str) -> Match:
        """Return the match. HEAD goes where GET goes.

        Raises: EndpointNotFound, MethodNotAllowed (``details["allow"]`` lists the others).
        """
        method = "GET" if method == "HEAD" else method
        path = self.strip(path)
        allowed: set[str] = set()
        if (by_method := self._fixed.get(path)) is not None:
            if method in by_method:
                return by_method[method]
            allowed.update(by_method)
        for pattern, own_method, match in self._patterns:
            if (found := pattern.fullmatch(path)) is not None:
                if own_method == method:
                    return Match(match.endpoint, match.handler, found.groupdict())
                allowed.add(own_method)
        if allowed:
            raise MethodNotAllowed(
                f"{path} answers {', '.join(sorted(allowed))}, not {method}", allow=sorted(allowed)
            )
        raise EndpointNotFound(f"there is no endpoint {path}; the API is at /openapi.json")

    def strip(self, path: str) -> str:
        """Return a path without the prefix under which the server is published, if it has it."""
        if self.prefix and (path == self.prefix or path.startswith(self.prefix + "/")):
            return path[len(self.prefix) :] or "/"
        return path

    def _add(self, row: Endpoint, match: Match) -> None:
        for path in (*row.paths, *ALSO.get(row.name, ())):
            for method in row.methods:
                if "{" in path:
                    self._patterns.append((_pattern(path), method, match))
                else:
                    self._fixed.setdefault(path, {})[method] = match


def _pattern(path: str) -> re.Pattern[str]:
    parts: list[str] = []
    at = 0
    for found in _PARAMETER.finditer(path):
        rest = "(?s:.*)" if found[2] else "[^/]+"
        parts += [re.escape(path[at : found.start()]), f"(?P<{found[1]}>{rest})"]
        at = found.end()
    return re.compile("".join([*parts, re.escape(path[at:])]))
