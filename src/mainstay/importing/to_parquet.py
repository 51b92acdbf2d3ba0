"""Write everything as Parquet: one tidy table a file, for notebooks and warehouses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from mainstay.importing.here import Here, KeptModel, KeptRun

AT_ONCE = 100_000
TIME = pa.timestamp("ms", tz="UTC")
TEXT = pa.string()
LONG = pa.int64()

TABLES: dict[str, dict[str, pa.DataType]] = {
    "experiments": {
        "experiment_id": TEXT,
        "name": TEXT,
        "lifecycle_stage": TEXT,
        "artifact_location": TEXT,
        "creation_time": TIME,
        "last_update_time": TIME,
    },
    "experiment_tags": {"experiment_id": TEXT, "key": TEXT, "value": TEXT},
    "runs": {
        "run_id": TEXT,
        "experiment_id": TEXT,
        "run_name": TEXT,
        "user_id": TEXT,
        "status": TEXT,
        "start_time": TIME,
        "end_time": TIME,
        "artifact_uri": TEXT,
        "lifecycle_stage": TEXT,
    },
    "params": {"run_id": TEXT, "key": TEXT, "value": TEXT},
    "tags": {"run_id": TEXT, "key": TEXT, "value": TEXT},
    "metrics": {
        "run_id": TEXT,
        "key": TEXT,
        "step": LONG,
        "timestamp": TIME,
        "value": pa.float64(),
    },
    "inputs": {
        "run_id": TEXT,
        "name": TEXT,
        "digest": TEXT,
        "context": TEXT,
        "source_type": TEXT,
        "source": TEXT,
    },
    "logged_models": {
        "model_id": TEXT,
        "experiment_id": TEXT,
        "name": TEXT,
        "status": TEXT,
        "model_type": TEXT,
        "source_run_id": TEXT,
        "artifact_location": TEXT,
        "creation_time": TIME,
        "last_updated_time": TIME,
        "lifecycle_stage": TEXT,
    },
    "registered_models": {
        "name": TEXT,
        "description": TEXT,
        "creation_time": TIME,
        "last_updated_time": TIME,
    },
    "registered_model_tags": {"name": TEXT, "key": TEXT, "value": TEXT},
    "versions": {
        "name": TEXT,
        "version": LONG,
        "stage": TEXT,
        "status": TEXT,
        "source": TEXT,
        "run_id": TEXT,
        "model_id": TEXT,
        "description": TEXT,
        "user_id": TEXT,
        "digest": TEXT,
        "creation_time": TIME,
        "last_updated_time": TIME,
    },
    "version_tags": {"name": TEXT, "version": LONG, "key": TEXT, "value": TEXT},
    "aliases": {"name": TEXT, "alias": TEXT, "version": LONG},
}
"""Every file with its columns."""

CONTEXT = "mlflow.data.context"


class ParquetFolder:
    """Writes ``<table>.parquet`` for each of ``TABLES``, some rows at a time.

    The files get their names when all are complete.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
        self.counts = dict.fromkeys(TABLES, 0)

    def write(self, here: Here, advance: Callable[[int], None]) -> None:
        """Write everything; ``advance`` is told how many runs were written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._writers = {name: self._writer(name) for name in TABLES}
        try:
            self._all(here, advance)
            for name in TABLES:
                self._flush(name)
        finally:
            for writer in self._writers.values():
                writer.close()
        for name in TABLES:
            os.replace(self._folder / f"{name}.parquet.part", self._folder / f"{name}.parquet")

    def _all(self, here: Here, advance: Callable[[int], None]) -> None:
        for one in here.experiments():
            number = one.experiment_id
            head = (number, one.name, one.lifecycle_stage, one.artifact_location)
            self._add("experiments", (*head, one.creation_time, one.last_update_time))
            self._pairs("experiment_tags", (number,), one.tags)
            for found in here.runs(number):
                for run in found:
                    self._run(here, run)
                advance(len(found))
            for item in here.models(number):
                model, stage = item.model, "deleted" if item.deleted else "active"
                place = (model.source_run_id, model.artifact_location)
                times = (model.creation_timestamp, model.last_updated_timestamp)
                identity = (model.model_id, number, model.name, model.status, model.model_type)
                self._add("logged_models", (*identity, *place, *times, stage))
        for kept in here.registered():
            self._registered(kept)

    def _run(self, here: Here, kept: KeptRun) -> None:
        info, data = kept.run.info, kept.run.data
        head = (info.run_id, info.experiment_id, info.run_name, info.user_id, info.status)
        times = (info.start_time, info.end_time)
        self._add("runs", (*head, *times, info.artifact_uri, info.lifecycle_stage))
        self._pairs("params", (info.run_id,), data.params)
        self._pairs("tags", (info.run_id,), data.tags)
        for item in kept.run.inputs.dataset_inputs:
            read = item.dataset
            origin = (item.tags.get(CONTEXT), read.source_type, read.source)
            self._add("inputs", (info.run_id, read.name, read.digest, *origin))
        for key, points in here.points(kept.number):
            for timestamp, step, value in points:
                self._add("metrics", (info.run_id, key, step, timestamp, value))

    def _registered(self, kept: KeptModel) -> None:
        model, name = kept.model, kept.model.name
        times = (model.creation_timestamp, model.last_updated_timestamp)
        self._add("registered_models", (name, model.description, *times))
        self._pairs("registered_model_tags", (name,), model.tags)
        for alias, version in model.aliases.items():
            self._add("aliases", (name, alias, version))
        for one in kept.versions:
            times = (one.creation_timestamp, one.last_updated_timestamp)
            state = (one.current_stage, one.status, one.source, one.run_id, one.model_id)
            rest = (one.description, one.user_id, one.digest)
            self._add("versions", (name, one.version, *state, *rest, *times))
            self._pairs("version_tags", (name, one.version), one.tags)

    def _pairs(self, table: str, owner: tuple[Any, ...], values: dict[str, str]) -> None:
        for key, value in values.items():
            self._add(table, (*owner, key, value))

    def _add(self, table: str, row: tuple[Any, ...]) -> None:
        waiting = self._waiting[table]
        waiting.append(row)
        self.counts[table] += 1
        if len(waiting) >= AT_ONCE:
            self._flush(table)

    def _flush(self, table: str) -> None:
        rows = self._waiting[table]
        columns = list(zip(*rows, strict=True)) or [()] * len(TABLES[table])
        arrays = [
            pa.array(column, kind)
            for column, kind in zip(columns, TABLES[table].values(), strict=True)
        ]
        self._writers[table].write_table(pa.table(arrays, schema=_schema(table)))
        self._waiting[table] = []

    def _writer(self, table: str) -> ParquetWriter:
        path = self._folder / f"{table}.parquet.part"
        return ParquetWriter(path, _schema(table), compression="zstd")


def _schema(table: str) -> pa.Schema:
    return pa.schema(list(TABLES[table].items()))
