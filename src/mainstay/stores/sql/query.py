"""One search as statements: compiled when first needed, kept as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Integer, Select, bindparam, select

from mainstay import filters
from mainstay.entities.pages import Search
from mainstay.stores.sql.search import (
    Column,
    Fields,
    after,
    compile_filter,
    kind_of,
    sort_terms,
    starts,
)
from mainstay.stores.sql.texts import Text, compiled

Terms = Sequence[tuple[Column, bool]]
"""What to sort by, and whether ascending."""

Rows = Sequence[Any]
"""Rows of a page: identity, then the sort terms."""


class Query:
    """What is asked, and in which order.

    ``where`` are conditions beside the filter. ``apart`` are conditions of which each thing in
    scope fulfils just one, such that an index holds the things of each in order.
    """

    def __init__(
        self,
        connection: Connection,
        fields: Fields,
        search: Search,
        where: Sequence[ColumnElement[bool]],
        apart: Sequence[ColumnElement[bool]] = (),
    ) -> None:
        self.dialect = connection.dialect
        self.fields = fields
        self.where = list(where)
        self.apart = list(apart)
        self.tree = filters.parse(search.filter, fields.spec)
        self.filtered = self.tree != filters.All(())
        self.orders = filters.parse_order(search.order_by, fields.spec)
        self.source, self.terms = sort_terms(fields, self.orders)
        self.kinds = [kind_of(term) for term, _ in self.terms]
        self._texts: dict[object, Text] = {}

    def text(self, name: object, make: Callable[[], Select[Any]]) -> Text:
        """Return the statement of that name."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = compiled(self.dialect, make())
        return found

    def starts(self) -> list[Select[Any]]:
        """Return selections from which the filter leaves some, each read from an index."""
        return starts(self.tree, self.fields, dialect=self.dialect.name)

    def page(
        self,
        source: FromClause,
        terms: Terms,
        *,
        following: bool,
        probing: bool = True,
        scoped: bool = False,
    ) -> Select[Any]:
        """Make the statement of a page; ``scoped``: the source holds nothing outside the scope."""
        fields = self.fields
        condition = compile_filter(self.tree, fields, dialect=self.dialect.name, probing=probing)
        statement = (
            select(fields.identity, *(term for term, _ in terms))
            .select_from(source)
            .where(*([] if scoped else self.where), condition)
            .order_by(*ordered(terms))
            .limit(number("most"))
        )
        return statement.where(after(terms, place_of(terms))) if following else statement


def ordered(terms: Terms) -> list[ColumnElement[Any]]:
    """Return terms as an ORDER BY takes them."""
    return [term.asc() if ascending else term.desc() for term, ascending in terms]


def place_of(terms: Terms, *, start: int = 0) -> list[Column]:
    """Return parameters for the place behind which a page begins."""
    return [
        bindparam(f"place_{index}", None, type_=term.type)
        for index, (term, _) in enumerate(terms, start)
    ]


def number(name: str) -> Column:
    """Return a parameter that is a whole number."""
    return bindparam(name, 0, type_=Integer)
