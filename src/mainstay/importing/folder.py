"""Runs, models and points of an ``mlruns`` folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from mainstay import uris
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
from mainstay.entities.registry import RegisteredModel
from mainstay.entities.runs import Run, RunData, RunInfo, RunStatus
from mainstay.errors import BadInput
from mainstay.importing import layout_files as files
from mainstay.importing.database_registry import GONE, PROMPT, version_of
from mainstay.importing.source import FoundModel, FoundRegistered, FoundRun, Size, fitting
from mainstay.stores.sql.chunks import Point

TRASH = ".trash"
MODELS = "models"
STATUS: dict[Any, RunStatus] = {
    1: "RUNNING",
    2: "SCHEDULED",
    3: "FINISHED",
    4: "FAILED",
    5: "KILLED",
    **{name: name for name in get_args(RunStatus)},
}
MODEL_STATUS: dict[int, LoggedModelStatus] = {1: "PENDING", 2: "READY", 3: "FAILED"}
PIECE = 8192

_RUN_ID = re.compile(r"[0-9a-f]{32}\Z")
_TAIL = re.compile(r"/([^/]+/(?:models/)?[^/]+/artifacts)/*\Z")


class FolderSource:
    """A folder as MLflow's file store writes it. Raises: BadInput (it is something else)."""

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._root = folder.absolute()
        self._unreadable: list[str] = []
        self._prompts = 0
        self._experiments = self._find_experiments()
        if not self._experiments and not files.folders(self._root / MODELS):
            raise BadInput(
                f"{folder} holds no runs: there is no meta.yaml in any folder of it. Give the "
                "folder that MLflow calls mlruns"
            )
        self._runs: dict[str, Path] = {}

    def about(self) -> str:
        """Return the kind."""
        return "a folder of MLflow's file store"

    def left(self) -> list[str]:
        """Return the folders that could not be read, and prompts."""
        found = []
        if self._unreadable:
            shown = ", ".join(self._unreadable[:3])
            found.append(f"{len(self._unreadable)} folders without a readable meta.yaml ({shown}…)")
        if self._prompts:
            found.append(f"{self._prompts} prompts")
        return found

    def size(self, experiments: Sequence[str]) -> Size:
        """Count runs; points would have to be read."""
        return Size(sum(len(list(self._run_folders(one))) for one in experiments), 0)

    def experiments(self) -> list[Experiment]:
        """Return experiments. Of equal names, which deleted ones may have, only one stays."""
        found = []
        said = {number: values for number, (_, values) in self._experiments.items()}
        active = {str(one["name"]) for one in said.values() if not _deleted(one)}
        names = Counter(str(one["name"]) for one in said.values() if _deleted(one))
        for number, values in sorted(said.items(), key=lambda item: int(item[0])):
            name = fitting(str(values["name"]))
            if _deleted(values) and (name in active or names[name] > 1):
                name = f"{name} (deleted {number})"
            found.append(
                Experiment(
                    experiment_id=number,
                    name=name,
                    artifact_location=str(values.get("artifact_location") or ""),
                    lifecycle_stage="deleted" if _deleted(values) else "active",
                    creation_time=values.get("creation_time") or 0,
                    last_update_time=values.get("last_update_time")
                    or values.get("creation_time")
                    or 0,
                    tags=files.values(self._experiments[number][0] / "tags"),
                )
            )
        return found

    def run_ids(self, experiment_id: str) -> list[str]:
        """Return the ids of an experiment's runs, oldest first."""
        found = []
        for folder in self._run_folders(experiment_id):
            values = files.meta(folder)
            if values is None or "status" not in values:
                self._pass_over(folder)
                continue
            self._runs[folder.name] = folder
            found.append((values.get("start_time") or 0, folder.name))
        return [run_id for _, run_id in sorted(found)]

    def runs(self, run_ids: Sequence[str]) -> list[FoundRun]:
        """Return runs with parameters, tags, data sets and models."""
        return [self._run(self._runs[run_id]) for run_id in run_ids]

    def counts(self, run_id: str) -> dict[str, int]:
        """Count the points of each file."""
        found = files.keys(self._runs[run_id] / "metrics")
        return {key: len(files.points(path)) for key, path in found}

    def points(
        self, run_id: str, *, but: Collection[str] = ()
    ) -> Iterator[tuple[str, list[Point]]]:
        """Yield the points of each file, sorted, without repeated lines."""
        for key, path in files.keys(self._runs[run_id] / "metrics"):
            if key in but:
                continue
            points = files.points(path)
            for start in range(0, len(points), PIECE):
                yield key, points[start : start + PIECE]

    def models(self, experiment_id: str) -> list[FoundModel]:
        """Return the logged models of an experiment."""
        found = []
        for folder in files.folders(self._experiments[experiment_id][0] / MODELS):
            values = files.meta(folder)
            if values is None:
                self._pass_over(folder)
                continue
            found.append(FoundModel(_model(folder, experiment_id, values), _deleted(values)))
        return sorted(found, key=lambda one: (one.model.creation_timestamp, one.model.model_id))

    def registered(self) -> Iterator[FoundRegistered]:
        """Yield the registered models, prompts left out."""
        self._prompts = 0
        for folder in files.folders(self._root / MODELS):
            values = files.meta(folder)
            if values is None:
                self._pass_over(folder)
                continue
            tags = files.values(folder / "tags")
            if tags.get(PROMPT) == "true":
                self._prompts += 1
                continue
            yield _registered(folder, values, tags)

    def places(self, uri: str) -> list[str]:
        """Return the place inside this folder first: folders are moved, addresses stay."""
        path = uris.local_path(uri)
        if path is None:
            return [uri]
        tail = _TAIL.search(path.as_posix())
        inside = [self._root / tail[1], self._root / TRASH / tail[1]] if tail else []
        return [*map(str, inside), str(path if path.is_absolute() else self._root.parent / path)]

    def close(self) -> None:
        """Nothing is held open."""

    def _find_experiments(self) -> dict[str, tuple[Path, dict[str, Any]]]:
        """Return folder and meta.yaml of each experiment, by id."""
        found: dict[str, tuple[Path, dict[str, Any]]] = {}
        for folder in [*files.folders(self._root), *files.folders(self._root / TRASH)]:
            if folder.name in (TRASH, MODELS) and folder.parent == self._root:
                continue
            values = files.meta(folder)
            if values is None or "name" not in values or not folder.name.isdecimal():
                if folder.name.isdecimal():
                    self._pass_over(folder)
                continue
            in_trash = folder.parent.name == TRASH
            stage = "deleted" if in_trash else values.get("lifecycle_stage", "active")
            found[folder.name] = (folder, {**values, "lifecycle_stage": stage})
        return found

    def _run_folders(self, experiment_id: str) -> list[Path]:
        folder = self._experiments[experiment_id][0]
        return [one for one in files.folders(folder) if _RUN_ID.match(one.name)]

    def _pass_over(self, folder: Path) -> None:
        name = str(folder.relative_to(self._root))
        if name not in self._unreadable:
            self._unreadable.append(name)

    def _run(self, folder: Path) -> FoundRun:
        values = files.meta(folder) or {}
        tags = files.values(folder / "tags")
        datasets, used = self._inputs(folder)
        made = []
        for place in files.folders(folder / "outputs"):
            said = files.meta(place) or {}
            model_id = str(said.get("destination_id") or place.name)
            made.append(LoggedModelOutput(model_id, int(said.get("step") or 0)))
        info = RunInfo(
            run_id=folder.name,
            experiment_id=folder.parent.name,
            run_name=fitting(values.get("run_name") or tags.get("mlflow.runName") or ""),
            user_id=fitting(str(values.get("user_id") or "")),
            status=STATUS.get(values.get("status"), "FAILED"),
            start_time=values.get("start_time") or 0,
            end_time=values.get("end_time"),
            artifact_uri=str(values.get("artifact_uri") or ""),
            lifecycle_stage="deleted" if _deleted(values) else "active",
        )
        return FoundRun(
            Run(
                info=info,
                data=RunData(params=files.values(folder / "params"), tags=tags),
                inputs=RunInputs(dataset_inputs=datasets, model_inputs=used),
                outputs=RunOutputs(model_outputs=made),
            ),
            values.get("deleted_time"),
        )

    def _inputs(self, folder: Path) -> tuple[list[DatasetInput], list[LoggedModelInput]]:
        datasets, models = [], []
        for place in files.folders(folder / "inputs"):
            said = files.meta(place) or {}
            source = str(said.get("source_id") or "")
            if said.get("source_type") == "MODEL":
                models.append(LoggedModelInput(source))
                continue
            values = files.meta(folder.parent / "datasets" / source)
            if values is None:
                self._pass_over(place)
                continue
            given = said.get("tags") or {}
            pairs = given.items() if isinstance(given, dict) else ()
            tags = {str(key): fitting(str(value)) for key, value in pairs}
            datasets.append(DatasetInput(dataset=_dataset(values), tags=tags))
        return datasets, models


def _deleted(values: dict[str, Any]) -> bool:
    return values.get("lifecycle_stage") == "deleted"


def _dataset(values: dict[str, Any]) -> Dataset:
    return Dataset(
        name=fitting(str(values.get("name") or "")),
        digest=fitting(str(values.get("digest") or "")),
        source_type=fitting(str(values.get("source_type") or "")),
        source=fitting(str(values.get("source") or "")),
        schema=values.get("schema") and fitting(str(values["schema"])),
        profile=values.get("profile") and fitting(str(values["profile"])),
    )


def _model(folder: Path, experiment_id: str, values: dict[str, Any]) -> LoggedModel:
    metrics = [
        metric
        for key, path in files.keys(folder / "metrics")
        for metric in files.model_points(path, key, folder.name)
    ]
    return LoggedModel(
        model_id=folder.name,
        experiment_id=experiment_id,
        name=fitting(str(values.get("name") or "")),
        artifact_location=str(values.get("artifact_location") or ""),
        creation_timestamp=values.get("creation_timestamp") or 0,
        last_updated_timestamp=values.get("last_updated_timestamp") or 0,
        status=MODEL_STATUS.get(int(values.get("status") or 1), "PENDING"),
        status_message=values.get("status_message") or None,
        model_type=values.get("model_type") or None,
        source_run_id=values.get("source_run_id") or None,
        params=files.values(folder / "params"),
        tags=files.values(folder / "tags"),
        metrics=metrics,
    )


def _registered(folder: Path, values: dict[str, Any], tags: dict[str, str]) -> FoundRegistered:
    name = fitting(str(values.get("name") or folder.name))
    versions, highest = [], 0
    for place in files.folders(folder):
        said = files.meta(place) if place.name.startswith("version-") else None
        if said is None:
            continue
        highest = max(highest, int(said["version"]))
        if said.get("current_stage") != GONE:
            created, updated = said.get("creation_timestamp"), said.get("last_updated_timestamp")
            version_tags = files.values(place / "tags")
            versions.append(version_of(name, said, version_tags, created=created, updated=updated))
    there = {version.version for version in versions}
    aliases = {alias: int(text) for alias, text in files.values(folder / "aliases").items()}
    model = RegisteredModel(
        name=name,
        creation_timestamp=values.get("creation_timestamp") or 0,
        last_updated_timestamp=values.get("last_updated_timestamp") or 0,
        description=fitting(values.get("description")),
        tags=tags,
        aliases={alias: number for alias, number in aliases.items() if number in there},
    )
    versions.sort(key=lambda version: version.version)
    return FoundRegistered(model, versions, highest)
