"""OpenLineage events of a version's making and of its releases.

A run that made a version is a job run with its data sets as inputs and the version as output; each
alias that the version got is a run of the job ``release``. Source: the OpenLineage specification
2-0-2, object model ``RunEvent``, with its standard facets.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from mainstay import __version__
from mainstay.entities.inputs import DatasetInput
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import Run
from mainstay.provenance.lineage import DATA_JOB, parents_of
from mainstay.provenance.records import Records, logged_of, run_of

PRODUCER = f"https://github.com/mainstay/mainstay/tree/v{__version__}"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"
_ENDS = {"FINISHED": "COMPLETE", "FAILED": "FAIL", "KILLED": "ABORT"}


def of_version(
    records: Records, name: str, version: int, *, namespace: str
) -> Iterator[dict[str, Any]]:
    """Yield the events of a version, in order of time.

    ``namespace`` is the address of the server. Raises: NotFound (the version).
    """
    found = records.registry.get_model_version(name, version)
    run = run_of(records, found, logged_of(records, found))
    if run is not None:
        for item in run.inputs.dataset_inputs:
            if item.tags.get(DATA_JOB) or parents_of(item):
                yield _made_data(item, run, namespace)
        yield _made_version(run, found, namespace)
    for change in records.registry.alias_history(name):
        if change.version == version:
            seed = f"{namespace}/{name}@{change.alias}#{change.change_id}"
            yield _event(
                "COMPLETE",
                change.at,
                run_id=str(uuid.uuid5(uuid.NAMESPACE_URL, seed)),
                job=f"release.{name}@{change.alias}",
                namespace=namespace,
                inputs=[_version(found, namespace)],
                outputs=[_dataset(namespace, f"models/{name}@{change.alias}", {})],
            )


def encode(event: dict[str, Any]) -> str:
    """Return an event as one line of JSON."""
    return msgspec.json.encode(event).decode()


def _made_version(run: Run, version: ModelVersion, namespace: str) -> dict[str, Any]:
    facets = {}
    commit = run.data.tags.get("mlflow.source.git.commit")
    repository = run.data.tags.get("mlflow.source.git.repoURL")
    if commit and repository:
        facets["sourceCodeLocation"] = _facet(
            "1-1-0/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet",
            type="git",
            url=repository,
            version=commit,
        )
    return _event(
        _ENDS.get(run.info.status, "RUNNING"),
        run.info.end_time or version.creation_timestamp,
        run_id=str(uuid.UUID(run.info.run_id)),
        job=run.data.tags.get("mlflow.source.name") or run.info.run_name,
        namespace=namespace,
        inputs=[_input(item) for item in run.inputs.dataset_inputs],
        outputs=[_version(version, namespace)],
        job_facets=facets,
    )


def _made_data(item: DatasetInput, run: Run, namespace: str) -> dict[str, Any]:
    seed = f"{namespace}/data/{item.dataset.name}@{item.dataset.digest}"
    return _event(
        "COMPLETE",
        run.info.start_time,
        run_id=str(uuid.uuid5(uuid.NAMESPACE_URL, seed)),
        job=item.tags.get(DATA_JOB) or f"data.{item.dataset.name}",
        namespace=namespace,
        inputs=[
            _dataset("data", p.get("name", ""), _version_facet(p.get("digest", "")))
            for p in parents_of(item)
        ],
        outputs=[_input(item)],
    )


def _event(
    kind: str,
    at: int,
    *,
    run_id: str,
    job: str,
    namespace: str,
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
    job_facets: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds"),
        "run": {"runId": run_id, "facets": {}},
        "job": {"namespace": namespace, "name": job, "facets": job_facets or {}},
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
    }


def _input(item: DatasetInput) -> dict[str, Any]:
    return _dataset("data", item.dataset.name, _version_facet(item.dataset.digest))


def _version(version: ModelVersion, namespace: str) -> dict[str, Any]:
    name = f"models/{version.name}/{version.version}"
    return _dataset(namespace, name, _version_facet(version.digest or ""))


def _dataset(namespace: str, name: str, facets: dict[str, Any]) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def _version_facet(digest: str) -> dict[str, Any]:
    """Return the digest as the standard facet for a data set's version."""
    if not digest:
        return {}
    schema = "1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet"
    return {"version": _facet(schema, datasetVersion=digest)}


def _facet(schema: str, **fields: str) -> dict[str, str]:
    return {"_producer": PRODUCER, "_schemaURL": f"{_FACETS}/{schema}", **fields}
