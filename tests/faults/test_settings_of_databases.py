"""A database that is set to forget is refused at the start."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

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
