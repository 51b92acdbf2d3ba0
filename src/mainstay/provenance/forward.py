"""What was built from a data set or a commit: runs, logged models, versions, deployments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mainstay.entities.pages import Page, Search
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import Run
from mainstay.errors import BadInput
from mainstay.provenance.lineage import parents_of
from mainstay.provenance.records import Records

COMMIT_TAGS = ("mlflow.source.git.commit", "git_sha")
MOST = 20_000
"""Runs that are looked through; the document says so where there were more."""

_PAGE = 1000
_AT_ONCE = 100


def forward(
    records: Records,
    *,
    dataset: str | None = None,
    commit: str | None = None,
    derived: bool = False,
) -> dict[str, Any]:
    """Return what was built from a data set (its name or digest) or a commit.

    ``derived`` also follows what was made from it in turn: data sets that name it as a parent, and
    runs that started from its models; that reads all runs, ``MOST`` at the most.
    Raises: BadInput unless exactly one of both is given.
    """
    if (dataset is None) == (commit is None):
        raise BadInput("say what to start from: a data set (name or digest), or a commit")
    start = _runs_on(records, dataset) if dataset is not None else _runs_at(records, commit or "")
    runs = {run.info.run_id: run for run in start}
    cut = len(runs) >= MOST
    if derived:
        cut = _follow(records, runs, dataset) or cut
    versions = _versions(records, list(runs))
    return {
        "dataset": dataset,
        "commit": commit,
        "runs": [_of_run(run) for run in runs.values()],
        "versions": [_of_version(version) for version in versions],
        "deployments": _deployments(records, versions),
        "complete": not cut,
    }


def _runs_on(records: Records, dataset: str) -> Iterator[Run]:
    text = _quoted(dataset)
    for field in ("digest", "name"):
        yield from _runs(records, f"datasets.{field} = {text}")


def _runs_at(records: Records, commit: str) -> Iterator[Run]:
    text = _quoted(commit if len(commit) >= 40 else commit + "%")
    for tag in COMMIT_TAGS:
        yield from _runs(records, f"tags.`{tag}` {'=' if len(commit) >= 40 else 'LIKE'} {text}")


def _follow(records: Records, runs: dict[str, Run], dataset: str | None) -> bool:
    """Add the runs that used what these runs made, or data made from the data set."""
    everything = list(_runs(records, ""))
    data = {dataset} if dataset is not None else set()
    while True:
        models = {out.model_id for run in runs.values() for out in run.outputs.model_outputs}
        for run in everything:
            for item in run.inputs.dataset_inputs:
                if any(data & {p.get("name"), p.get("digest")} for p in parents_of(item)):
                    data |= {item.dataset.digest}
        new = [
            run
            for run in everything
            if run.info.run_id not in runs
            and (
                models & {item.model_id for item in run.inputs.model_inputs}
                or data & {item.dataset.digest for item in run.inputs.dataset_inputs}
            )
        ]
        if not new:
            return len(everything) >= MOST
        runs.update({run.info.run_id: run for run in new})


def _runs(records: Records, text: str) -> Iterator[Run]:
    ids = [one.experiment_id for one in _experiments(records)]
    token, seen = None, 0
    while ids and seen < MOST:
        page: Page[Run] = records.tracking.search_runs(
            ids, Search(filter=text, max_results=_PAGE, token=token)
        )
        yield from page.items
        token, seen = page.token, seen + len(page.items)
        if token is None:
            return


def _experiments(records: Records) -> Iterator[Any]:
    token = None
    while True:
        page = records.tracking.search_experiments(Search(max_results=_PAGE, token=token))
        yield from page.items
        token = page.token
        if token is None:
            return


def _versions(records: Records, run_ids: list[str]) -> list[ModelVersion]:
    found: dict[str, ModelVersion] = {}
    for start in range(0, len(run_ids), _AT_ONCE):
        listed = ", ".join(f"'{run_id}'" for run_id in run_ids[start : start + _AT_ONCE])
        search = Search(filter=f"run_id IN ({listed})", max_results=_PAGE)
        while True:
            page = records.registry.search_model_versions(search)
            found |= {version.uri: version for version in page.items}
            if page.token is None:
                break
            search = Search(filter=search.filter, max_results=_PAGE, token=page.token)
    return sorted(found.values(), key=lambda version: (version.name, version.version))


def _deployments(records: Records, versions: list[ModelVersion]) -> list[Any]:
    built = {(version.name, version.version) for version in versions}
    return [
        item
        for item in records.monitoring.list_deployments()
        if {(item.name, item.serving_version), (item.name, item.desired_version)} & built
    ]


def _of_run(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.info.run_id,
        "run_name": run.info.run_name,
        "experiment_id": run.info.experiment_id,
        "start_time": run.info.start_time,
        "commit": next((run.data.tags[t] for t in COMMIT_TAGS if t in run.data.tags), None),
        "logged_models": [item.model_id for item in run.outputs.model_outputs],
    }


def _of_version(version: ModelVersion) -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.version,
        "uri": version.uri,
        "run_id": version.run_id,
        "digest": version.digest,
        "aliases": list(version.aliases),
        "stage": version.current_stage,
    }


def _quoted(text: str) -> str:
    """Return text as the grammar of searches quotes it. Raises: BadInput."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise BadInput(f"{text!r} holds both kinds of quotes, which no search can ask for")
