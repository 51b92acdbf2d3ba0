"""Walk things in the order of the values of one of their keys: by a metric, a parameter, a tag.

First come those with a value, then those whose value is NaN, then those without the key. Where few
share a value, a stretch of the index on (key, value) is read up to the end of a value. Where many
do, those who share it are in the order of the ties, in which an index stands too: of a value that
every tenth has, one walks past ten to find one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    not_,
    select,
)

from mainstay.stores.sql.query import Query, Rows, Terms, number, ordered
from mainstay.stores.sql.search import Column, Keyed, sort_terms
from mainstay.stores.sql.tables.base import PREFIX
from mainstay.stores.sql.texts import Text
from mainstay.stores.sql.walking import REACHES, Place, near, parameters

CROWDED = 2000
"""Things that share a value above which they are walked in the order of the ties."""

GATHERED = 20_000
"""Things that are read and sorted at most."""

VALUES = 16
"""Different values that are gone through one by one, for one page."""

FOREIGN = 2
"""Times as many values as things in scope, above which a glance sees too many of others."""

NUMBER, NAN, NONE = 0, 1, 2
"""The first sort term: what a thing has of the key."""


class ByValue:
    """Walks things by the values of ``keyed`` under the key of the first order."""

    def __init__(self, query: Query, keyed: Keyed, rank: Column) -> None:
        self._query = query
        self._keyed = keyed
        self._rank = rank
        self._order = query.orders[0]
        self._alone = len(query.orders) == 1

    def rows(self, connection: Connection, place: Place, most: int) -> Rows | None:
        """Return the rows of a page; None if too few of what was read pass the filter."""
        if place is not None and place[0] != NUMBER:
            return self._valueless(connection, place, most)
        begin = None if place is None else self._ranked(place[1])
        for times in REACHES:
            reach = min(most * times, GATHERED)
            end = self._edge(connection, begin, reach)
            if end is not None and self._reaches(connection, begin, end, reach + CROWDED):
                return self._value_by_value(connection, begin, place, most)
            rows = self._stretch(connection, begin, end, place, most)
            if len(rows) >= most:
                return rows
            if end is None:  # there were no more
                return self._with_valueless(connection, rows, most)
        return None

    def glance(self, connection: Connection, place: Place, most: int, crowd: int) -> Rows | None:
        """Return the rows of a page that a short stretch of the index holds, if it holds one.

        ``crowd`` things are in scope: if not many more than they have the key, a stretch of four
        times the page, most of whose values count, is less work than a look at each of them.
        """
        reach = most * REACHES[0]
        if not reach < crowd <= GATHERED // FOREIGN or (place is not None and place[0] != NUMBER):
            return None
        if self._edge(connection, None, crowd * FOREIGN) is not None:
            return None
        begin = None if place is None else self._ranked(place[1])
        end = self._edge(connection, begin, reach)
        if end is None:
            return None
        rows = self._stretch(connection, begin, end, place, most)
        return rows if len(rows) >= most else None

    # -- values that few share ---------------------------------------------------------------
    def _stretch(
        self, connection: Connection, begin: Any, end: Any, place: Place, most: int
    ) -> Rows:
        """Return the rows from one value to another, both included (None: to the end)."""

        def make() -> Select[Any]:
            fields = self._query.fields
            source, terms = sort_terms(
                fields,
                self._query.orders,
                first=self._values(begin is not None, end is not None).subquery("stretch"),
            )
            return self._query.page(source, terms, following=place is not None)

        name = ("stretch", begin is None, end is None, place is None)
        text = self._query.text(name, make)
        bounds = {"begin": begin, "end": end, "reach": GATHERED + CROWDED}
        return text.rows(connection, **parameters(place, most), **bounds)

    def _values(self, begins: bool, ends: bool) -> Select[Any]:
        keyed, up = self._keyed, self._order.ascending
        chosen = select(keyed.owner, keyed.value).where(
            keyed.key == self._order.key, keyed.value.is_not(None)
        )
        if begins:
            begin = bindparam("begin", None, type_=self._rank.type)
            chosen = chosen.where(self._rank >= begin if up else self._rank <= begin)
        if ends:
            end = bindparam("end", None, type_=self._rank.type)
            chosen = chosen.where(self._rank <= end if up else self._rank >= end)
        return chosen.order_by(*ordered([(self._rank, up)])).limit(number("reach"))

    def _edge(self, connection: Connection, begin: Any, reach: int) -> Any:
        """Return the value that many places behind another; None if there are fewer."""

        def make() -> Select[Any]:
            values = self._values(begin is not None, False)
            return values.with_only_columns(self._rank).limit(1).offset(number("reach"))

        text = self._query.text(("edge", begin is None), make)
        return text.value(connection, begin=begin, reach=reach)

    def _reaches(self, connection: Connection, begin: Any, end: Any, count: int) -> bool:
        """Tell whether more than that many values lie between two."""
        there = self._edge(connection, begin, count)
        if there is None:
            return False
        return bool(there <= end if self._order.ascending else there >= end)

    # -- values that many share --------------------------------------------------------------
    def _value_by_value(
        self, connection: Connection, begin: Any, place: Place, most: int
    ) -> Rows | None:
        value = self._edge(connection, begin, 0)
        found: list[Any] = []
        for _ in range(VALUES):
            if value is None:
                return self._with_valueless(connection, found, most)
            here = place if value == begin else None
            rows = self._of_value(connection, value, here, most - len(found))
            if rows is None:
                return None
            found += rows
            if len(found) >= most:
                return found
            value = self._next(connection, value)
        return None

    def _of_value(self, connection: Connection, value: Any, place: Place, most: int) -> Rows | None:
        short = not isinstance(value, str) or len(value) < PREFIX  # else several share a beginning
        if short and self._alone and self._reaches(connection, value, value, CROWDED):
            rows = self._past(connection, NUMBER, value, place, most)
            if rows is not None:
                return rows
        if self._reaches(connection, value, value, GATHERED):
            return None
        return self._stretch(connection, value, value, place, most)

    def _next(self, connection: Connection, value: Any) -> Any:
        """Return the value that comes behind another."""

        def make() -> Select[Any]:
            begin = bindparam("begin", None, type_=self._rank.type)
            beyond = self._rank > begin if self._order.ascending else self._rank < begin
            values = self._values(False, False).with_only_columns(self._rank)
            return values.where(beyond).limit(1)

        return self._query.text("next", make).value(connection, begin=value)

    # -- no value ----------------------------------------------------------------------------
    def _with_valueless(self, connection: Connection, rows: Rows, most: int) -> Rows | None:
        if len(rows) >= most:
            return rows
        more = self._valueless(connection, None, most - len(rows))
        return None if more is None else [*rows, *more]

    def _valueless(self, connection: Connection, place: Place, most: int) -> Rows | None:
        """Return rows whose value is NaN, then those without the key."""
        if not self._alone:
            return None
        found: list[Any] = []
        if self._keyed.nan and (place is None or place[0] == NAN):
            rows = self._past(connection, NAN, 0.0, place, most)
            if rows is None:
                return None
            found, place = list(rows), None
        if len(found) < most:
            rows = self._past(connection, NONE, None, place, most - len(found))
            if rows is None:
                return None
            found += rows
        return found

    # -- in the order of the ties ------------------------------------------------------------
    def _past(
        self, connection: Connection, state: int, value: Any, place: Place, most: int
    ) -> Rows | None:
        """Return those that have a value, in the order of the ties, walking past the others."""
        given = parameters(place, most) | {"value": value}
        following = place is not None
        for times in REACHES[1:]:
            reach = most * times
            rows = self._past_text(state, following).rows(connection, **given, reach=reach)
            if len(rows) >= most:
                return rows
            if self._past_count(following).value(connection, **given, reach=reach) < reach:
                return rows  # there were no more
        return None

    def _past_text(self, state: int, following: bool) -> Text:
        def make() -> Select[Any]:
            fields, keyed, key = self._query.fields, self._keyed, self._order.key
            kind: Any = keyed.value.type
            stretch = self._near(following).subquery("stretch")
            source = fields.source.join(stretch, stretch.c[0] == fields.identity)
            mine = (
                select(1)
                .select_from(keyed.table)
                .where(and_(keyed.owner == fields.identity, keyed.key == key))
            )
            shown: Column = literal("" if state == NONE and not keyed.nan else 0.0, kind)
            condition: ColumnElement[bool]
            match state:
                case 0:
                    shown = bindparam("value", None, type_=kind)
                    condition = exists(mine.where(keyed.value == shown))
                case 1:
                    condition = exists(mine.where(keyed.value.is_(None)))
                case _:
                    condition = not_(exists(mine))
            terms = [(literal(state), True), (shown, True), *fields.ties]
            page = self._query.page(source, fields.ties, following=False, scoped=True)
            chosen = [fields.identity, *(term for term, _ in terms)]
            return page.with_only_columns(*chosen).where(condition)

        return self._query.text(("past", state, following), make)

    def _past_count(self, following: bool) -> Text:
        def make() -> Select[Any]:
            return select(func.count()).select_from(self._near(following).subquery())

        return self._query.text(("count past", following), make)

    def _near(self, following: bool) -> Select[Any]:
        ties: Terms = self._query.fields.ties
        return near(self._query, ties, following=following, start=2)

    def _ranked(self, value: Any) -> Any:
        return value[:PREFIX] if isinstance(value, str) else value
