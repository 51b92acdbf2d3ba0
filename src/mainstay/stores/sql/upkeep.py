"""Look after a database from outside: upgrade it, and check that it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Connection, Engine, inspect, text

from mainstay.errors import NotFound
from mainstay.stores.sql import driver, schema, stats
from mainstay.stores.sql.database import find_path, shown
from mainstay.stores.sql.failures import translate
from mainstay.stores.sql.tables import metadata


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; ``problems`` is empty for a healthy database."""

    uri: str
    schema: str | None
    expected: str
    problems: list[str]

    @property
    def healthy(self) -> bool:
        """Whether the database can be used as it is."""
        return not self.problems


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an upgrade would do: its steps in order, in words; none where nothing is to be done."""

    uri: str
    before: str | None
    after: str
    steps: list[str]
    rows: int


def plan(uri: str) -> Plan:
    """Return what ``upgrade`` would do; change nothing.

    Raises:
        NotFound: there is no such database. DatabaseMismatch: as ``upgrade``.
    """
    with open_connection(uri, writer=False) as connection, connection.begin():
        before = schema.current(connection)
        if before is None:
            schema.refuse_strangers(connection, uri=shown(uri))
        elif before not in schema.KNOWN:
            schema.check(before, uri=shown(uri))
        rows = sum(stats.count_rows(connection).values())
    steps = schema.steps(before)
    return Plan(uri=shown(uri), before=before, after=schema.HEAD, steps=steps, rows=rows)


def require(uri: str) -> None:
    """See that a mainstay database is there, since opening one to write would make it.

    Raises:
        NotFound: there is none, or it is empty. DatabaseMismatch: it is somebody else's.
    """
    with open_connection(uri, writer=False) as connection, connection.begin():
        if schema.current(connection) is None:
            schema.refuse_strangers(connection, uri=shown(uri))
            raise NotFound(f"the database {shown(uri)} is empty; is it the right one?")


def upgrade(uri: str) -> tuple[str | None, str]:
    """Upgrade a database; return its schema before (None: it was empty) and after.

    Raises:
        DatabaseMismatch: it is newer than this program, or not a mainstay database.
    """
    with open_connection(uri, writer=True) as connection:
        return schema.upgrade(connection, uri=shown(uri))


def needs_upgrade(uri: str) -> bool:
    """Tell whether ``upgrade`` would change tables that are there. Raises: NotFound."""
    with open_connection(uri, writer=False) as connection, connection.begin():
        return schema.current(connection) not in (None, schema.HEAD)


def check(uri: str) -> Condition:
    """Compare schema and content with what they must be; change nothing.

    Raises:
        NotFound: there is no such database.
    """
    with open_connection(uri, writer=False) as connection, connection.begin():
        found = schema.current(connection)
        problems = _problems(connection, found)
    return Condition(uri=shown(uri), schema=found, expected=schema.HEAD, problems=problems)


def _problems(connection: Connection, found: str | None) -> list[str]:
    problems = []
    if connection.dialect.name == "sqlite":
        answers = [row[0] for row in connection.execute(text("PRAGMA integrity_check(20)"))]
        problems += [f"integrity: {answer}" for answer in answers if answer != "ok"]
        for row in connection.execute(text("PRAGMA foreign_key_check")).fetchmany(20):
            problems.append(f"{row[0]}: row {row[1]} refers to a missing row of {row[2]}")
    if found is None:
        return [*problems, "it is not a mainstay database (it has no schema stamp)"]
    if found != schema.HEAD:
        known = found in schema.KNOWN
        advice = "run: mainstay db upgrade" if known else "install a newer mainstay"
        return [*problems, f"its schema is {found}, not {schema.HEAD}; {advice}"]
    return problems + _missing(connection)


def _missing(connection: Connection) -> list[str]:
    there = set(inspect(connection).get_table_names())
    return [f"table {name} is missing" for name in sorted(set(metadata.tables) - there)]


@contextmanager
def open_connection(uri: str, *, writer: bool) -> Iterator[Connection]:
    """Yield a connection, whatever schema the database has. Raises: NotFound, Unavailable."""
    engine = _engine(uri, writer=writer)
    try:
        with engine.connect() as connection:
            yield connection
    except Exception as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def _engine(uri: str, *, writer: bool) -> Engine:
    url = driver.parse(uri)
    if url.drivername != "sqlite":
        return driver.postgres_engine(url)
    path = find_path(url)
    if path is None:
        raise NotFound(f"{uri!r} is a database in memory; give one in a file")
    if not writer and not path.exists():
        raise NotFound(f"there is no database at {path}")
    return driver.sqlite_engine(path, writer=writer)
