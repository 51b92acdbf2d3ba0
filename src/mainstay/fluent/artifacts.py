"""Files of the active run: copied into the spool, uploaded by the sender."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mainstay import context
from mainstay.client.artifacts import merged
from mainstay.errors import NotFound, Unavailable
from mainstay.fluent.active import ActiveRun, current
from mainstay.fluent.session import Session, confirmed, session


def log_artifact(
    local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Log a file, or a folder under its own name. Raises: NotFound if it is not there."""
    own, target = _target(run_id)
    own.client.log_artifact(target, local_path, artifact_path)


def log_artifacts(
    local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None
) -> None:
    """Log what a folder holds. Raises: NotFound if it is not there."""
    own, target = _target(run_id)
    own.client.log_artifacts(target, local_dir, artifact_path)


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Log text as a file."""
    own, target = _target(run_id)
    own.client.log_text(target, text, artifact_file)


def log_dict(dictionary: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Log a dict as JSON, or as YAML if the file's name ends in .yml or .yaml."""
    own, target = _target(run_id)
    own.client.log_dict(target, dictionary, artifact_file)


def log_figure(
    figure: Any, artifact_file: str, *, save_kwargs: Mapping[str, Any] | None = None
) -> None:
    """Log a matplotlib or plotly figure in the format of the file's name."""
    own, target = _target(None)
    own.client.log_figure(target, figure, artifact_file, save_kwargs=save_kwargs)


def log_image(
    image: Any,
    artifact_file: str | None = None,
    key: str | None = None,
    step: int | None = None,
    timestamp: int | None = None,
    synchronous: bool | None = False,
) -> None:
    """Log an image: a PIL image, or an array of (height, width[, 1|3|4]); floats are 0 to 1.

    As ``artifact_file``, or as one of the steps of ``key``. Raises: BadInput unless one of the two
    is given; NotYetSent only with ``synchronous``.
    """
    own, target = _target(None)
    own.client.log_image(target, image, artifact_file, key, step, timestamp)
    confirmed(own, synchronous)


def log_stream(stream: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Log what a binary stream holds, from where it stands."""
    own, target = _target(run_id)
    own.client.log_stream(target, stream, artifact_file)


def log_table(data: Any, artifact_file: str, run_id: str | None = None) -> None:
    """Log a table (a dict of columns, or a pandas frame); a second call adds rows.

    The tables of the active run are kept in memory, so that adding rows asks no server.
    """
    run = current() if run_id is None else context.active()
    if run is None or (run_id is not None and run.run_id != run_id):
        session().client.log_table(str(run_id), data, artifact_file)
        return
    before = run.tables.get(artifact_file)
    if before is None and not run.is_new:
        with contextlib.suppress(NotFound, Unavailable):
            before = run.owner.client.read_table(run.run_id, artifact_file)
    table = run.tables[artifact_file] = merged(before, data)
    run.owner.client.log_text(run.run_id, json.dumps(table, default=str), artifact_file)


def load_table(
    artifact_file: str,
    run_ids: list[str] | None = None,
    extra_columns: list[str] | None = None,
) -> Any:
    """Return logged tables as one pandas frame. Raises: NotFound if no run has one.

    Without ``run_ids`` the runs of the current experiment are read. ``extra_columns`` adds
    ``run_id``, or a parameter, metric or tag of the run by its name.
    """
    from mainstay.fluent.search import search_runs

    ids = run_ids or [run.info.run_id for run in search_runs(output_format="list")]
    return session().client.load_table("", artifact_file, ids, extra_columns)


def get_artifact_uri(artifact_path: str | None = None) -> str:
    """Return the address of the active run's files, or of one of them."""
    run: ActiveRun = current()
    root: str = run.info.artifact_uri
    return f"{root.rstrip('/')}/{artifact_path.strip('/')}" if artifact_path else root


def _target(run_id: str | None) -> tuple[Session, str]:
    if run_id is not None:
        return session(), run_id
    run = current()
    return run.owner, run.run_id
