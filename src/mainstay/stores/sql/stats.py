"""How much a database holds: rows and bytes of each table, and what each experiment keeps."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, inspect, select, table, text
from sqlalchemy.exc import OperationalError

from mainstay.stores.sql.tables.artifacts import artifact_files
from mainstay.stores.sql.tables.experiments import experiments
from mainstay.stores.sql.tables.logged_models import logged_models
from mainstay.stores.sql.tables.metrics import series
from mainstay.stores.sql.tables.runs import runs

PROXIED = "mlflow-artifacts:/"


class TableSize(msgspec.Struct, frozen=True):
    """Rows of a table, and the bytes that it takes with its indexes; None where not known."""

    name: str
    rows: int
    size: int | None


class ExperimentSize(msgspec.Struct, frozen=True):
    """What an experiment keeps. ``files`` and ``size`` (bytes) are of files behind the server."""

    experiment_id: str
    name: str
    lifecycle_stage: str
    runs: int
    models: int
    points: int
    files: int
    size: int


class Stats(msgspec.Struct, frozen=True):
    """Sizes of everything; ``size`` is the whole database in bytes, ``free`` what it can reuse."""

    size: int
    free: int
    tables: list[TableSize]
    experiments: list[ExperimentSize]


def collect(connection: Connection) -> Stats:
    """Measure a database."""
    size, free = _whole(connection)
    return Stats(size, free, _tables(connection), _experiments(connection))


def count_rows(connection: Connection) -> dict[str, int]:
    """Return the number of rows of each table, by name."""
    return {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        for name in sorted(inspect(connection).get_table_names())
    }


def _whole(connection: Connection) -> tuple[int, int]:
    if connection.dialect.name == "postgresql":
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return int(size), 0
    pages, unused, width = (
        int(connection.execute(text(f"PRAGMA {name}")).scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return pages * width, unused * width


def _tables(connection: Connection) -> list[TableSize]:
    sizes = _table_sizes(connection)
    return [TableSize(name, rows, sizes.get(name)) for name, rows in count_rows(connection).items()]


def _table_sizes(connection: Connection) -> dict[str, int]:
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c "
            "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        )
        return {name: int(size) for name, size in connection.execute(text(query))}
    query = (
        "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name "
        "GROUP BY m.tbl_name"
    )
    try:
        return {name: int(size) for name, size in connection.execute(text(query))}
    except OperationalError:  # this build of SQLite does not tell
        return {}


def _experiments(connection: Connection) -> list[ExperimentSize]:
    def counted(query: object) -> dict[int, int]:
        return {row[0]: int(row[1]) for row in connection.execute(query)}  # type: ignore[call-overload]

    of_runs = counted(select(runs.c.experiment, func.count()).group_by(runs.c.experiment))
    of_models = counted(
        select(logged_models.c.experiment, func.count()).group_by(logged_models.c.experiment)
    )
    points = counted(
        select(runs.c.experiment, func.sum(series.c.count))
        .join(runs, runs.c.id == series.c.run)
        .group_by(runs.c.experiment)
    )
    found = []
    for row in connection.execute(select(experiments).order_by(experiments.c.id)):
        files, size = _files(connection, row.artifact_location)
        found.append(
            ExperimentSize(
                str(row.id),
                row.name,
                row.lifecycle_stage,
                of_runs.get(row.id, 0),
                of_models.get(row.id, 0),
                points.get(row.id, 0),
                files,
                size,
            )
        )
    return found


def _files(connection: Connection, location: str) -> tuple[int, int]:
    folder = location.removeprefix(PROXIED).strip("/")
    if not location.startswith(PROXIED) or not folder:
        return 0, 0
    place = artifact_files.c.location
    query = select(func.count(), func.coalesce(func.sum(artifact_files.c.size), 0)).where(
        place >= f"{folder}/",
        place < f"{folder}0",  # "0" follows "/"
    )
    files, size = connection.execute(query).one()
    return int(files), int(size)
