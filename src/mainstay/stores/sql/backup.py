"""Copy a database while it is in use, check the copy, and put one back.

SQLite: its online backup, one snapshot, then a full check of the copy. PostgreSQL: ``pg_dump`` and
``pg_restore`` in their own format.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from mainstay import killpoints
from mainstay.entities.artifacts import UploadedFile
from mainstay.errors import AlreadyExists, BadInput, MainstayError, NotFound
from mainstay.stores.sql import artifacts, driver, schema, upkeep
from mainstay.stores.sql.database import find_path, shown
from mainstay.stores.sql.failures import translate
from mainstay.stores.sql.fingerprint import TablePrint, fingerprint
from mainstay.stores.sql.tables.artifacts import artifact_files


class Held(NamedTuple):
    """What a database holds: its schema, its rows, and the files that it knows of."""

    schema: str | None
    tables: dict[str, TablePrint]
    files: list[UploadedFile]


class Copy(NamedTuple):
    """A copy of a database, and what it holds."""

    file: Path
    held: Held


SQLITE_FILE, DUMP_FILE = "mainstay.db", "mainstay.dump"
_BLOCK = 1 << 20


def copy_out(uri: str, folder: Path) -> Copy:
    """Copy the database into ``folder``: one snapshot, whole, checked and flushed.

    Raises:
        NotFound: there is no such database, or no ``pg_dump``. MainstayError: the copy is damaged.
    """
    url = driver.parse(uri)
    name = SQLITE_FILE if url.drivername == "sqlite" else DUMP_FILE
    partial, final = folder / f".{name}.part", folder / name
    partial.unlink(missing_ok=True)
    if url.drivername == "sqlite":
        _copy_sqlite(uri, partial)
        # Compared by what is in the copy, so that the copy is what was looked at.
        held = look(f"sqlite:///{partial.absolute()}")
    else:
        held = _dump(url, partial)
    _flush(partial)
    killpoints.reach("backup.copied")
    partial.rename(final)
    _flush(folder)
    return Copy(final, held)


def look(uri: str) -> Held:
    """Return what a database holds now. Raises: NotFound."""
    with upkeep.open_connection(uri, writer=False) as connection, connection.begin():
        return _held(connection)


def _held(connection: Connection) -> Held:
    files: list[UploadedFile] = []
    prints = fingerprint(connection)
    if artifact_files.name in prints:
        files = artifacts.files_under(connection, "")
    return Held(schema.current(connection), prints, files)


def copy_in(file: Path, uri: str) -> None:
    """Fill the empty database at ``uri`` from a copy.

    Raises:
        AlreadyExists: there is something there. NotFound: no ``pg_restore``. BadInput: the copy is
        of another kind of database.
    """
    url = driver.parse(uri)
    if (url.drivername == "sqlite") != (file.name == SQLITE_FILE):
        kind = "SQLite" if file.name == SQLITE_FILE else "PostgreSQL"
        raise BadInput(f"{file} is of {kind}; restore it to a database of that kind, not {uri}")
    if url.drivername == "sqlite":
        _place_sqlite(file, uri)
    else:
        _restore(url, file)


def sha256(file: Path) -> str:
    """Return the digest of a file as hex."""
    state = hashlib.sha256()
    with file.open("rb") as reader:
        while block := reader.read(_BLOCK):
            state.update(block)
    return state.hexdigest()


def _copy_sqlite(uri: str, destination: Path) -> None:
    path = find_path(driver.parse(uri))
    if path is None or not path.exists():
        raise NotFound(f"there is no database at {path or uri}")
    source = driver.open_plain(path)
    copy = driver.open_plain(destination)
    try:
        source.backup(copy)
        # A copy is one file: nothing of it may wait in a log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        answers = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
    except driver.SqliteError as error:
        raise MainstayError(f"the database {shown(uri)} cannot be copied: {error}") from error
    finally:
        copy.close()
        source.close()
    if answers != ["ok"]:
        destination.unlink()
        raise MainstayError(
            f"the database {shown(uri)} is damaged, and so would be its copy: {'; '.join(answers)}"
        )


def _place_sqlite(file: Path, uri: str) -> None:
    path = find_path(driver.parse(uri))
    if path is None:
        raise BadInput(f"{uri!r} is a database in memory; give one in a file")
    if path.exists():
        raise AlreadyExists(f"{path} is there already; move it away, or restore to another file")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    shutil.copyfile(file, partial)
    _flush(partial)
    for rest in ("-wal", "-shm"):  # of a database that was here before
        path.with_name(path.name + rest).unlink(missing_ok=True)
    partial.rename(path)
    _flush(path.parent)


def _dump(url: URL, destination: Path) -> Held:
    """Dump a snapshot that this process looks at too, so that both see the same."""
    engine = driver.postgres_engine(url).execution_options(isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection, connection.begin():
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            options = ["--format=custom", "--no-owner", "--no-privileges"]
            options += [f"--snapshot={snapshot}", f"--file={destination}"]
            _run("pg_dump", url, [*options, _address(url)])
            return _held(connection)
    except DBAPIError as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def _restore(url: URL, file: Path) -> None:
    engine = driver.postgres_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
            if connection.execute(text(query)).scalar():
                raise AlreadyExists(
                    f"the database {shown(str(url.render_as_string(False)))} holds tables already; "
                    "create an empty one to restore to"
                )
    finally:
        engine.dispose()
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run("pg_restore", url, [*options, f"--dbname={_address(url)}", str(file)])


def _run(program: str, url: URL, arguments: list[str]) -> None:
    found = shutil.which(program) or _installed(program)
    if found is None:
        raise NotFound(
            f"{program} is not installed here; it comes with PostgreSQL's client programs "
            "(apt-get install postgresql-client), of the server's version or newer"
        )
    # The password goes by the environment: arguments can be read by anybody on the machine.
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(
        [found, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise MainstayError(f"{program} failed: {done.stderr.strip()}")


def _installed(program: str) -> str | None:
    """Debian keeps the programs of each version in a folder of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    return str(found[0]) if found else None


def _address(url: URL) -> str:
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
