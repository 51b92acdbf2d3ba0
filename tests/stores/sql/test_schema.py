"""A database is created, recognised, upgraded or refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from mainstay.errors import BadInput, DatabaseMismatch, MainstayError, Unavailable
from mainstay.stores.sql import driver, schema, upkeep
from mainstay.stores.sql.database import Database
from tests.support.postgres import Cluster


def clauses(sql: str) -> list[str]:
    """Return the clauses of a statement; the order of a table's constraints means nothing."""
    start, _, rest = " ".join(sql.split()).partition(" (")
    body, _, end = rest.rpartition(")")
    columns, *constraints = body.strip().split(", CONSTRAINT ")
    return [start, columns, *sorted(constraints), end]


def structure(connection: Connection) -> dict[str, Any]:
    """Return everything the database knows of its tables."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(
            text("SELECT name, type, tbl_name, sql FROM sqlite_master ORDER BY type, name")
        )
        return {f"{row[1]} {row[0]}": (row[2], clauses(row[3] or "")) for row in rows}
    queries = {
        "columns": "SELECT table_name, column_name, data_type, collation_name, is_nullable, "
        "column_default, ordinal_position FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY 1, 7",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
        "ORDER BY 1",
        "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, 1",
    }
    return {
        name: [tuple(row) for row in connection.execute(text(query))]
        for name, query in queries.items()
    }


def read_structure(uri: str) -> dict[str, Any]:
    database = Database(uri)
    with database.read() as connection:
        found = structure(connection)
        default = connection.execute(
            text("SELECT id, name, artifact_location, lifecycle_stage FROM experiments")
        ).all()
    database.close()
    return {**found, "default": [tuple(row) for row in default]}


def test_a_created_database_equals_a_migrated_one_on_sqlite(tmp_path: Path) -> None:
    created, migrated = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    assert upkeep.upgrade(migrated) == (None, schema.HEAD)
    assert read_structure(created) == read_structure(migrated)


def test_a_created_database_equals_a_migrated_one_on_postgresql(postgres_cluster: Cluster) -> None:
    created, migrated = postgres_cluster.create_database(), postgres_cluster.create_database()
    assert upkeep.upgrade(migrated) == (None, schema.HEAD)
    found = read_structure(created)
    assert len(found["columns"]) > 100
    assert found == read_structure(migrated)
    postgres_cluster.drop_database(created)
    postgres_cluster.drop_database(migrated)


def test_the_known_schemas_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [schema.HEAD]
    oldest_first = reversed([script.revision for script in scripts.walk_revisions()])
    assert tuple(oldest_first) == schema.KNOWN


def test_upgrading_a_current_database_changes_nothing(database_uri: str) -> None:
    before = read_structure(database_uri)
    assert upkeep.upgrade(database_uri) == (schema.HEAD, schema.HEAD)
    assert read_structure(database_uri) == before
    assert upkeep.check(database_uri).healthy


def test_a_newer_database_is_refused_in_one_paragraph(database_uri: str) -> None:
    database = Database(database_uri)
    database.write(
        lambda connection: (
            connection.execute(schema.stamp.update().values(version_num="9999")).rowcount
        )
    )
    database.close()
    with pytest.raises(DatabaseMismatch, match=r"9999, which is newer.*Install") as refused:
        Database(database_uri)
    assert "\n" not in refused.value.message
    with pytest.raises(DatabaseMismatch, match="newer"):
        upkeep.upgrade(database_uri)
    assert "install a newer mainstay" in upkeep.check(database_uri).problems[0]


def test_an_older_database_is_told_to_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "HEAD", "0002")
    with pytest.raises(DatabaseMismatch, match=r"mainstay db upgrade sqlite:///x\.db"):
        schema.check("0001", uri="sqlite:///x.db")


def test_a_strangers_database_is_left_alone(database_uri: str) -> None:
    url = driver.parse(database_uri)
    engine = (
        driver.sqlite_engine(Path(str(url.database)), writer=True)
        if url.drivername == "sqlite"
        else driver.postgres_engine(url)
    )
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
    with pytest.raises(DatabaseMismatch, match=r"not mainstay's \(alembic_version"):
        Database(database_uri)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0
    engine.dispose()


def test_a_failed_upgrade_leaves_an_empty_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = f"sqlite:///{tmp_path}/a.db"

    def migrate_then_die(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise MainstayError("stopped half way")

    monkeypatch.setattr(schema, "_migrate", migrate_then_die)
    with pytest.raises(MainstayError, match="half way"):
        upkeep.upgrade(uri)
    monkeypatch.undo()
    assert upkeep.upgrade(uri) == (None, schema.HEAD)
    assert upkeep.check(uri).healthy


def test_opening_a_database_imports_no_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from mainstay.stores.sql.database import Database; "
        f"Database('sqlite:///{tmp_path}/a.db').close(); "
        "sys.exit('alembic' in sys.modules or 'numpy' in sys.modules)"
    )
    for _ in ("created", "opened again"):
        assert subprocess.run([sys.executable, "-c", program]).returncode == 0


@pytest.mark.parametrize(
    ("uri", "error", "message"),
    [
        ("mysql://x/y", BadInput, "'mysql' databases are not spoken here"),
        ("no address", BadInput, "not a database address"),
        ("sqlite:////no/such/folder/x.db", BadInput, "folder /no/such/folder does not exist"),
        ("postgresql://x@127.0.0.1:1/x", Unavailable, "does not answer"),
    ],
)
def test_a_bad_address_is_explained(uri: str, error: type[MainstayError], message: str) -> None:
    with pytest.raises(error, match=message):
        Database(uri)


def test_a_file_that_is_no_database_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("this is a text, and long enough to look like a header")
    with pytest.raises(MainstayError, match="cannot be read: file is not a database"):
        Database(f"sqlite:///{tmp_path}/a.db")


def test_the_password_is_not_shown() -> None:
    from mainstay.stores.sql.database import shown

    assert shown("postgres://me:secret@host/db") == "postgresql://me:***@host/db"
