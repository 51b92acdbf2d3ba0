"""Where a model version comes from and what became of it: one call, one JSON document."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import Run
from mainstay.errors import NotFound
from mainstay.models.sources import ModelStores
from mainstay.stores.base.release import ReleaseStore

_KEPT_TAGS = ("mlflow.user", "owner", "pipeline_id", "data_version", "candidate")


def lineage(stores: ModelStores, release: ReleaseStore, name: str, version: int) -> dict[str, Any]:
    """Return what is known of a version: run, code, data, logged model, evidence, aliases.

    A run or logged model that was deleted is null. Raises: NotFound (the version).
    """
    found = stores.registry.get_model_version(name, version)
    model = _logged(stores, found)
    run_id = found.run_id or (model.source_run_id if model else None)
    run = _run(stores, run_id)
    return {
        "name": found.name,
        "version": found.version,
        "digest": found.digest,
        "source": found.source,
        "registered_at": found.creation_timestamp,
        "registered_by": found.user_id,
        "aliases": list(found.aliases),
        "alias_history": [
            change
            for change in stores.registry.alias_history(name)
            if version in (change.version, change.previous)
        ],
        "evidence": release.list_evidence(name, version),
        "verdicts": release.list_verdicts(name, version=version),
        "logged_model": model,
        "run": None if run is None else _of_run(run),
    }


def _of_run(run: Run) -> dict[str, Any]:
    tags = run.data.tags
    return {
        "run_id": run.info.run_id,
        "run_name": run.info.run_name,
        "experiment_id": run.info.experiment_id,
        "status": run.info.status,
        "start_time": run.info.start_time,
        "params": run.data.params,
        "metrics": run.data.metrics,
        "datasets": run.inputs.dataset_inputs,
        "parent_models": [item.model_id for item in run.inputs.model_inputs],
        "code": {
            "commit": tags.get("mlflow.source.git.commit") or tags.get("git_sha"),
            "branch": tags.get("mlflow.source.git.branch"),
            "repository": tags.get("mlflow.source.git.repoURL"),
            "source": tags.get("mlflow.source.name"),
        },
        "tags": {key: tags[key] for key in _KEPT_TAGS if key in tags},
    }


def _logged(stores: ModelStores, version: ModelVersion) -> LoggedModel | None:
    if version.model_id is None:
        return None
    with suppress(NotFound):
        return stores.tracking.get_logged_model(version.model_id)
    return None


def _run(stores: ModelStores, run_id: str | None) -> Run | None:
    if run_id is None:
        return None
    with suppress(NotFound):
        return stores.tracking.get_run(run_id)
    return None
