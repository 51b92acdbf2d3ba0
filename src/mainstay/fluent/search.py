"""Reading runs back: one by id, or a search as a pandas frame or a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mainstay import context
from mainstay.entities.runs import Run
from mainstay.errors import BadInput
from mainstay.fluent.session import session

PAGE = 10_000
DEFAULT_MAX = 100_000


def get_run(run_id: str) -> Run:
    """Return the run with everything that this process logged before. Raises: NotFound."""
    return session().client.get_run(run_id)


def get_parent_run(run_id: str) -> Run | None:
    """Return the run above this one, None for a top run. Raises: NotFound."""
    return session().client.get_parent_run(run_id)


def delete_run(run_id: str) -> None:
    """Mark a run deleted. Raises: NotFound."""
    session().client.delete_run(run_id)


def restore_run(run_id: str) -> None:
    """Bring a run back. Raises: NotFound."""
    session().client.restore_run(run_id)


def search_runs(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: int | str = "ACTIVE_ONLY",
    max_results: int = DEFAULT_MAX,
    order_by: Sequence[str] | None = None,
    output_format: str = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
) -> Any:
    """Search runs; default: those of the current experiment, newest first.

    Returns a pandas frame with a row a run (columns ``run_id``, ``experiment_id``, ``status``,
    ``artifact_uri``, ``start_time``, ``end_time``, ``metrics.*``, ``params.*``, ``tags.*``), or a
    list of runs with ``output_format="list"``. Raises: BadInput on a bad filter.
    """
    if output_format not in ("pandas", "list"):
        raise BadInput(f"output_format {output_format!r} is neither 'pandas' nor 'list'")
    ids = _experiments(experiment_ids, experiment_names, search_all_experiments)
    runs = _search(ids, filter_string, run_view_type, max_results, order_by) if ids else []
    return runs if output_format == "list" else frame(runs)


def frame(runs: Sequence[Run]) -> Any:
    """Return runs as a pandas frame; what a run lacks is NaN (metrics) or None."""
    import pandas

    columns: dict[str, Any] = {
        "run_id": [run.info.run_id for run in runs],
        "experiment_id": [run.info.experiment_id for run in runs],
        "status": [run.info.status for run in runs],
        "artifact_uri": [run.info.artifact_uri for run in runs],
        "start_time": _times([run.info.start_time for run in runs]),
        "end_time": _times([run.info.end_time for run in runs]),
    }
    metrics = [run.data.metrics for run in runs]
    for key in _keys(metrics):
        columns[f"metrics.{key}"] = [row.get(key, float("nan")) for row in metrics]
    for prefix, rows in (
        ("params", [run.data.params for run in runs]),
        ("tags", [run.data.tags for run in runs]),
    ):
        for key in _keys(rows):
            columns[f"{prefix}.{key}"] = [row.get(key) for row in rows]
    return pandas.DataFrame(columns)


def _times(milliseconds: list[int | None]) -> Any:
    import pandas

    return pandas.to_datetime(pandas.Series(milliseconds, dtype="Int64"), unit="ms", utc=True)


def _keys(rows: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({key for row in rows for key in row})


def _experiments(
    ids: Sequence[str] | None, names: Sequence[str] | None, everything: bool
) -> list[str]:
    if ids is not None and names is not None:
        raise BadInput("give either experiment_ids or experiment_names")
    client = session().client
    if ids is not None:
        return [str(ids)] if isinstance(ids, (str, int)) else [str(one) for one in ids]
    if names is not None:
        found = [client.get_experiment_by_name(name) for name in names]
        return [experiment.experiment_id for experiment in found if experiment is not None]
    if everything:
        from mainstay.fluent.experiments import search_experiments

        return [experiment.experiment_id for experiment in search_experiments()]
    experiment_id, name = context.experiment()
    if experiment_id is not None:
        return [experiment_id]
    named = client.get_experiment_by_name(str(name))
    return [named.experiment_id] if named is not None else []


def _search(
    ids: list[str],
    filter_string: str,
    view_type: int | str,
    max_results: int,
    order_by: Sequence[str] | None,
) -> list[Run]:
    client, token = session().client, None
    found: list[Run] = []
    while len(found) < max_results:
        page = client.search_runs(
            ids, filter_string, view_type, min(PAGE, max_results - len(found)), order_by, token
        )
        found += page
        token = page.token
        if token is None:
            break
    return found
