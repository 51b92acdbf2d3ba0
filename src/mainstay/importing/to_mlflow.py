"""Write everything as a SQLite store that MLflow opens, its artifacts beside it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from mainstay.artifact_store.base import ArtifactStore
from mainstay.artifact_store.transfer import download_tree
from mainstay.entities.experiments import Experiment
from mainstay.entities.metrics import Metric
from mainstay.entities.registry import ModelVersion
from mainstay.errors import MainstayError
from mainstay.importing.files import SCHEME
from mainstay.importing.here import Here, KeptModel, KeptRun
from mainstay.importing.source import FoundModel
from mainstay.importing.sqlite import sqlite

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
GONE = "Deleted_Internal"
MODEL_STATUS = {"PENDING": 1, "READY": 2, "FAILED": 3}

Row = Sequence[Any]


class MlflowWriter:
    """Writes ``mlflow.db`` and the folder ``mlartifacts`` into a folder.

    ``artifacts_at`` opens addresses here; None leaves all artifacts where they are. The database
    gets its name when it is complete.
    """

    def __init__(
        self, folder: Path, *, artifacts_at: Callable[[str], ArtifactStore] | None
    ) -> None:
        self._folder = folder.absolute()
        self._artifacts_at = artifacts_at
        self._part = self._folder / f"{DATABASE}.part"
        self.counts: dict[str, int] = {}
        self.missing: list[str] = []

    def write(self, here: Here, advance: Callable[[int], None]) -> None:
        """Write everything; ``advance`` is told how many runs were written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._part.unlink(missing_ok=True)
        self._database = sqlite.connect(str(self._part), isolation_level=None)
        try:
            run = self._database.execute
            run("PRAGMA journal_mode=OFF")  # a half-written one is thrown away
            run("PRAGMA synchronous=OFF")
            schema = files("mainstay.importing").joinpath("mlflow_schema.sql").read_text()
            self._database.executescript(schema)
            run("BEGIN")
            for experiment in here.experiments():
                self._experiment(experiment)
                for found in here.runs(experiment.experiment_id):
                    self._runs(here, found)
                    advance(len(found))
                for model in here.models(experiment.experiment_id):
                    self._model(model)
            for registered in here.registered():
                self._registered(registered)
            run("COMMIT")
            run("PRAGMA synchronous=FULL")
            run("VACUUM")
        finally:
            self._database.close()
        os.replace(self._part, self._folder / DATABASE)

    def _experiment(self, one: Experiment) -> None:
        number = int(one.experiment_id)
        times = (one.creation_time, one.last_update_time)
        location = self._address(one.artifact_location)
        self._add("experiments", [(number, one.name, location, one.lifecycle_stage, *times)])
        self._add("experiment_tags", [(key, value, number) for key, value in one.tags.items()])

    def _runs(self, here: Here, found: Sequence[KeptRun]) -> None:
        for one in found:
            info, data = one.run.info, one.run.data
            self._add(
                "runs",
                [
                    (
                        *(info.run_id, info.run_name, "UNKNOWN", "", "", info.user_id),
                        *(info.status, info.start_time, info.end_time, "", info.lifecycle_stage),
                        *(self._carry(info.artifact_uri, info.run_id),),
                        *(int(info.experiment_id), one.deleted_at),
                    )
                ],
            )
            self._add("params", [(key, value, info.run_id) for key, value in data.params.items()])
            self._add("tags", [(key, value, info.run_id) for key, value in data.tags.items()])
            self._add("latest_metrics", [_latest(metric, info.run_id) for metric in data.latest])
            for key, points in here.points(one.number):
                self._add(
                    "metrics",
                    [(key, *_value(value), at, info.run_id, step) for at, step, value in points],
                )
            self._edges(one)

    def _edges(self, one: KeptRun) -> None:
        """Write what a run read and made."""
        run_id, number = one.run.info.run_id, int(one.run.info.experiment_id)
        for item in one.run.inputs.dataset_inputs:
            edge = uuid4().hex
            dataset = self._dataset(number, item.dataset)
            self._add("inputs", [(edge, "DATASET", dataset, "RUN", run_id, 0)])
            self._add("input_tags", [(edge, key, value) for key, value in item.tags.items()])
        used = [(model.model_id, 0) for model in one.run.inputs.model_inputs]
        made = [(model.model_id, model.step) for model in one.run.outputs.model_outputs]
        for kind, models in (("INPUT", used), ("OUTPUT", made)):
            self._add(
                "inputs",
                [
                    (uuid4().hex, f"RUN_{kind}", run_id, f"MODEL_{kind}", model_id, step)
                    for model_id, step in dict(models).items()
                ],
            )

    def _dataset(self, experiment: int, dataset: Any) -> str:
        """Return the id of a data set, written when it is first met."""
        key = (experiment, dataset.name, dataset.digest)
        found = self._database.execute(
            "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?",
            key,
        ).fetchone()
        if found:
            return str(found[0])
        identity = uuid4().hex
        rest = (dataset.source_type, dataset.source, dataset.schema, dataset.profile)
        self._add("datasets", [(identity, *key, *rest)])
        return identity

    def _model(self, found: FoundModel) -> None:
        model, number = found.model, int(found.model.experiment_id)
        self._add(
            "logged_models",
            [
                (
                    *(model.model_id, number, model.name),
                    self._carry(model.artifact_location, model.model_id),
                    *(model.creation_timestamp, model.last_updated_timestamp),
                    *(MODEL_STATUS[model.status], "deleted" if found.deleted else "active"),
                    *(model.model_type, model.source_run_id, model.status_message),
                )
            ],
        )
        for table, values in (("params", model.params), ("tags", model.tags)):
            rows = [(model.model_id, number, key, value) for key, value in values.items()]
            self._add(f"logged_model_{table}", rows)
        points: dict[tuple[Any, ...], Row] = {}
        for metric in model.metrics:
            key = (model.model_id, metric.key, metric.timestamp, metric.step)
            value = None if math.isnan(metric.value) else metric.value
            data = (None, metric.dataset_name, metric.dataset_digest)
            points[(*key, metric.run_id)] = (*key, value, number, metric.run_id, *data)
        self._add("logged_model_metrics", list(points.values()))

    def _registered(self, kept: KeptModel) -> None:
        model, name = kept.model, kept.model.name
        times = (model.creation_timestamp, model.last_updated_timestamp)
        self._add("registered_models", [(name, *times, model.description or None)])
        tags = [(key, value, name) for key, value in model.tags.items()]
        self._add("registered_model_tags", tags)
        self._add("model_versions", [self._version(version) for version in kept.versions])
        there = {version.version for version in kept.versions}
        # Numbers are not given again: MLflow keeps a deleted version under a stage of its own.
        gone = {*kept.deleted, kept.last_version} - there - {0}
        self._add("model_versions", [_gone(name, number, times[1]) for number in sorted(gone)])
        for version in kept.versions:
            rows = [(key, value, name, version.version) for key, value in version.tags.items()]
            self._add("model_version_tags", rows)
        aliases = [(alias, number, name) for alias, number in model.aliases.items()]
        self._add("registered_model_aliases", aliases)

    def _version(self, one: ModelVersion) -> Row:
        return (
            *(one.name, one.version, one.creation_timestamp, one.last_updated_timestamp),
            *(one.description or None, one.user_id or None, one.current_stage),
            *(self._address(one.source), one.run_id, one.status, one.status_message or None),
            *(one.run_link, one.storage_location and self._address(one.storage_location)),
        )

    def _address(self, uri: str) -> str:
        """Return where something is after the export: what mainstay keeps itself comes along."""
        parts = urlsplit(uri)
        if self._artifacts_at is None or parts.scheme != SCHEME:
            return uri
        return str(self._folder / ARTIFACTS / parts.path.strip("/"))

    def _carry(self, uri: str, identity: str) -> str:
        """Copy the files of a root, if mainstay keeps them, and return where they are then."""
        address = self._address(uri)
        if self._artifacts_at is None or address == uri:
            return address
        try:
            store = self._artifacts_at(uri)
            if store.list():
                download_tree(store, "", address)
                self.counts["artifact roots"] = self.counts.get("artifact roots", 0) + 1
        except MainstayError as error:
            self.missing.append(f"the files of {identity} were not copied: {error.message}")
        return address

    def _add(self, table: str, rows: Iterable[Row]) -> None:
        listed = list(rows)
        if not listed:
            return
        marks = ", ".join("?" * len(listed[0]))
        columns = f" ({COLUMNS[table]})" if table in COLUMNS else ""
        statement = f"INSERT INTO {table}{columns} VALUES ({marks})"
        self._database.executemany(statement, listed)
        self.counts[table] = self.counts.get(table, 0) + len(listed)


COLUMNS = {
    "metrics": "key, value, is_nan, timestamp, run_uuid, step",
    "latest_metrics": "key, value, is_nan, timestamp, step, run_uuid",
}
"""The order in which rows are given, where it is not the table's."""


def _value(value: float) -> tuple[float, bool]:
    """Return a number as MLflow keeps it: NaN is 0 with a mark."""
    return (0.0, True) if math.isnan(value) else (value, False)


def _latest(metric: Metric, run_id: str) -> Row:
    return (metric.key, *_value(metric.value), metric.timestamp, metric.step, run_id)


def _gone(name: str, number: int, at: int) -> Row:
    source = "REDACTED-SOURCE-PATH"
    return (name, number, at, at, None, None, GONE, source, None, "READY", None, None, None)
