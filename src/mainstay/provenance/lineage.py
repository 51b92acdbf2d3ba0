"""Where a model version comes from and what became of it: one call, one JSON document."""

from __future__ import annotations

from typing import Any

import msgspec

from mainstay.entities.inputs import DatasetInput
from mainstay.entities.pages import Search
from mainstay.entities.registry import AliasChange, ModelVersion
from mainstay.entities.runs import Run
from mainstay.errors import NotFound
from mainstay.provenance.records import Open, Records, logged_of, packaged, run_of

DATA_PARENTS, DATA_JOB, DATA_CONTEXT = (
    "mainstay.data.parents",
    "mainstay.data.job",
    "mlflow.data.context",
)
"""Tags of a data set as a run read it; ``mainstay.data.made_by`` writes the first two."""

_KEPT_TAGS = ("mlflow.user", "owner", "pipeline_id", "data_version", "candidate")
_GENERATIONS = 8
_MOST = 1000


def lineage(
    records: Records, name: str, version: int, *, open_files: Open | None = None
) -> dict[str, Any]:
    """Return what is known of a version.

    Run, code, data with what made them, environment, parent models, evidence, verdicts, approvals,
    every alias it ever held, and who serves it. A run or logged model that was deleted is null.
    ``open_files`` opens its files, where the environment is read. Raises: NotFound (the version).
    """
    found = records.registry.get_model_version(name, version)
    model = logged_of(records, found)
    run = run_of(records, found, model)
    history = records.registry.alias_history(name)
    return {
        "name": found.name,
        "version": found.version,
        "digest": found.digest,
        "source": found.source,
        "registered_at": found.creation_timestamp,
        "registered_by": found.user_id,
        "copied_from": copied_from(found),
        "aliases": list(found.aliases),
        "aliases_held": held(history, version),
        "alias_history": [c for c in history if version in (c.version, c.previous)],
        "evidence": records.release.list_evidence(name, version),
        "verdicts": records.release.list_verdicts(name, version=version),
        "approvals": [
            item for item in records.release.list_approvals(name=name) if item.version == version
        ],
        "logged_model": model,
        "environment": None if open_files is None else _environment(found, open_files),
        "run": None if run is None else _of_run(run),
        "parents": [] if run is None else _parents(records, run, 0, set()),
        "deployments": [
            item
            for item in records.monitoring.list_deployments()
            if item.name == name and version in (item.serving_version, item.desired_version)
        ],
    }


def held(history: list[AliasChange], version: int) -> list[dict[str, Any]]:
    """Return when a version held which alias, from the history oldest first; ``to`` null: still."""
    found: list[dict[str, Any]] = []
    open_: dict[str, dict[str, Any]] = {}
    for change in history:
        before = open_.get(change.alias)
        if before is not None and change.version != version:
            before["to"], before["ended_by"] = change.at, change.principal
            del open_[change.alias]
        if change.version == version and change.alias not in open_:
            open_[change.alias] = {
                "alias": change.alias,
                "from": change.at,
                "to": None,
                "set_by": change.principal,
                "reason": change.reason,
                "verdict_id": change.verdict_id,
            }
            found.append(open_[change.alias])
    return found


def copied_from(version: ModelVersion) -> dict[str, str] | None:
    """Return what ``mainstay models copy`` wrote of a copy's origin."""
    prefix = "mainstay.copied."
    found = {
        key.removeprefix(prefix): value
        for key, value in version.tags.items()
        if key.startswith(prefix)
    }
    return found or None


def data_of(item: DatasetInput) -> dict[str, Any]:
    """Return a data set as a run read it, with the data and the job that it was made from."""
    return {
        "name": item.dataset.name,
        "digest": item.dataset.digest,
        "context": item.tags.get(DATA_CONTEXT),
        "source_type": item.dataset.source_type,
        "source": item.dataset.source,
        "parents": parents_of(item),
        "job": item.tags.get(DATA_JOB),
    }


def parents_of(item: DatasetInput) -> list[dict[str, str]]:
    """Return the data sets that a data set was made from, as name and digest."""
    try:
        return msgspec.json.decode(item.tags.get(DATA_PARENTS, "[]"), type=list[dict[str, str]])
    except msgspec.DecodeError:  # a tag that somebody wrote by hand
        return []


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
        "data": [data_of(item) for item in run.inputs.dataset_inputs],
        "parent_models": [item.model_id for item in run.inputs.model_inputs],
        "code": {
            "commit": tags.get("mlflow.source.git.commit") or tags.get("git_sha"),
            "branch": tags.get("mlflow.source.git.branch"),
            "repository": tags.get("mlflow.source.git.repoURL"),
            "source": tags.get("mlflow.source.name"),
        },
        "tags": {key: tags[key] for key in _KEPT_TAGS if key in tags},
    }


def _parents(records: Records, run: Run, depth: int, seen: set[str]) -> list[dict[str, Any]]:
    """Return the models that a run started from, each with its own parents."""
    found = []
    for item in run.inputs.model_inputs:
        if item.model_id in seen or depth == _GENERATIONS:
            continue
        seen.add(item.model_id)
        parent: dict[str, Any] = {"model_id": item.model_id, "name": None, "run_id": None}
        try:
            model = records.tracking.get_logged_model(item.model_id)
        except NotFound:  # deleted since
            found.append({**parent, "versions": [], "parents": []})
            continue
        parent |= {"name": model.name, "run_id": model.source_run_id}
        parent["versions"] = _versions_of(records, model.source_run_id, item.model_id)
        parent["parents"] = _grandparents(records, model.source_run_id, depth + 1, seen)
        found.append(parent)
    return found


def _grandparents(
    records: Records, run_id: str | None, depth: int, seen: set[str]
) -> list[dict[str, Any]]:
    try:
        run = records.tracking.get_run(run_id) if run_id else None
    except NotFound:
        return []
    return [] if run is None else _parents(records, run, depth, seen)


def _versions_of(records: Records, run_id: str | None, model_id: str) -> list[str]:
    """Return the registered versions of a logged model."""
    if not run_id:
        return []
    search = Search(filter=f"run_id = '{run_id}'", max_results=_MOST)
    found = records.registry.search_model_versions(search).items
    return [item.uri for item in found if item.model_id in (None, model_id)]


def _environment(version: ModelVersion, open_files: Open) -> dict[str, Any]:
    files = packaged(version, open_files)
    if files.problem:
        return {"problem": files.problem}
    return {"python": files.python, "requirements": files.requirements, "lock": files.lock}
