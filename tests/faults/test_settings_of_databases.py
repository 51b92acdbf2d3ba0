"""A database that is set to forget is refused at the start; a log is checkpointed by one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

import mainstay
from mainstay.errors import MainstayError
from mainstay.stores.sql.database import Database


def test_a_postgresql_that_forgets_commits_is_refused(postgres_uri: str) -> None:
    Database(postgres_uri).close()
    engine = create_engine(
        postgres_uri.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    name = postgres_uri.rpartition("/")[2]
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        with pytest.raises(MainstayError, match="synchronous_commit turned off"):
            Database(postgres_uri)
        connection.execute(text(f"ALTER DATABASE {name} RESET synchronous_commit"))
    engine.dispose()
    Database(postgres_uri).close()


def test_only_the_writing_connection_checkpoints(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a.db")

    def settings(connection: Connection) -> list[object]:
        names = ("wal_autocheckpoint", "mmap_size", "query_only")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]

    assert database.write(settings) == [1000, 0, 0]
    with database.read() as first, database.read() as second:
        assert settings(first) == settings(second) == [0, 0, 1]
    database.close()
    # Nobody else says anything about it.
    package = Path(mainstay.__file__).parent
    speaks = re.compile(r"wal_checkpoint|wal_autocheckpoint|mmap_size")
    found = {path for path in package.rglob("*.py") if speaks.search(path.read_text())}
    assert found == {package / "stores" / "sql" / "driver.py"}
