"""Runs, models and points of an MLflow database (SQLite or PostgreSQL, schemas of 2.x and 3.x)."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import case, func, select

from mainstay.entities.experiments import Experiment
from mainstay.entities.inputs import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    RunInputs,
    RunOutputs,
)
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import Run, RunData, RunInfo
from mainstay.importing.database_registry import RegistryReader
from mainstay.importing.layout import WORKSPACE, Layout
from mainstay.importing.source import FoundModel, FoundRegistered, FoundRun, Size, fitting
from mainstay.stores.sql.chunks import Point

MOST = 5_000
PIECE = 8192
"""Points of one series given at a time."""

MODEL_STATUS: dict[int, LoggedModelStatus] = {1: "PENDING", 2: "READY", 3: "FAILED"}

ELSEWHERE = (
    ("trace_info", "{} traces"),
    ("evaluation_datasets", "{} evaluation data sets"),
    ("webhooks", "{} webhooks (their secrets are encrypted; add them again)"),
)


class DatabaseSource:
    """An MLflow database. Raises: as ``Layout``."""

    def __init__(self, uri: str) -> None:
        self._layout = Layout(uri)
        self._registry = RegistryReader(self._layout)
        self.name = self._layout.name

    def about(self) -> str:
        """Return the kind and the revision of the schema."""
        return f"an MLflow database, schema {self._layout.revision or 'without a revision'}"

    def left(self) -> list[str]:
        """Return what the database holds besides."""
        counts = [(self._layout.count_of(name), sentence) for name, sentence in ELSEWHERE]
        counts.append((self._registry.prompts, "{} prompts"))
        return [sentence.format(count) for count, sentence in counts if count]

    def size(self, experiments: Sequence[str]) -> Size:
        """Count runs and points."""
        runs, metrics = self._layout.table("runs"), self._layout.table("metrics")
        mine = runs.c.experiment_id.in_([int(one) for one in experiments])
        chosen = select(func.count()).select_from(runs).where(mine)
        joined = metrics.join(runs, runs.c.run_uuid == metrics.c.run_uuid)
        points = select(func.count()).select_from(joined).where(mine)
        return Size(self._scalar(chosen), self._scalar(points))

    def experiments(self) -> list[Experiment]:
        """Return experiments; those of another workspace are named ``<workspace>/<name>``."""
        table, column = self._layout.table("experiments"), self._layout.column
        tags = self._pairs("experiment_tags", "experiment_id", None, "key", "value")
        rows = self._rows(
            select(
                table,
                self._layout.workspace("experiments").label("space"),
                column("experiments", "creation_time").label("created"),
                column("experiments", "last_update_time").label("updated"),
            ).order_by(table.c.experiment_id)
        )
        return [
            Experiment(
                experiment_id=str(row.experiment_id),
                name=fitting(row.name if row.space == WORKSPACE else f"{row.space}/{row.name}"),
                artifact_location=fitting(row.artifact_location),
                lifecycle_stage="deleted" if row.lifecycle_stage == "deleted" else "active",
                creation_time=row.created or 0,
                last_update_time=row.updated or row.created or 0,
                tags=tags.get(row.experiment_id, {}),
            )
            for row in rows
        ]

    def run_ids(self, experiment_id: str) -> list[str]:
        """Return the ids of an experiment's runs, oldest first."""
        table = self._layout.table("runs")
        mine = select(table.c.run_uuid).where(table.c.experiment_id == int(experiment_id))
        return [row[0] for row in self._rows(mine.order_by(table.c.start_time, table.c.run_uuid))]

    def runs(self, run_ids: Sequence[str]) -> list[FoundRun]:
        """Return runs with parameters, tags, data sets and models."""
        table, column = self._layout.table("runs"), self._layout.column
        ids = list(run_ids)
        query = select(
            *(table.c[name] for name in ("run_uuid", "experiment_id", "status", "start_time")),
            *(table.c[name] for name in ("end_time", "lifecycle_stage")),
            *(column("runs", name) for name in ("name", "user_id", "artifact_uri", "deleted_time")),
        ).where(table.c.run_uuid.in_(ids))
        rows = {row.run_uuid: row for row in self._rows(query)}
        params = self._pairs("params", "run_uuid", ids, "key", "value")
        tags = self._pairs("tags", "run_uuid", ids, "key", "value")
        datasets, used, made = self._datasets(ids), self._used(ids), self._made(ids)
        return [
            FoundRun(
                Run(
                    info=_info(rows[run_id], tags.get(run_id, {})),
                    data=RunData(params=params.get(run_id, {}), tags=tags.get(run_id, {})),
                    inputs=RunInputs(
                        dataset_inputs=datasets.get(run_id, []), model_inputs=used.get(run_id, [])
                    ),
                    outputs=RunOutputs(model_outputs=made.get(run_id, [])),
                ),
                rows[run_id].deleted_time,
            )
            for run_id in ids
        ]

    def counts(self, run_id: str) -> dict[str, int]:
        """Count the points of each key."""
        table = self._layout.table("metrics")
        query = select(table.c.key, func.count()).where(table.c.run_uuid == run_id)
        return {fitting(row[0]): row[1] for row in self._rows(query.group_by(table.c.key))}

    def points(
        self, run_id: str, *, but: Collection[str] = ()
    ) -> Iterator[tuple[str, list[Point]]]:
        """Yield points as the database sorts them; NaN is kept by MLflow as 0 with a mark."""
        table = self._layout.table("metrics")
        missing = case((table.c.is_nan, 1), else_=0)
        query = (
            select(table.c.key, table.c.timestamp, table.c.step, table.c.value, missing)
            .where(table.c.run_uuid == run_id)
            .order_by(table.c.key, table.c.timestamp, table.c.step, table.c.value, missing)
        )
        if 0 < len(but) <= MOST:  # more than a statement takes are left out below
            query = query.where(table.c.key.not_in(list(but)))
        rows = self._layout.connection.execute(query.execution_options(yield_per=PIECE))
        for key, group in groupby(rows, key=itemgetter(0)):
            if fitting(key) in but:
                continue
            piece: list[Point] = []
            for _, timestamp, step, value, is_nan in group:
                piece.append((timestamp, step, math.nan if is_nan else float(value)))
                if len(piece) == PIECE:
                    yield fitting(key), piece
                    piece = []
            if piece:
                yield fitting(key), piece

    def models(self, experiment_id: str) -> list[FoundModel]:
        """Return the logged models of an experiment."""
        if not self._layout.has("logged_models"):
            return []
        table = self._layout.table("logged_models")
        rows = self._rows(
            select(table)
            .where(table.c.experiment_id == int(experiment_id))
            .order_by(table.c.creation_timestamp_ms, table.c.model_id)
        )
        ids = [row.model_id for row in rows]
        tags = self._pairs("logged_model_tags", "model_id", ids, "tag_key", "tag_value")
        params = self._pairs("logged_model_params", "model_id", ids, "param_key", "param_value")
        metrics = self._model_metrics(ids)
        return [
            FoundModel(
                LoggedModel(
                    model_id=row.model_id,
                    experiment_id=experiment_id,
                    name=fitting(row.name),
                    artifact_location=fitting(row.artifact_location),
                    creation_timestamp=row.creation_timestamp_ms,
                    last_updated_timestamp=row.last_updated_timestamp_ms,
                    status=MODEL_STATUS.get(row.status, "PENDING"),
                    status_message=row.status_message,
                    model_type=row.model_type or None,
                    source_run_id=row.source_run_id or None,
                    params=params.get(row.model_id, {}),
                    tags=tags.get(row.model_id, {}),
                    metrics=metrics.get(row.model_id, []),
                ),
                row.lifecycle_stage == "deleted",
            )
            for row in rows
        ]

    def registered(self) -> Iterator[FoundRegistered]:
        """Yield the registered models, prompts left out."""
        return self._registry.registered()

    def places(self, uri: str) -> list[str]:
        """Return the address itself, and what a server or another folder would mean by it."""
        return self._layout.places(uri)

    def close(self) -> None:
        """Disconnect."""
        self._layout.close()

    def _rows(self, query: Any) -> Sequence[Any]:
        return self._layout.connection.execute(query).all()

    def _scalar(self, query: Any) -> int:
        return int(self._layout.connection.execute(query).scalar() or 0)

    def _pairs(
        self, table: str, owner: str, ids: Sequence[Any] | None, key: str, value: str
    ) -> dict[Any, dict[str, str]]:
        return self._layout.pairs(table, owner, ids, key, value)

    def _datasets(self, run_ids: Sequence[str]) -> dict[str, list[DatasetInput]]:
        if not self._layout.has("datasets"):
            return {}
        edges, table = self._layout.table("inputs"), self._layout.table("datasets")
        query = (
            select(edges.c.destination_id, edges.c.input_uuid, table)
            .join_from(edges, table, edges.c.source_id == table.c.dataset_uuid)
            .where(edges.c.source_type == "DATASET", edges.c.destination_type == "RUN")
            .where(edges.c.destination_id.in_(list(run_ids)))
            .order_by(edges.c.destination_id, table.c.name, table.c.digest)
        )
        rows = self._rows(query)
        uuids = [row.input_uuid for row in rows]
        tags = self._pairs("input_tags", "input_uuid", uuids, "name", "value")
        found: dict[str, list[DatasetInput]] = {}
        for row in rows:
            dataset = Dataset(
                name=fitting(row.name),
                digest=fitting(row.digest),
                source_type=fitting(row.dataset_source_type),
                source=fitting(row.dataset_source),
                schema=row.dataset_schema and fitting(row.dataset_schema),
                profile=row.dataset_profile and fitting(row.dataset_profile),
            )
            item = DatasetInput(dataset=dataset, tags=tags.get(row.input_uuid, {}))
            found.setdefault(row.destination_id, []).append(item)
        return found

    def _used(self, run_ids: Sequence[str]) -> dict[str, list[LoggedModelInput]]:
        found: dict[str, list[LoggedModelInput]] = {}
        for run_id, model_id, _ in self._edges(run_ids, "RUN_INPUT", "MODEL_INPUT"):
            found.setdefault(run_id, []).append(LoggedModelInput(model_id))
        return found

    def _made(self, run_ids: Sequence[str]) -> dict[str, list[LoggedModelOutput]]:
        found: dict[str, list[LoggedModelOutput]] = {}
        for run_id, model_id, step in self._edges(run_ids, "RUN_OUTPUT", "MODEL_OUTPUT"):
            found.setdefault(run_id, []).append(LoggedModelOutput(model_id, step))
        return found

    def _edges(self, run_ids: Sequence[str], start: str, end: str) -> Sequence[Any]:
        if not self._layout.has("inputs"):
            return []
        table = self._layout.table("inputs")
        step = self._layout.column("inputs", "step", 0)
        return self._rows(
            select(table.c.source_id, table.c.destination_id, step)
            .where(table.c.source_type == start, table.c.destination_type == end)
            .where(table.c.source_id.in_(list(run_ids)))
            .order_by(table.c.source_id, step, table.c.destination_id)
        )

    def _model_metrics(self, ids: Sequence[str]) -> dict[str, list[Metric]]:
        found: dict[str, list[Metric]] = {}
        if not self._layout.has("logged_model_metrics"):
            return found
        table = self._layout.table("logged_model_metrics")
        for part in self._layout.parts(ids):
            query = select(table).where(table.c.model_id.in_(part))
            order = (table.c.model_id, table.c.metric_name, table.c.metric_timestamp_ms)
            for row in self._rows(query.order_by(*order, table.c.metric_step, table.c.run_id)):
                found.setdefault(row.model_id, []).append(
                    Metric(
                        fitting(row.metric_name),
                        math.nan if row.metric_value is None else float(row.metric_value),
                        row.metric_timestamp_ms,
                        row.metric_step,
                        row.model_id,
                        row.dataset_name,
                        row.dataset_digest,
                        row.run_id,
                    )
                )
        return found


def _info(row: Any, tags: dict[str, str]) -> RunInfo:
    return RunInfo(
        run_id=row.run_uuid,
        experiment_id=str(row.experiment_id),
        run_name=fitting(row.name) or tags.get("mlflow.runName", ""),
        user_id=fitting(row.user_id),
        status=row.status,
        start_time=row.start_time or 0,
        end_time=row.end_time,
        artifact_uri=fitting(row.artifact_uri),
        lifecycle_stage="deleted" if row.lifecycle_stage == "deleted" else "active",
    )
