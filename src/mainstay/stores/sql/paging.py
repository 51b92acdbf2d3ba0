"""Walk the results of a search page by page.

Pages are cut by the values of the last row, not by an offset, so that rows written meanwhile
neither repeat nor hide others. A search that is asked again, or for its next page, is not compiled
again: what is kept is SQL text, never anything of what it found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    select,
)

from mainstay import filters
from mainstay.entities.pages import Search
from mainstay.errors import BadInput
from mainstay.stores.sql import tokens
from mainstay.stores.sql.search import Column, Fields, after, compile_filter, kind_of, sort_terms
from mainstay.stores.sql.statements import execute

KEPT = 500
"""Searches whose statements are kept."""

CROWD = 5000
"""Things in scope from which on it is cheaper to read an index in order than to sort them all."""

Terms = Sequence[tuple[Column, bool]]


def page_of(
    connection: Connection,
    fields: Fields,
    search: Search,
    *,
    where: Sequence[ColumnElement[bool]] = (),
    scope: str = "",
    most: int,
) -> tuple[list[Any], str | None]:
    """Return the identities on a page and the token of the next.

    ``where`` are conditions beside the filter; ``scope`` and the view are all that they depend on,
    so that a token of another search is refused. Raises: BadInput.
    """
    if not 1 <= search.max_results <= most:
        wanted = f"at most {most}" if search.max_results > most else "a positive integer"
        raise BadInput(
            f"Invalid value {search.max_results} for parameter 'max_results' supplied. "
            f"It must be {wanted}"
        )
    purpose = repr((fields.spec.noun, search.filter, search.order_by, search.view, scope))
    walk = _walk(connection, fields, search, where, purpose)
    place = tokens.unpack(purpose, search.token, kinds=walk.kinds) if search.token else None
    rows = walk.rows(connection, place, search.max_results + 1)
    page = rows[: search.max_results]
    more = len(rows) > len(page)
    token = tokens.pack(purpose, list(page[-1][1:])) if more and page else None
    return [row[0] for row in page], token


class _Text(NamedTuple):
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


class _Walk:
    """The statements of one search: for its first page and for those that follow."""

    def __init__(
        self,
        connection: Connection,
        fields: Fields,
        search: Search,
        where: Sequence[ColumnElement[bool]],
    ) -> None:
        tree = filters.parse(search.filter, fields.spec)
        orders = filters.parse_order(search.order_by, fields.spec)
        source, terms = sort_terms(fields, orders)
        self.kinds = [kind_of(term) for term, _ in terms]
        self._identity = fields.identity
        self._where = [*where, compile_filter(tree, fields, dialect=connection.dialect.name)]
        self._sorted = self._pair(connection, source, terms)
        self._read: tuple[_Text, _Text] | None = None
        if orders and orders[0].kind in fields.keyed and fields.keyed[orders[0].kind].ordered:
            source, terms = sort_terms(fields, orders, present=True)
            self._read = self._pair(connection, source, terms)
            crowd = select(literal(1)).select_from(fields.source).where(*where).limit(CROWD)
            self._crowd = _compile(connection, select(func.count()).select_from(crowd.subquery()))

    def rows(self, connection: Connection, place: list[Any] | None, most: int) -> Sequence[Any]:
        """Return the first rows, or those after a place: identity, then the sort terms."""
        following = place is not None
        parameters = {f"place_{n}": part for n, part in enumerate(place or ())}
        parameters["most"] = most
        # Behind the last thing that has a value come those that have none: those are sorted.
        begun = place is None or place[0] == 0
        if self._read is not None and begun and self._is_crowded(connection):
            rows = self._read[following].rows(connection, **parameters)
            if len(rows) == most:
                return rows
        return self._sorted[following].rows(connection, **parameters)

    def _is_crowded(self, connection: Connection) -> bool:
        return bool(self._crowd.rows(connection)[0][0] >= CROWD)

    def _pair(
        self, connection: Connection, source: FromClause, terms: Terms
    ) -> tuple[_Text, _Text]:
        first: Select[Any] = (
            select(self._identity, *(term for term, _ in terms))
            .select_from(source)
            .where(*self._where)
            .order_by(*(term.asc() if ascending else term.desc() for term, ascending in terms))
            .limit(bindparam("most", 0, type_=Integer))
        )
        place = [
            bindparam(f"place_{n}", None, type_=term.type) for n, (term, _) in enumerate(terms)
        ]
        following = first.where(after(terms, place))
        return _compile(connection, first), _compile(connection, following)


_kept: dict[tuple[str, str], _Walk] = {}


def _walk(
    connection: Connection,
    fields: Fields,
    search: Search,
    where: Sequence[ColumnElement[bool]],
    purpose: str,
) -> _Walk:
    key = (connection.dialect.name, purpose)
    found = _kept.get(key)
    if found is None:
        found = _Walk(connection, fields, search, where)
        if len(_kept) >= KEPT:
            _kept.clear()  # rare, and cheap to make again
        _kept[key] = found
    return found


def _compile(connection: Connection, statement: Select[Any]) -> _Text:
    compiled = statement.compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    names = compiled.positiontup if connection.dialect.name == "sqlite" else None
    return _Text(str(compiled), names, compiled.params)
