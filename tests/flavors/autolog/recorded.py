"""Run fits under the autolog of a face, ``mlflow`` or ``mainstay``, and print what it recorded.

``python -m tests.flavors.autolog.recorded FACE SERVER FIT...``: the same module of ``fits`` runs
with either face, which is the one import that a script changes.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from typing import Any

MARK = "RECORDED"
PARENT = "mlflow.parentRunId"


def main(face_name: str, server: str, *fits: str) -> None:
    """Fit one after the other, each in an experiment of its own; print what each recorded."""
    warnings.filterwarnings("ignore")
    face = importlib.import_module(face_name)
    face.set_tracking_uri(server)
    found = {}
    for fit in fits:
        face.set_experiment(f"{fit} {face_name}")
        importlib.import_module(f"tests.flavors.autolog.fits.{fit}").fit(face)
        found[fit] = told(face)
    print(MARK + json.dumps(found))


def told(face: Any) -> dict[str, Any]:
    """Return what the first run of the active experiment holds, and how many runs there are."""
    runs = face.search_runs(output_format="list", order_by=["attributes.start_time ASC"])
    run = next(one for one in runs if PARENT not in one.data.tags)
    client = face.MlflowClient()
    run_id = run.info.run_id
    models = run.outputs.model_outputs
    return {
        "runs": len(runs),
        "children": [_child(one) for one in runs if one.data.tags.get(PARENT) == run_id],
        "status": run.info.status,
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
        "steps": {
            key: [point.step for point in client.get_metric_history(run_id, key)]
            for key in run.data.metrics
        },
        "tags": dict(run.data.tags),
        "artifacts": _files(client, run_id, ""),
        "inputs": [
            {"context": context_of(one), "name": one.dataset.name}
            for one in run.inputs.dataset_inputs
        ],
        "models": [_model(client, one.model_id) for one in models],
    }


def _child(run: Any) -> dict[str, Any]:
    """Return what a candidate of a search was told and reached."""
    tags = ("mlflow.autologging", "estimator_name", "estimator_class")
    return {
        "status": run.info.status,
        "params": dict(run.data.params),
        "metrics": dict(run.data.metrics),
        "tags": {name: run.data.tags[name] for name in tags},
    }


def context_of(one: Any) -> str | None:
    """Return for what a data set was read; tags are a dict here and a list in mlflow."""
    tags = one.tags if isinstance(one.tags, dict) else {tag.key: tag.value for tag in one.tags}
    found: str | None = tags.get("mlflow.data.context")
    return found


def _model(client: Any, model_id: str) -> dict[str, Any]:
    model = client.get_logged_model(model_id)
    return {"name": model.name, "status": str(model.status).rpartition(".")[2]}


def _files(client: Any, run_id: str, path: str) -> list[str]:
    found = []
    for one in client.list_artifacts(run_id, path or None):
        found += _files(client, run_id, one.path) if one.is_dir else [one.path]
    return sorted(found)


if __name__ == "__main__":
    main(*sys.argv[1:])
