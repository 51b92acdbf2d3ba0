"""Which keys were ever logged in an experiment: what a search box offers while somebody types.

Kept as written, so that the answer costs what it shows and not what the experiment holds. A key
stays when the last run that has it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from sqlalchemy import Connection

from mainstay.entities.metrics import KeyKind
from mainstay.errors import BadInput
from mainstay.stores.sql.statements import Statement, among

MOST = 10_000
"""Keys of an answer."""

_NOTE = Statement(
    "INSERT INTO experiment_keys (experiment, kind, key) SELECT ?, ?, value FROM {listed} "
    "WHERE true ON CONFLICT (experiment, kind, key) DO NOTHING"
)
_NOTE_OF_RUN = Statement(
    "INSERT INTO experiment_keys (experiment, kind, key) SELECT experiment, ?, value "
    "FROM runs, {listed} WHERE runs.id = ? ON CONFLICT (experiment, kind, key) DO NOTHING"
)
_FIND = Statement(
    "SELECT DISTINCT key FROM experiment_keys WHERE experiment {among} AND kind = ? "
    "AND key >= ? AND key < ? ORDER BY key LIMIT ?"
)
_HIGHEST = chr(0x10FFFF)
"""Behind every character that a key may hold."""


def note(connection: Connection, experiment: int, kind: KeyKind, keys: Iterable[str]) -> None:
    """Remember keys that are written in an experiment; in order, so that writers do not cross."""
    if listed := sorted(keys):
        _NOTE.run(connection, experiment, kind, among(connection, listed))


def note_of_run(connection: Connection, run: int, kind: KeyKind, keys: Iterable[str]) -> None:
    """The same, where only the number of a run is known."""
    if listed := sorted(keys):
        _NOTE_OF_RUN.run(connection, kind, among(connection, listed), run)


def find(
    connection: Connection, experiments: Sequence[int], kind: KeyKind, *, prefix: str, limit: int
) -> list[str]:
    """Return the first keys, in order, that begin with a prefix. Raises: BadInput."""
    if kind not in get_args(KeyKind):  # a value that came past the type
        raise BadInput(f"{kind!r} is not a kind of key; use metric, param or tag")
    if not 1 <= limit <= MOST:
        raise BadInput(f"limit must be from 1 to {MOST}, not {limit}")
    if "\x00" in prefix:
        return []
    end = prefix + _HIGHEST
    listed = among(connection, experiments)
    return [row[0] for row in _FIND.rows(connection, listed, kind, prefix, end, limit)]
