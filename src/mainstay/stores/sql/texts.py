"""Statements as text: what a search compiles once and runs from then on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Select

from mainstay.stores.sql.statements import execute


class Text(NamedTuple):
    """A statement as the driver takes it; ``names`` is the order of its parameters on SQLite."""

    sql: str
    names: Sequence[str] | None
    given: Mapping[str, Any]

    def rows(self, connection: Connection, **parameters: Any) -> Sequence[Any]:
        """Run it."""
        values = {**self.given, **parameters}
        if self.names is None:
            return connection.exec_driver_sql(self.sql, values).all()
        ordered = [values[name] for name in self.names]
        found: Sequence[Any] = execute(connection, self.sql, ordered).fetchall()
        return found

    def value(self, connection: Connection, **parameters: Any) -> Any:
        """Run it and return the first value; None if there is no row."""
        found = self.rows(connection, **parameters)
        return found[0][0] if found else None


def compiled(dialect: Dialect, statement: Select[Any]) -> Text:
    """Return a statement as text."""
    done = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    names = done.positiontup if dialect.name == "sqlite" else None
    return Text(str(done), names, done.params)
