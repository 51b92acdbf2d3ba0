"""Run a project: a run is created, the entry point's command is started, the run is closed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mainstay import settings, uris
from mainstay.client import Client
from mainstay.projects import mlproject, source
from mainstay.projects.backends import BACKENDS, Job, SubmittedRun

ENTRY_POINT = "mlflow.project.entryPoint"
ENV = "mlflow.project.env"
BACKEND = "mlflow.project.backend"
PARENT = "mlflow.parentRunId"
PROJECT_URI = "mainstay.project.uri"


def run(
    uri: str,
    entry_point: str = "main",
    version: str | None = None,
    parameters: Mapping[str, object] | None = None,
    *,
    experiment_name: str | None = None,
    experiment_id: str | None = None,
    backend: str = "local",
    storage_dir: str | None = None,
    synchronous: bool = True,
    run_id: str | None = None,
    run_name: str | None = None,
    env_manager: str = "local",
    client: Client | None = None,
) -> SubmittedRun:
    """Run an entry point of the project at ``uri`` (a folder, a zip file, or a git address).

    The run carries the commit, the entry point and the parameters, so that it can be run again.
    With ``synchronous`` the call returns when the command has ended.

    Raises:
        BadInput: no such project, version, entry point, backend or environment manager; or a
            parameter is missing or not of its type.
    """
    client = client or Client()
    storage = Path(storage_dir or tempfile.mkdtemp(prefix="mainstay-project-"))
    storage.mkdir(parents=True, exist_ok=True)
    fetched = source.fetch(uri, storage, version=version)
    project = mlproject.read(Path(fetched.folder))
    entry = project.entry_point(entry_point)
    values = {name: str(value) for name, value in (parameters or {}).items()}
    command = mlproject.command(entry, values)
    chosen = BACKENDS.get(backend)
    chosen.check(project, env_manager)
    if run_id is None:
        experiment = experiment_id or _experiment(client, experiment_name)
        run_id = _create_run(
            client, experiment, fetched, entry_point, env_manager, backend, run_name
        )
    else:
        experiment = client.get_run(run_id).info.experiment_id
    client.log_batch(run_id, params=mlproject.resolved(entry, values))
    job = Job(
        run_id=run_id,
        project=project,
        command=command,
        env_manager=env_manager,
        variables=_variables(client, run_id, experiment),
    )
    submitted = chosen.submit(job, client)
    if synchronous:
        submitted.wait()
    return submitted


def _experiment(client: Client, name: str | None) -> str:
    if name is None and (known := settings.EXPERIMENT_ID.get()):
        return known
    wanted = name or settings.EXPERIMENT_NAME.get() or "Default"
    found = client.get_experiment_by_name(wanted)
    return found.experiment_id if found else client.create_experiment(wanted)


def _create_run(
    client: Client,
    experiment_id: str,
    fetched: source.Fetched,
    entry_point: str,
    env_manager: str,
    backend: str,
    run_name: str | None,
) -> str:
    tags = {
        "mlflow.source.type": "PROJECT",
        "mlflow.source.name": fetched.repository or fetched.uri,
        PROJECT_URI: _absolute(fetched),
        ENTRY_POINT: entry_point,
        ENV: env_manager,
        BACKEND: backend,
    }
    if fetched.commit:
        tags["mlflow.source.git.commit"] = fetched.commit
        tags["git_sha"] = fetched.commit
    if fetched.repository:
        tags["mlflow.source.git.repoURL"] = fetched.repository
    if parent := os.environ.get("MAINSTAY_PARENT_RUN_ID"):
        tags[PARENT] = parent
    return client.create_run(experiment_id, tags=tags, run_name=run_name).info.run_id


def _absolute(fetched: source.Fetched) -> str:
    address, _, part = fetched.uri.partition("#")
    path = uris.local_path(address)
    if path is None or source.is_git(address):
        return fetched.uri
    return str(path.resolve()) + (f"#{part}" if part else "")


def _variables(client: Client, run_id: str, experiment_id: str) -> dict[str, str]:
    given = {
        "RUN_ID": run_id,
        "TRACKING_URI": uris.absolute(client.tracking_uri),
        "EXPERIMENT_ID": experiment_id,
    }
    # Both spellings, so that a script written for either library joins the run.
    return {
        f"{prefix}_{name}": value
        for name, value in given.items()
        for prefix in ("MAINSTAY", "MLFLOW")
    }
