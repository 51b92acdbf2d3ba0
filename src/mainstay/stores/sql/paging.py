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
    Dialect,
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
from mainstay.stores.sql.search import (
    Column,
    Fields,
    Keyed,
    after,
    compile_filter,
    kind_of,
    sort_terms,
)
from mainstay.stores.sql.statements import execute

KEPT = 500
"""Searches whose statements are kept."""

REACHES = (4, 24)
"""How many times a page's size of an index is read, before everything is sorted instead."""

CROWD = 2000
"""Things in scope up to which each of them is looked at and sorted."""

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
    """Statements that read a stretch of an index in order.

    Each goes with one that finds the number behind the stretch, where equal numbers are possible.
    """

    first: tuple[_Text, _Text | None]
    following: tuple[_Text, _Text | None]

    def rows(
        self, connection: Connection, reach: int, parameters: Mapping[str, Any]
    ) -> Sequence[Any] | None:
        """Return the rows of a page; None if the stretch does not hold all that belong to it."""
        page, end = self.following if "place_0" in parameters else self.first
        if end is not None and parameters.get("place_0"):
            return None  # behind the last number come those that have none
        rows = page.rows(connection, **parameters, reach=reach)
        if len(rows) < parameters["most"]:
            return None
        if end is None:
            return rows
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
        self._dialect = connection.dialect
        self._fields = fields
        self._tree = filters.parse(search.filter, fields.spec)
        self._orders = filters.parse_order(search.order_by, fields.spec)
        self._scope = list(where)
        source, terms = sort_terms(fields, self._orders)
        self.kinds = [kind_of(term) for term, _ in terms]
        self._few = self._pages(source, terms, probing=True)
        self._many = self._pages(source, terms, probing=False)
        self._index = self._reading()
        some = select(literal(1)).select_from(fields.source).where(*where).limit(CROWD)
        self._crowd = _compile(self._dialect, select(func.count()).select_from(some.subquery()))

    def rows(self, connection: Connection, place: list[Any] | None, most: int) -> Sequence[Any]:
        """Return the first rows, or those after a place: identity, then the sort terms.

        Few things are each looked at. Of many, first a stretch of an index is read in the order
        that was asked for; if too few of it pass, the filter's own index is where to start.
        """
        following = place is not None
        parameters = {f"place_{n}": part for n, part in enumerate(place or ())} | {"most": most}
        if self._crowd.rows(connection)[0][0] < CROWD:
            return self._few[following].rows(connection, **parameters)
        if self._index is not None and most <= WIDEST:
            for reach in REACHES:
                rows = self._index.rows(connection, most * reach, parameters)
                if rows is not None:
                    return rows
        return self._many[following].rows(connection, **parameters)

    def _reading(self) -> _Index | None:
        """Make the statements that read a stretch of an index in order; None if there is none."""
        if not self._orders:
            return _Index(*(self._recent(following=following) for following in (False, True)))
        keyed = self._fields.keyed.get(self._orders[0].kind)
        if keyed is None or not keyed.ordered:
            return None
        return _Index(*(self._by_value(keyed, following=following) for following in (False, True)))

    def _recent(self, *, following: bool) -> tuple[_Text, None]:
        """Read things in their own order, in which no two are equal."""
        fields = self._fields
        near = select(fields.identity).select_from(fields.source).where(*self._scope)
        if following:
            near = near.where(after(fields.ties, self._place(fields.ties)))
        near = near.order_by(*_ordered(fields.ties)).limit(bindparam("reach", 0, type_=Integer))
        stretch = near.subquery("stretch")
        source = fields.source.join(stretch, stretch.c[0] == fields.identity)
        return self._pages(source, fields.ties, probing=True, scoped=True)[following], None

    def _by_value(self, keyed: Keyed, *, following: bool) -> tuple[_Text, _Text]:
        """Read the numbers of a key in order, and find the one behind the stretch."""
        order = self._orders[0]
        near = select(keyed.owner, keyed.value)
        near = near.where(keyed.key == order.key, keyed.value.is_not(None))
        if following:
            begin = bindparam("place_1", None, type_=keyed.value.type)
            near = near.where(keyed.value >= begin if order.ascending else keyed.value <= begin)
        near = near.order_by(*_ordered([(keyed.value, order.ascending)]))
        reach = bindparam("reach", 0, type_=Integer)
        end = near.with_only_columns(keyed.value).limit(1).offset(reach)
        first = near.limit(reach).subquery("stretch")
        source, terms = sort_terms(self._fields, self._orders, first=first)
        page = self._pages(source, terms, probing=True)[following]
        return page, _compile(self._dialect, end)

    def _place(self, terms: Terms) -> list[Column]:
        return [bindparam(f"place_{n}", None, type_=term.type) for n, (term, _) in enumerate(terms)]

    def _pages(
        self, source: FromClause, terms: Terms, *, probing: bool, scoped: bool = False
    ) -> tuple[_Text, _Text]:
        """Make the statements of a first page, and of one that follows.

        ``scoped`` says that the source holds nothing outside the scope.
        """
        fields, dialect = self._fields, self._dialect.name
        scope = [] if scoped else self._scope
        condition = compile_filter(self._tree, fields, dialect=dialect, probing=probing)
        first: Select[Any] = (
            select(fields.identity, *(term for term, _ in terms))
            .select_from(source)
            .where(*scope, condition)
            .order_by(*_ordered(terms))
            .limit(bindparam("most", 0, type_=Integer))
        )
        following = first.where(after(terms, self._place(terms)))
        return _compile(self._dialect, first), _compile(self._dialect, following)


def _ordered(terms: Terms) -> list[ColumnElement[Any]]:
    return [term.asc() if ascending else term.desc() for term, ascending in terms]


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


def _compile(dialect: Dialect, statement: Select[Any]) -> _Text:
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    names = compiled.positiontup if dialect.name == "sqlite" else None
    return _Text(str(compiled), names, compiled.params)
