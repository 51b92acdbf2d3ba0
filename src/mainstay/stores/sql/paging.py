"""Walk the results of a search page by page.

Pages are cut by the values of the last row, not by an offset, so that rows written meanwhile
neither repeat nor hide others. A search that is asked again, or for its next page, is not compiled
again: what is kept is SQL text, never anything of what it found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from mainstay.entities.pages import Search
from mainstay.errors import BadInput
from mainstay.stores.sql import tokens
from mainstay.stores.sql.groups import ByValue
from mainstay.stores.sql.query import Query, Rows, number
from mainstay.stores.sql.search import Fields
from mainstay.stores.sql.walking import InOrder, Place, parameters

KEPT = 500
"""Searches whose statements are kept."""

CROWD = 2000
"""Things in scope up to which each of them is looked at and sorted."""

FEW = 4000
"""Things that one condition of a filter leaves, up to which each of them is looked at."""

WIDEST = 2001
"""Rows of a page above which sorting everything is as good."""

Conditions = Sequence[ColumnElement[bool]]


class Scope(NamedTuple):
    """Conditions beside the filter.

    ``within`` are such that an index alone counts what they leave. ``apart`` are parts of what all
    conditions together leave: of each, an index holds the things in order.
    """

    where: Conditions = ()
    within: Conditions = ()
    apart: Conditions = ()


def page_of(
    connection: Connection,
    fields: Fields,
    search: Search,
    *,
    where: Conditions = (),
    within: Conditions = (),
    apart: Conditions = (),
    scope: str = "",
    most: int,
) -> tuple[list[Any], str | None]:
    """Return the identities on a page and the token of the next.

    ``where``, ``within`` and ``apart`` make a ``Scope``; ``scope`` and the view are all that they
    depend on, so that a token of another search is refused. Raises: BadInput.
    """
    if not 1 <= search.max_results <= most:
        wanted = f"at most {most}" if search.max_results > most else "a positive integer"
        raise BadInput(
            f"Invalid value {search.max_results} for parameter 'max_results' supplied. "
            f"It must be {wanted}"
        )
    purpose = repr((fields.spec.noun, search.filter, search.order_by, search.view, scope))
    walk = _walk(connection, fields, search, Scope(where, within, apart), purpose)
    place = tokens.unpack(purpose, search.token, kinds=walk.kinds) if search.token else None
    rows = walk.rows(connection, place, search.max_results + 1)
    page = rows[: search.max_results]
    more = len(rows) > len(page)
    token = tokens.pack(purpose, list(page[-1][1:])) if more and page else None
    return [row[0] for row in page], token


class _Walker(Protocol):
    """Reads results in order and stops when there are enough."""

    def rows(self, connection: Connection, place: Place, most: int) -> Rows | None:
        """Return the rows of a page, or None if that way does not lead there."""


class _Walk:
    """The ways to one search's results, for its first page and for those that follow."""

    def __init__(
        self,
        connection: Connection,
        fields: Fields,
        search: Search,
        scope: Scope,
    ) -> None:
        self._within = scope.within
        where = [*scope.where, *scope.within]
        self._query = Query(connection, fields, search, where, scope.apart)
        self.kinds = self._query.kinds
        self._starts = self._query.starts()
        self._walker = _walker(self._query)

    def rows(self, connection: Connection, place: Place, most: int) -> Rows:
        """Return the first rows, or those after a place: identity, then the sort terms.

        Few things are each looked at, unless all are wanted and a short stretch of an index in the
        order of a value holds the page. If one condition of the filter leaves few, those are. Else
        an index is walked in the order that was asked for; everything is sorted if that finds too
        few, or there is none.
        """
        crowd = self._crowd(connection)
        if crowd < CROWD:
            rows = self._glance(connection, place, most, crowd)
            return rows or self._all(connection, place, most, probing=True)
        start = self._start(connection)
        if start is not None:
            return self._from(connection, start, place, most)
        if self._walker is not None and most <= WIDEST:
            rows = self._walker.rows(connection, place, most)
            if rows is not None:
                return rows
        return self._all(connection, place, most, probing=False)

    def _glance(self, connection: Connection, place: Place, most: int, crowd: int) -> Rows | None:
        if self._query.filtered or not isinstance(self._walker, ByValue):
            return None
        return self._walker.glance(connection, place, most, crowd)

    def _crowd(self, connection: Connection) -> int:
        """Return about how many things are in scope, as far as that matters."""

        def make() -> Select[Any]:
            query = self._query
            some = select(literal(1)).select_from(query.fields.source).where(*self._within)
            return _counted(some)

        return int(self._query.text("crowd", make).value(connection, reach=CROWD))

    def _all(self, connection: Connection, place: Place, most: int, *, probing: bool) -> Rows:
        """Look at everything in scope, and sort what passes."""
        query, following = self._query, place is not None

        def make() -> Select[Any]:
            return query.page(query.source, query.terms, following=following, probing=probing)

        text = query.text(("all", following, probing), make)
        return text.rows(connection, **parameters(place, most))

    def _start(self, connection: Connection) -> int | None:
        """Return the number of the condition that leaves fewest, if those are few."""
        best, fewest = None, FEW
        for index, start in enumerate(self._starts):
            text = self._query.text(("start", index), lambda start=start: _counted(start))  # type: ignore[misc]
            size = text.value(connection, reach=fewest)
            if size < fewest:
                best, fewest = index, size
        return best

    def _from(self, connection: Connection, start: int, place: Place, most: int) -> Rows:
        """Look at what one condition leaves, and sort what passes."""
        query, following = self._query, place is not None

        def make() -> Select[Any]:
            stretch = self._starts[start].limit(number("reach")).subquery("stretch")
            source = query.source.join(stretch, stretch.c[0] == query.fields.identity)
            return query.page(source, query.terms, following=following)

        text = query.text(("from", start, following), make)
        return text.rows(connection, **parameters(place, most), reach=FEW)


def _walker(query: Query) -> _Walker | None:
    """Return the walk along an index in the order of a query; None if there is no such index."""
    fields, orders = query.fields, query.orders
    if not orders:
        return InOrder(query, fields.ties)
    first = orders[0]
    if first.kind == "attribute":
        walked = first.key in fields.walked and len(orders) == 1
        return InOrder(query, query.terms) if walked else None
    keyed = fields.keyed.get(first.kind)
    if keyed is None or keyed.rank is None:
        return None
    return ByValue(query, keyed, keyed.rank)


def _counted(some: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(some.limit(number("reach")).subquery())


_kept: dict[tuple[str, str], _Walk] = {}


def _walk(
    connection: Connection,
    fields: Fields,
    search: Search,
    scope: Scope,
    purpose: str,
) -> _Walk:
    key = (connection.dialect.name, purpose)
    found = _kept.get(key)
    if found is None:
        found = _Walk(connection, fields, search, scope)
        if len(_kept) >= KEPT:
            _kept.clear()  # rare, and cheap to make again
        _kept[key] = found
    return found
