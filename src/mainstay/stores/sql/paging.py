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
    select,
)

from mainstay import filters
from mainstay.entities.pages import Search
from mainstay.errors import BadInput
from mainstay.filters import Order
from mainstay.stores.sql import tokens
from mainstay.stores.sql.search import Column, Fields, after, compile_filter, kind_of, sort_terms
from mainstay.stores.sql.statements import execute

KEPT = 500
"""Searches whose statements are kept."""

REACHES = (4, 64)
"""How many times a page's size of an index is read, before everything is sorted instead."""

WIDEST = 2001
"""Rows of a page above which sorting everything is as good."""

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


class _Index(NamedTuple):
    """Statements that read a stretch of an index in order; each with one that finds its end."""

    first: tuple[_Text, _Text]
    following: tuple[_Text, _Text]

    def rows(
        self, connection: Connection, reach: int, parameters: Mapping[str, Any]
    ) -> Sequence[Any] | None:
        """Return the rows of a page; None if the stretch does not hold all that belong to it."""
        page, end = self.following if "place_1" in parameters else self.first
        rows = page.rows(connection, **parameters, reach=reach)
        if len(rows) < parameters["most"]:
            return None
        beyond = end.rows(connection, **parameters, reach=reach)
        # Of equal numbers at the end, some may be outside.
        return None if beyond and beyond[0][0] == rows[-1][2] else rows


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
        self._all = self._pages(connection, source, terms)
        self._index: _Index | None = None
        if orders and orders[0].kind in fields.keyed and fields.keyed[orders[0].kind].ordered:
            self._index = self._reading(connection, fields, orders)

    def rows(self, connection: Connection, place: list[Any] | None, most: int) -> Sequence[Any]:
        """Return the first rows, or those after a place: identity, then the sort terms."""
        parameters = {f"place_{n}": part for n, part in enumerate(place or ())} | {"most": most}
        # Behind the last thing that has a number come those that have none: those are sorted.
        begun = place is None or place[0] == 0
        if self._index is not None and begun and most <= WIDEST:
            for reach in REACHES:
                rows = self._index.rows(connection, most * reach, parameters)
                if rows is not None:
                    return rows
        return self._all[place is not None].rows(connection, **parameters)

    def _reading(self, connection: Connection, fields: Fields, orders: Sequence[Order]) -> _Index:
        """Make the statements that read an index in order, a stretch of it at most."""
        keyed, ascending = fields.keyed[orders[0].kind], orders[0].ascending
        pairs = []
        for following in (False, True):
            near = select(keyed.owner, keyed.value).where(
                keyed.key == orders[0].key, keyed.value.is_not(None)
            )
            if following:
                begin = bindparam("place_1", None, type_=keyed.value.type)
                near = near.where(keyed.value >= begin if ascending else keyed.value <= begin)
            near = near.order_by(keyed.value.asc() if ascending else keyed.value.desc())
            reach = bindparam("reach", 0, type_=Integer)
            end = near.with_only_columns(keyed.value).limit(1).offset(reach)
            source, terms = sort_terms(fields, orders, first=near.limit(reach).subquery("stretch"))
            page = self._pages(connection, source, terms)[following]
            pairs.append((page, _compile(connection, end)))
        return _Index(*pairs)

    def _pages(
        self, connection: Connection, source: FromClause, terms: Terms
    ) -> tuple[_Text, _Text]:
        """Make the statements of a first page, and of one that follows."""
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
