"""Run by the stock mlflow package: print all that its client reads at argv[1], as JSON."""

import json
import sys

import mlflow
from mlflow import MlflowClient

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
ALL = 3


def files(run_id, path=None):
    found = {}
    for info in client.list_artifacts(run_id, path):
        if info.is_dir:
            found |= files(run_id, info.path)
        else:
            found[info.path] = info.file_size
    return found


def run(one):
    one = client.get_run(one.info.run_id)
    info, data = one.info, one.data
    outputs = getattr(one, "outputs", None)
    models = getattr(one.inputs, "model_inputs", None) or []
    return {
        "name": info.run_name,
        "user": info.user_id,
        "status": info.status,
        "start": info.start_time,
        "end": info.end_time,
        "stage": info.lifecycle_stage,
        "params": data.params,
        "tags": data.tags,
        "latest": {key: repr(value) for key, value in data.metrics.items()},
        "points": {
            key: sorted(
                {
                    (m.timestamp, m.step, repr(m.value + 0.0))
                    for m in client.get_metric_history(info.run_id, key)
                }
            )
            for key in data.metrics
        },
        "datasets": sorted(
            [
                i.dataset.name,
                i.dataset.digest,
                i.dataset.source_type,
                i.dataset.source,
                i.dataset.schema or "",
                i.dataset.profile or "",
                sorted([t.key, t.value] for t in i.tags),
            ]
            for i in one.inputs.dataset_inputs
        ),
        "used": sorted(i.model_id for i in models),
        "made": sorted([o.model_id, o.step] for o in (outputs.model_outputs if outputs else [])),
        "files": files(info.run_id),
    }


def logged_models(experiment_id):
    if not hasattr(client, "search_logged_models"):
        return {}
    return {
        m.model_id: {
            "name": m.name,
            "status": str(m.status),
            "type": m.model_type,
            "run": m.source_run_id,
            "created": m.creation_timestamp,
            "updated": m.last_updated_timestamp,
            "params": m.params,
            "tags": m.tags,
            "metrics": sorted(
                [p.key, p.timestamp, p.step, repr(p.value + 0.0), p.run_id] for p in m.metrics or []
            ),
        }
        for m in client.search_logged_models([experiment_id])
    }


def version(one):
    one = client.get_model_version(one.name, one.version)
    return {
        "created": one.creation_timestamp,
        "stage": one.current_stage,
        "description": one.description or "",
        "user": one.user_id or "",
        "run": one.run_id or "",
        "status": one.status,
        "link": one.run_link or "",
        "tags": one.tags,
        "aliases": sorted(one.aliases),
        "uri": client.get_model_version_download_uri(one.name, one.version),
    }


found = {
    "experiments": {
        e.name: {
            "id": e.experiment_id,
            "stage": e.lifecycle_stage,
            "created": e.creation_time,
            "updated": e.last_update_time,
            "tags": e.tags,
            "runs": {
                r.info.run_id: run(r)
                for r in client.search_runs([e.experiment_id], run_view_type=ALL, max_results=5000)
            },
            "models": logged_models(e.experiment_id),
        }
        for e in client.search_experiments(view_type=ALL)
    },
    "registry": {
        m.name: {
            "created": m.creation_timestamp,
            "description": m.description or "",
            "tags": m.tags,
            "aliases": {alias: int(number) for alias, number in m.aliases.items()},
            "versions": {
                int(v.version): version(v) for v in client.search_model_versions(f"name='{m.name}'")
            },
        }
        for m in client.search_registered_models()
    },
}
print("READ::" + json.dumps(found))
