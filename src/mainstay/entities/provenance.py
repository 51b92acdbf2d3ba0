"""How two versions differ, and the card of one."""

from __future__ import annotations

from typing import Literal

import msgspec


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not the same; None where one side has none."""

    key: str
    before: float | str | None = None
    after: float | str | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions; empty lists where nothing does.

    ``compatible``: whoever calls the first can call the second unchanged; ``breaks`` says why not;
    None where a signature is missing. ``environment`` says what packages were read from: the
    ``lock`` (the whole closure) or the ``requirements``.
    """

    before: str
    after: str
    same_files: bool | None
    params: list[Change]
    metrics: list[Change]
    data: list[Change]
    code: list[Change]
    packages: list[Change]
    environment: Literal["lock", "requirements"]
    compatible: bool | None
    breaks: list[str]
    notes: list[str]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of text under heads."""

    columns: list[str]
    rows: list[list[str]]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a card. ``editable`` ones hold what people wrote; the rest is made anew."""

    key: str
    title: str
    text: str = ""
    table: Table | None = None
    editable: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The card of a version: what is known of it, on a page."""

    name: str
    version: int
    sections: list[Section]
