"""Sources made and read by the stock mlflow package; and what mainstay reads, in the same words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mainstay.artifact_store.transfer import walk
from mainstay.connect import Stores, connect
from mainstay.entities.pages import Search
from mainstay.entities.runs import Run
from tests.support.parts import MLFLOW2_PYTHON, MLFLOW_PYTHON, require

SCRIPTS = Path(__file__).parent / "scripts"
MARKS = {"make.py": "MADE::", "read.py": "READ::"}
PYTHONS = {"mlflow": MLFLOW_PYTHON, "mlflow2": MLFLOW2_PYTHON}


def make(peer: str, uri: str, folder: Path, *, runs: int = 5) -> dict[str, Any]:
    """Let mlflow fill a store and return the ids it made."""
    return _peer(peer, folder, "make.py", uri, str(runs))


def read(peer: str, uri: str, folder: Path) -> dict[str, Any]:
    """Return all that mlflow's client reads of a store."""
    return _peer(peer, folder, "read.py", uri)


def mainstay(*arguments: str, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command of ours and check how it ends."""
    done = subprocess.run(command(*arguments), cwd=cwd, env=environment(), **_TEXT)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done


def command(*arguments: str) -> list[str]:
    """Return the command line of a command of ours."""
    return [sys.executable, "-m", "mainstay", *arguments]


def environment() -> dict[str, str]:
    """Return this environment without settings of either program."""
    prefixes = ("MAINSTAY_", "MLFLOW_")
    return {key: value for key, value in os.environ.items() if not key.startswith(prefixes)}


def ours(uri: str, **options: Any) -> dict[str, Any]:
    """Return all that our stores read, as ``read`` would."""
    with connect(uri, uri, **options) as stores:
        found = {
            "experiments": {
                one.name: {
                    "id": one.experiment_id,
                    "stage": one.lifecycle_stage,
                    "created": one.creation_time,
                    "updated": one.last_update_time,
                    "tags": one.tags,
                    "runs": _runs(stores, one.experiment_id),
                    "models": _models(stores, one.experiment_id),
                }
                for one in stores.tracking.search_experiments(Search(view="ALL")).items
            },
            "registry": {
                model.name: {
                    "created": model.creation_timestamp,
                    "description": model.description,
                    "tags": model.tags,
                    "aliases": model.aliases,
                    "versions": _versions(stores, model.name),
                }
                for model in stores.registry.search_registered_models(Search(max_results=100)).items
            },
        }
    return json.loads(json.dumps(found))


def _runs(stores: Stores, experiment_id: str) -> dict[str, Any]:
    search = Search(view="ALL", max_results=5000)
    found = stores.tracking.search_runs([experiment_id], search).items
    return {run.info.run_id: _run(stores, run) for run in found}


def _run(stores: Stores, run: Run) -> dict[str, Any]:
    run = stores.tracking.get_run(run.info.run_id)
    info, data = run.info, run.data
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
                    (point.timestamp, point.step, repr(point.value + 0.0))
                    for point in stores.tracking.get_metric_history(info.run_id, key).items
                }
            )
            for key in data.metrics
        },
        "datasets": sorted(
            [
                *(item.dataset.name, item.dataset.digest, item.dataset.source_type),
                *(item.dataset.source, item.dataset.schema or "", item.dataset.profile or ""),
                sorted([key, value] for key, value in item.tags.items()),
            ]
            for item in run.inputs.dataset_inputs
        ),
        "used": sorted(item.model_id for item in run.inputs.model_inputs),
        "made": sorted([item.model_id, item.step] for item in run.outputs.model_outputs),
        "files": {
            file.path: file.file_size for file in walk(stores.artifacts_at(info.artifact_uri))
        },
    }


def _models(stores: Stores, experiment_id: str) -> dict[str, Any]:
    found = stores.tracking.search_logged_models([experiment_id], Search()).items
    return {
        model.model_id: {
            "name": model.name,
            "status": model.status,
            "type": model.model_type,
            "run": model.source_run_id,
            "created": model.creation_timestamp,
            "updated": model.last_updated_timestamp,
            "params": model.params,
            "tags": model.tags,
            "metrics": sorted(
                [point.key, point.timestamp, point.step, repr(point.value + 0.0), point.run_id]
                for point in model.metrics
            ),
        }
        for model in found
    }


def _versions(stores: Stores, name: str) -> dict[int, Any]:
    found = stores.registry.search_model_versions(
        Search(filter=f"name = '{name}'", max_results=1000)
    ).items
    return {
        one.version: {
            "created": one.creation_timestamp,
            "stage": one.current_stage,
            "description": one.description,
            "user": one.user_id,
            "run": one.run_id or "",
            "status": one.status,
            "link": one.run_link or "",
            "tags": one.tags,
            "aliases": sorted(one.aliases),
            "uri": one.storage_location,
        }
        for one in found
    }


_TEXT: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 240, "check": False}


def _peer(peer: str, folder: Path, script: str, *arguments: str) -> dict[str, Any]:
    require(peer)
    done = subprocess.run(
        [str(PYTHONS[peer]), str(SCRIPTS / script), *arguments],
        cwd=folder,
        env={
            **environment(),
            "MLFLOW_ALLOW_FILE_STORE": "true",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "GIT_PYTHON_REFRESH": "quiet",
        },
        **_TEXT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.rpartition(MARKS[script])[2])
    return found
