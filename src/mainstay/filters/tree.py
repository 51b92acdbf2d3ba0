"""What a filter says, as a tree."""

from __future__ import annotations

from typing import Literal

import msgspec

FieldKind = Literal["metric", "param", "tag", "attribute", "dataset"]
ValueKind = Literal["text", "number"]
Value = str | int | float


class Comparison(msgspec.Struct, frozen=True, kw_only=True, tag="comparison"):
    """One condition; ``values`` is empty for IS NULL, longer than one only for IN."""

    kind: FieldKind
    key: str
    operator: str
    values: tuple[Value, ...] = ()


class All(msgspec.Struct, frozen=True, tag="all"):
    """Every one of these; of none: true."""

    items: tuple[Tree, ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    """At least one of these."""

    items: tuple[Tree, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """Not this."""

    item: Tree


Tree = Comparison | All | AnyOf | Not

EVERYTHING = All(())


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One field to sort by."""

    kind: FieldKind
    key: str
    ascending: bool = True
