"""Compile filter trees and orders to SQL, for every kind of thing.

Quirks kept from MLflow: ``!=`` on a tag, parameter or metric
matches only what has the key; NaN sorts behind every number and a missing value behind NaN, in
both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    collate,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from mainstay import filters
from mainstay.filters import All, AnyOf, Comparison, EntitySpec, Not, Order, Tree
from mainstay.stores.sql.tables.base import PREFIX

Column = ColumnElement[Any]


class Keyed(msgspec.Struct, frozen=True, kw_only=True):
    """A table of keys and values that belong to the thing searched.

    ``owner`` refers to the thing's ``identity``. ``nan`` says that a NULL value means NaN.
    ``indexed`` says that an index on (key, first characters of value) exists. Where one key has
    several rows, ``newest`` is a selection of one row a key with the same column names, to sort by.
    ``ordered`` says that an index on (key, value) exists.
    """

    table: FromClause
    owner: Column
    key: Column
    value: Column
    newest: FromClause | None = None
    nan: bool = False
    indexed: bool = False
    ordered: bool = False

    @property
    def rank(self) -> Column | None:
        """What the index holds of a value, in the order of values; None if there is no index."""
        if self.indexed:
            # As the index has it: with numbers, not with parameters.
            return func.substr(self.value, literal_column("1"), literal_column(str(PREFIX)))
        return self.value if self.ordered else None


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """How the fields of an ``EntitySpec`` are found in the tables.

    ``identity`` is the column that keyed tables refer to and that a page consists of.
    ``source`` is the table (or join) that is searched. ``ties`` (column, ascending) ends every
    order and must be unique together. ``walked`` are the attributes that an index is in the order
    of, as one is in the order of the ties. ``special`` compiles the kinds that are neither
    attributes nor keyed.
    """

    spec: EntitySpec
    source: FromClause
    identity: Column
    attributes: Mapping[str, Column]
    keyed: Mapping[str, Keyed]
    ties: tuple[tuple[Column, bool], ...]
    sortable: Mapping[str, Column] = {}
    walked: frozenset[str] = frozenset()
    special: Mapping[str, Callable[[Comparison, str], ColumnElement[bool]]] = {}


def compile_filter(
    tree: Tree, fields: Fields, *, dialect: str, probing: bool = False
) -> ColumnElement[bool]:
    """Return the condition that a tree means.

    ``probing`` asks each thing for its values, which suits few things; otherwise the planner may
    start from the index on what is compared.
    """

    def compiled(item: Tree) -> ColumnElement[bool]:
        return compile_filter(item, fields, dialect=dialect, probing=probing)

    match tree:
        case All(items):
            return and_(true(), *map(compiled, items))
        case AnyOf(items):
            return or_(*map(compiled, items))
        case Not(item):
            # A comparison with a missing value is unknown in SQL; here it does not match.
            return not_(func.coalesce(compiled(item), false()))
        case Comparison():
            return _comparison(tree, fields, dialect, probing=probing)


def compare(column: Column, comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    """Return the condition that compares a column as asked."""
    operator, values = comparison.operator, comparison.values
    match operator:
        case "IS NULL":
            return column.is_(None)
        case "IS NOT NULL":
            return column.is_not(None)
        case "IN":
            return column.in_([_literal(value, column) for value in values])
        case "NOT IN":
            return column.not_in([_literal(value, column) for value in values])
        case "LIKE" | "ILIKE":
            return _like(column, str(values[0]), dialect, folded=operator == "ILIKE")
        case _:
            return column.bool_op(operator)(_literal(values[0], column))


def _comparison(
    comparison: Comparison, fields: Fields, dialect: str, *, probing: bool
) -> ColumnElement[bool]:
    kind, key = comparison.kind, comparison.key
    if kind in fields.special:
        return fields.special[kind](comparison, dialect)
    if kind == "attribute":
        return compare(fields.attributes[key], comparison, dialect)
    keyed = fields.keyed[kind]
    mine = and_(keyed.owner == fields.identity, keyed.key == key)
    if comparison.operator == "IS NULL":
        return ~exists(select(1).select_from(keyed.table).where(mine))
    if comparison.operator == "IS NOT NULL":
        return exists(select(1).select_from(keyed.table).where(mine))
    condition = _of_value(keyed, comparison, dialect)
    ranged = comparison.operator in ("=", "<", "<=", ">", ">=")
    if ranged and not probing and (keyed.indexed or keyed.nan):
        # Uncorrelated, so that the planner may start from the index on (key, value).
        found = select(keyed.owner).select_from(keyed.table).where(keyed.key == key, condition)
        return fields.identity.in_(found)
    return exists(select(1).select_from(keyed.table).where(mine, condition))


def starts(tree: Tree, fields: Fields, *, dialect: str) -> list[Select[Any]]:
    """Return selections of the owners that one condition leaves, each read from an index.

    What the tree leaves is part of every one of them.
    """
    found = []
    for item in tree.items if isinstance(tree, All) else (tree,):
        keyed = fields.keyed.get(item.kind) if isinstance(item, Comparison) else None
        if keyed is None or keyed.rank is None or not isinstance(item, Comparison):
            continue
        if item.operator == "=" or (keyed.ordered and item.operator in ("<", "<=", ">", ">=")):
            condition = _of_value(keyed, item, dialect)
            found.append(select(keyed.owner).where(keyed.key == item.key, condition))
    return found


def _of_value(keyed: Keyed, comparison: Comparison, dialect: str) -> ColumnElement[bool]:
    """Return the condition on a value that is there."""
    condition = compare(keyed.value, comparison, dialect)
    if keyed.nan and comparison.operator in ("!=", "NOT IN"):
        return or_(condition, keyed.value.is_(None))
    if comparison.operator == "=" and keyed.indexed and keyed.rank is not None:
        start = keyed.rank == str(comparison.values[0])[:PREFIX]
        # What the index has of a short value is all of it.
        return start if len(str(comparison.values[0])) < PREFIX else and_(start, condition)
    return condition


def _literal(value: filters.Value, column: Column) -> Column:
    """Return a value to compare with a column; a fraction stays one beside whole numbers."""
    return literal(value, Double() if isinstance(value, float) else column.type)


def _like(column: Column, pattern: str, dialect: str, *, folded: bool) -> ColumnElement[bool]:
    if dialect == "postgresql":
        # MLflow's patterns know no escape; PostgreSQL would read a backslash as one.
        pattern = pattern.replace("\\", "\\\\")
        if folded:
            return func.lower(collate(column, "default")).like(pattern.lower())
        return column.like(pattern)
    return (func.mainstay_lower(column) if folded else column).like(
        pattern.lower() if folded else pattern
    )


def sort_terms(
    fields: Fields, orders: Sequence[Order], *, first: FromClause | None = None
) -> tuple[FromClause, list[tuple[Column, bool]]]:
    """Return what to select from and the sort terms, none of which is ever NULL.

    ``first`` stands for the table of the first order: a part of it, of that key, in which every
    value is a number. The terms mean the same.
    """
    source = fields.source
    terms: list[tuple[Column, bool]] = []
    for number, order in enumerate(orders):
        if order.kind == "attribute":
            column = {**fields.attributes, **fields.sortable}[order.key]
            if getattr(column, "nullable", True) is False:
                terms.append((column, order.ascending))
                continue
            missing: Column = case((column.is_(None), 1), else_=0)
        else:
            keyed = fields.keyed[order.kind]
            if first is not None and number == 0:
                source = source.join(first, first.c[str(keyed.owner.key)] == fields.identity)
                terms.append((literal(0), True))
                terms.append((first.c[str(keyed.value.key)], order.ascending))
                continue
            table = (keyed.table if keyed.newest is None else keyed.newest).alias(f"sort_{number}")
            owner, key, column = (
                table.c[str(column.key)] for column in (keyed.owner, keyed.key, keyed.value)
            )
            source = source.outerjoin(table, and_(owner == fields.identity, key == order.key))
            missing = case((owner.is_(None), 2), (column.is_(None), 1), else_=0)
        empty: Any = "" if isinstance(column.type, String) else 0
        terms.append((missing, True))
        terms.append((func.coalesce(column, literal(empty, column.type)), order.ascending))
    known = {id(term) for term, _ in terms}  # sorted by already; the ties stay unique
    return source, [*terms, *(tie for tie in fields.ties if id(tie[0]) not in known)]


def kind_of(term: Column) -> type:
    """Return the Python type of a sort term's values."""
    if isinstance(term.type, String):
        return str
    return int if isinstance(term.type, Integer) else float


def after(terms: Sequence[tuple[Column, bool]], place: Sequence[Column]) -> ColumnElement[bool]:
    """Return the condition that a row comes after a place in the order of the terms."""
    condition: ColumnElement[bool] = false()
    for (term, ascending), bound in zip(reversed(terms), reversed(place), strict=True):
        beyond = term > bound if ascending else term < bound
        condition = or_(beyond, and_(term == bound, condition))
    (first, ascending), bound = terms[0], place[0]
    # Said twice, so that an index on the first term can be entered at the right place.
    return and_(first >= bound if ascending else first <= bound, condition)
