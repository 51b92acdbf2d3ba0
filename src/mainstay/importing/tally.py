"""Counts and hashes of two sides, kind by kind, and what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from mainstay.entities.digests import canonical
from mainstay.stores.sql.chunks import Point, encode

KINDS = (
    "experiments",
    "experiment tags",
    "runs",
    "params",
    "tags",
    "points",
    "data sets",
    "model links",
    "logged models",
    "registered models",
    "versions",
    "aliases",
    "files",
)
SHOWN = 20


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One kind: how many there are in the source and here, and the SHA-256 of each side."""

    kind: str
    source: int
    imported: int
    source_hash: str
    imported_hash: str

    @property
    def equal(self) -> bool:
        """Whether both sides are the same, record by record."""
        return self.source == self.imported and self.source_hash == self.imported_hash


class Tally:
    """Takes records in pairs. What is only here, from before or from others, is not looked at."""

    def __init__(self) -> None:
        self._sides = {kind: (_Side(), _Side()) for kind in KINDS}
        self.differences: list[str] = []
        self.different = 0

    def pair(self, kind: str, there: Any, here: Any | None, what: str) -> None:
        """Take one record of the source and its counterpart; None if there is none."""
        left = canonical(there)
        right = None if here is None else canonical(here)
        self._sides[kind][0].add(left, 1)
        if right is not None:
            self._sides[kind][1].add(right, 1)
        if left != right:
            self._differ(f"{what}: {'is not here' if right is None else _seen(left, right)}")

    def pairs(self, kind: str, there: dict[str, Any], here: dict[str, Any], what: str) -> None:
        """Take records with keys; those that only are here are passed over."""
        for key in sorted(there):
            value = here.get(key)
            line = None if value is None else [what, key, value]
            self.pair(kind, [what, key, there[key]], line, f"{kind[:-1]} {key!r} of {what}")

    def points(self, there: Sequence[Point], here: Sequence[Point], what: str) -> None:
        """Take sorted points of one series; ``here`` are those of them that were found."""
        self._sides["points"][0].add(what.encode() + _bytes(there), len(there))
        if here:
            self._sides["points"][1].add(what.encode() + _bytes(here), len(here))
        if len(there) != len(here):
            self._differ(f"{len(there) - len(here)} points of {what} are not here")

    def rows(self) -> list[Row]:
        """Return the kinds that the source has anything of."""
        return [
            Row(
                kind=kind,
                source=left.count,
                imported=right.count,
                source_hash=left.hexdigest(),
                imported_hash=right.hexdigest(),
            )
            for kind, (left, right) in self._sides.items()
            if left.count or right.count
        ]

    def _differ(self, sentence: str) -> None:
        self.different += 1
        if len(self.differences) < SHOWN:
            self.differences.append(sentence)


class _Side:
    def __init__(self) -> None:
        self.count = 0
        self._state = hashlib.sha256()

    def add(self, record: bytes, count: int) -> None:
        self.count += count
        # The length first, so that no two lists of records read alike.
        self._state.update(len(record).to_bytes(8, "little") + record)

    def hexdigest(self) -> str:
        return self._state.hexdigest()


def _bytes(points: Sequence[Point]) -> bytes:
    # SQLite keeps no sign of a zero: -0.0 + 0.0 is 0.0.
    return encode([(timestamp, step, value + 0.0) for timestamp, step, value in points])


def _seen(left: bytes, right: bytes) -> str:
    there, here = (side.decode(errors="replace") for side in (left, right))
    start = next((at for at, (a, b) in enumerate(zip(there, here, strict=False)) if a != b), 0)
    start = max(start - 20, 0)
    return f"…{there[start : start + 60]}… there, …{here[start : start + 60]}… here"
