"""Read results in the order of an index and stop when there are enough.

Who asks for a hundred of many pays for a few hundred: a stretch of an index is read in the order
that was asked for, and if too few of it pass the filter, a longer one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, union_all

from mainstay.stores.sql.query import Query, Rows, Terms, number, ordered, place_of
from mainstay.stores.sql.search import after
from mainstay.stores.sql.texts import Text

REACHES = (4, 24, 64)
"""How many times a page's size of an index is read, before everything is sorted instead."""

APART = 100
"""Parts of a scope that are read one by one and merged, at most."""

Place = list[Any] | None
"""The sort terms of the row behind which a page begins."""


def parameters(place: Place, most: int) -> dict[str, Any]:
    """Return the parameters of a page."""
    return {f"place_{index}": part for index, part in enumerate(place or ())} | {"most": most}


class InOrder:
    """Walks things in an order that an index of their own table has."""

    def __init__(self, query: Query, terms: Terms) -> None:
        self._query = query
        self._terms = terms

    def rows(self, connection: Connection, place: Place, most: int) -> Rows | None:
        """Return the rows of a page; None if too few of what was read pass the filter."""
        given = parameters(place, most)
        following = place is not None
        for times in REACHES:
            reach = most * times
            rows = self._page(following).rows(connection, **given, reach=reach)
            if len(rows) >= most:
                return rows
            if self._count(following).value(connection, **given, reach=reach) < reach:
                return rows  # there were no more
        return None

    def _page(self, following: bool) -> Text:
        def make() -> Select[Any]:
            stretch = self._near(following).subquery("stretch")
            fields = self._query.fields
            source = fields.source.join(stretch, stretch.c[0] == fields.identity)
            return self._query.page(source, self._terms, following=False, scoped=True)

        return self._query.text(("in order", following), make)

    def _count(self, following: bool) -> Text:
        def make() -> Select[Any]:
            return select(func.count()).select_from(self._near(following).subquery())

        return self._query.text(("count in order", following), make)

    def _near(self, following: bool) -> Select[Any]:
        return near(self._query, self._terms, following=following)


def near(query: Query, terms: Terms, *, following: bool, start: int = 0) -> Select[Any]:
    """Select the first ``reach`` things in scope, whatever the filter says of them.

    ``start`` is the number of the parameter that stands for the first term.
    """
    fields = query.fields

    def some(*conditions: ColumnElement[bool]) -> Select[Any]:
        shown = [term.label(f"term_{index}") for index, (term, _) in enumerate(terms)]
        chosen = select(fields.identity.label("identity"), *shown).select_from(fields.source)
        chosen = chosen.where(*query.where, *conditions)
        if following:
            chosen = chosen.where(after(terms, place_of(terms, start=start)))
        return chosen.order_by(*ordered(terms)).limit(number("reach"))

    if not 1 < len(query.apart) <= APART:
        return some().with_only_columns(fields.identity)
    # An index is in the order of the terms within each part only.
    parts = [select(some(condition).subquery()) for condition in query.apart]
    whole = union_all(*parts).subquery("parts")
    merged = [(whole.c[f"term_{index}"], up) for index, (_, up) in enumerate(terms)]
    return select(whole.c.identity).order_by(*ordered(merged)).limit(number("reach"))
