"""The tables of an MLflow database: which are there, and which a reader cannot do without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    func,
    inspect,
    literal,
    null,
    select,
)
from sqlalchemy import table as sql_table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mainstay import uris
from mainstay.errors import BadInput, Unavailable
from mainstay.importing.source import fitting
from mainstay.importing.sqlite import sqlite
from mainstay.stores.sql import driver
from mainstay.stores.sql.database import find_path, shown

NEEDED = {
    "experiments": {"experiment_id", "name", "artifact_location", "lifecycle_stage"},
    "runs": {"run_uuid", "experiment_id", "status", "start_time", "end_time", "lifecycle_stage"},
    "metrics": {"key", "value", "timestamp", "step", "run_uuid", "is_nan"},
    "params": {"key", "value", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
}
"""Without these nothing can be read. MLflow has had them since 1.4."""

TABLES = (
    *NEEDED,
    "experiment_tags",
    "datasets",
    "inputs",
    "input_tags",
    "logged_models",
    "logged_model_params",
    "logged_model_tags",
    "logged_model_metrics",
    "registered_models",
    "registered_model_tags",
    "registered_model_aliases",
    "model_versions",
    "model_version_tags",
)
"""What is read where it is there; 2.x has no logged models, early 2.x no data sets."""

WORKSPACE = "default"
AT_ONCE = 5_000


class Layout:
    """An open MLflow database, read in one snapshot.

    Raises:
        BadInput: it is not a database of MLflow, or one whose schema is not known.
        Unavailable: it does not answer.
    """

    def __init__(self, uri: str) -> None:
        self.name = shown(uri)
        self.folder: Path | None = None
        self._engine = self._open(uri)
        try:
            with _explained(self.name):
                self.connection: Connection = self._engine.connect()
                self.connection.begin()
                self._tables = self._reflect()
                self.revision = self._revision()
        except BaseException:
            self._engine.dispose()
            raise

    def has(self, table: str) -> bool:
        """Tell whether the table is there."""
        return table in self._tables

    def table(self, name: str) -> Table:
        """Return a table as the database has it."""
        return self._tables[name]

    def column(self, table: str, name: str, default: object = None) -> ColumnElement[Any]:
        """Return a column, or a constant under its name where this schema lacks it."""
        found = self._tables[table].c.get(name)
        if isinstance(found, Column):
            return found
        return (null() if default is None else literal(default)).label(name)

    def workspace(self, table: str) -> ColumnElement[Any]:
        """Return the column of the workspace; schemas before 3.10 have one workspace."""
        return self.column(table, "workspace", WORKSPACE)

    def count_of(self, name: str) -> int:
        """Return how many rows a table has that is not read; 0 where it is not there."""
        if not inspect(self.connection).has_table(name):
            return 0
        table = sql_table(name)
        return int(self.connection.execute(select(func.count()).select_from(table)).scalar() or 0)

    def pairs(
        self, table: str, owner: str, ids: Sequence[Any] | None, key: str, value: str
    ) -> dict[Any, dict[str, str]]:
        """Return the keys and values of each owner; of all owners where ``ids`` is None."""
        found: dict[Any, dict[str, str]] = {}
        if not self.has(table):
            return found
        columns = self._tables[table].c
        query = select(columns[owner], columns[key], columns[value])
        query = query.order_by(columns[owner], columns[key])
        for part in self.parts(ids) if ids is not None else (None,):
            chosen = query if part is None else query.where(columns[owner].in_(part))
            for one, name, text in self.connection.execute(chosen):
                found.setdefault(one, {})[fitting(name)] = fitting(text)
        return found

    @staticmethod
    def parts(ids: Sequence[Any]) -> Iterator[list[Any]]:
        """Yield ids in lists that one statement takes."""
        for start in range(0, len(ids), AT_ONCE):
            yield list(ids[start : start + AT_ONCE])

    def places(self, uri: str) -> list[str]:
        """Return where an artifact root may be: MLflow's own folders lie beside the database."""
        path = uris.local_path(uri)
        if path is not None and not path.is_absolute() and self.folder is not None:
            return [str(self.folder / path), str(path.absolute())]
        scheme, _, rest = uri.partition(":/")
        kept = self.folder and self.folder / "mlartifacts"
        if scheme == "mlflow-artifacts" and kept is not None and kept.is_dir():
            return [str(kept / rest.strip("/"))]
        return [uri]

    def close(self) -> None:
        """End the snapshot and disconnect."""
        self.connection.close()
        self._engine.dispose()

    def _open(self, uri: str) -> Engine:
        url = driver.parse(uri)
        if url.drivername != "sqlite":
            return create_engine(
                url,
                isolation_level="REPEATABLE READ",
                execution_options={"postgresql_readonly": True},
            )
        path = find_path(url)
        if path is None or not path.is_file():
            raise BadInput(f"there is no database file {path}; give the file that MLflow writes")
        self.folder = path.parent

        def connect() -> Any:
            # Read-only at the level of the file: no journal, no lock but a reader's.
            opened = sqlite.connect(
                f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            opened.execute("PRAGMA query_only=ON")
            return opened

        return create_engine("sqlite://", module=sqlite, creator=connect)

    def _reflect(self) -> dict[str, Table]:
        there = set(inspect(self.connection).get_table_names())
        if "mainstay_schema" in there:
            raise BadInput(
                f"{self.name} is a database of mainstay already; there is nothing to import. "
                "Point MAINSTAY_TRACKING_URI at it"
            )
        if not {"experiments", "runs"} <= there:
            raise BadInput(
                f"{self.name} is not a database of MLflow: it has no tables 'experiments' and "
                "'runs'. Give the one named by MLflow's --backend-store-uri"
            )
        metadata = MetaData()
        tables = {
            name: Table(name, metadata, autoload_with=self.connection, resolve_fks=False)
            for name in TABLES
            if name in there
        }
        for name, columns in NEEDED.items():
            missing = columns - set(tables[name].c.keys() if name in tables else ())
            if missing:
                raise BadInput(
                    f"{self.name} has a schema that this mainstay cannot read: the table {name!r} "
                    f"lacks {', '.join(sorted(missing))} (revision {self._revision() or 'none'}). "
                    "Schemas of MLflow 2.x and 3.x are read; bring an older one up with "
                    "'mlflow db upgrade', and for a newer one use a newer mainstay"
                )
        return tables

    def _revision(self) -> str:
        if not inspect(self.connection).has_table("alembic_version"):
            return ""
        versions = Table("alembic_version", MetaData(), autoload_with=self.connection)
        return str(self.connection.execute(select(versions.c.version_num)).scalar() or "")


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what a driver says into a sentence."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0]
        if "not a database" in said or "file is encrypted" in said:
            raise BadInput(f"{name} is not a SQLite database") from error
        raise Unavailable(f"{name} cannot be read: {said}") from error
    except SQLAlchemyError as error:
        raise BadInput(f"{name} cannot be read as a database of MLflow: {error}") from error
