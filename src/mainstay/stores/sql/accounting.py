"""What experiments hold: runs, points, bytes of metrics, bytes of files."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from mainstay.entities.retention import Holding
from mainstay.stores.sql.tables.artifacts import artifact_files
from mainstay.stores.sql.tables.experiments import experiments
from mainstay.stores.sql.tables.logged_models import logged_models
from mainstay.stores.sql.tables.metrics import chunks, pieces, points, series
from mainstay.stores.sql.tables.runs import runs

PROXIED = "mlflow-artifacts:/"
POINT_BYTES = 32
"""Of a point that is a row of its own: series, number, time, step, value."""


def holdings(
    connection: Connection, registry: Connection, number: int | None = None
) -> list[Holding]:
    """Return what each experiment holds, or one of them; files are in the registry's database."""
    only = () if number is None else (experiments.c.id == number,)
    chosen = () if number is None else (runs.c.experiment == number,)
    of_runs = _of_runs(connection, chosen)
    of_models = _numbers(
        connection,
        select(logged_models.c.experiment, func.count())
        .where(*(() if number is None else (logged_models.c.experiment == number,)))
        .group_by(logged_models.c.experiment),
    )
    counted = _of_series(connection, func.sum(series.c.count), None, chosen)
    sizes = [
        _of_series(connection, func.sum(func.length(chunks.c.data)), chunks, chosen),
        _of_series(connection, func.sum(func.length(pieces.c.data)), pieces, chosen),
        _of_series(connection, func.count() * POINT_BYTES, points, chosen),
    ]
    found = []
    for row in connection.execute(select(experiments).where(*only).order_by(experiments.c.id)):
        files, file_bytes = _files(registry, row.artifact_location)
        all_runs, deleted_runs = of_runs.get(row.id, (0, 0))
        found.append(
            Holding(
                experiment_id=str(row.id),
                name=row.name,
                lifecycle_stage=row.lifecycle_stage,
                runs=all_runs,
                deleted_runs=deleted_runs,
                models=of_models.get(row.id, 0),
                points=counted.get(row.id, 0),
                metric_bytes=sum(size.get(row.id, 0) for size in sizes),
                files=files,
                file_bytes=file_bytes,
            )
        )
    return found


def _of_runs(
    connection: Connection, chosen: tuple[ColumnElement[bool], ...]
) -> dict[int, tuple[int, int]]:
    deleted = func.sum(case((runs.c.lifecycle_stage == "deleted", 1), else_=0))
    query = select(runs.c.experiment, func.count(), deleted).where(*chosen)
    rows = connection.execute(query.group_by(runs.c.experiment))
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _of_series(
    connection: Connection, what: Any, of: Any, chosen: tuple[ColumnElement[bool], ...]
) -> dict[int, int]:
    query = select(runs.c.experiment, what).join(series, series.c.run == runs.c.id)
    if of is not None:
        query = query.join(of, of.c.series == series.c.id)
    return _numbers(connection, query.where(*chosen).group_by(runs.c.experiment))


def _numbers(connection: Connection, query: Select[Any]) -> dict[int, int]:
    return {row[0]: int(row[1] or 0) for row in connection.execute(query)}


def _files(connection: Connection, location: str) -> tuple[int | None, int | None]:
    folder = location.removeprefix(PROXIED).strip("/")
    if not location.startswith(PROXIED) or not folder:
        return None, None
    place = artifact_files.c.location
    query = select(func.count(), func.coalesce(func.sum(artifact_files.c.size), 0)).where(
        place >= f"{folder}/",
        place < f"{folder}0",  # "0" follows "/"
    )
    files, size = connection.execute(query).one()
    return int(files), int(size)
