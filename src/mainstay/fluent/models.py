"""Logged models of the active run: begun, filled with files, finalized; all through the spool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mainstay import context
from mainstay.client.defaults import texts
from mainstay.entities.inputs import LoggedModelOutput
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.registry import ModelVersion
from mainstay.errors import BadInput, Unavailable
from mainstay.fluent.session import session

PAGE = 100

_last: str | None = None


def initialize_logged_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
    *,
    step: int = 0,
) -> LoggedModel:
    """Begin a logged model without waiting for the server; the active run made it, if there is one.

    Its files follow with ``log_model_artifacts(folder, model_id)``, then ``finalize_logged_model``,
    then ``register_logged_model`` if it is to be a version.
    """
    global _last
    run = context.active()
    own = run.owner if run is not None else session()
    source = source_run_id or (run.run_id if run is not None else None)
    if experiment_id is not None:
        where: tuple[str | None, str | None] = (str(experiment_id), None)
    elif run is not None:
        where = run.experiment
        if where == (None, None):  # a resumed run whose head came from the server
            where = (run.info.experiment_id, None)
    else:
        where = context.experiment()
    model = own.tracking.create_logged_model(
        where[0],
        experiment_name=where[1],
        name=name,
        source_run_id=source,
        model_type=model_type,
        params=texts(params),
        tags=texts(tags),
    )
    if source is not None:
        own.tracking.log_outputs(source, [LoggedModelOutput(model.model_id, step)])
    _last = model.model_id
    return model


def log_model_artifacts(local_dir: str | Path, model_id: str) -> None:
    """Add what a folder holds to a logged model; the files wait in the spool. Raises: NotFound."""
    session().client.log_model_artifacts(model_id, local_dir)


def register_logged_model(
    model_id: str, name: str, *, run_id: str | None = None, tags: Mapping[str, Any] | None = None
) -> ModelVersion | None:
    """Make a logged model the next version of ``name``.

    Returns the version; None where the server is away: the version is made when it is back, after
    the model's files have arrived. Raises: BadInput, GateRefused and the like.
    """
    own = session()
    try:
        return own.client.register(f"models:/{model_id}", name, dict(tags or {}))
    except Unavailable:
        own.tracking.register_later(
            name, f"models:/{model_id}", run_id=run_id, model_id=model_id, tags=texts(tags)
        )
        return None


def finalize_logged_model(model_id: str, status: LoggedModelStatus = "READY") -> LoggedModel:
    """Say that a model's files are all there, or that it failed."""
    return session().client.finalize_logged_model(model_id, status)


def get_logged_model(model_id: str) -> LoggedModel:
    """Return it. Raises: NotFound."""
    return session().client.get_logged_model(model_id)


def last_logged_model() -> LoggedModel | None:
    """Return the model that this process logged last, as the server has it now."""
    return session().client.get_logged_model(_last) if _last is not None else None


def search_logged_models(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str | None = None,
    datasets: Sequence[Mapping[str, Any]] | None = None,
    max_results: int | None = None,
    order_by: Sequence[Any] | None = None,
    output_format: str = "pandas",
) -> Any:
    """Return logged models, newest first: a pandas frame, or a list with ``output_format="list"``.

    ``datasets`` and ``order_by`` are those of ``Client.search_logged_models``. Raises: BadInput.
    """
    from mainstay.fluent.experiments import current_experiment

    if output_format not in ("pandas", "list"):
        raise BadInput(f"output_format {output_format!r} is neither 'pandas' nor 'list'")
    ids = list(experiment_ids or [current_experiment().experiment_id])
    client, token = session().client, None
    found: list[LoggedModel] = []
    while max_results is None or len(found) < max_results:
        left = PAGE if max_results is None else min(PAGE, max_results - len(found))
        page = client.search_logged_models(ids, filter_string, datasets, left, order_by, token)
        found += page
        token = page.token
        if token is None:
            break
    return found if output_format == "list" else _frame(found)


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Take a tag off. Raises: NotFound."""
    session().client.delete_logged_model_tag(model_id, key)


def _frame(models: list[LoggedModel]) -> Any:
    import pandas

    names = list(LoggedModel.__struct_fields__)
    return pandas.DataFrame([[getattr(m, name) for name in names] for m in models], columns=names)


def set_logged_model_tags(model_id: str, tags: Mapping[str, Any]) -> None:
    """Set tags. Raises: NotFound, BadInput."""
    session().client.set_logged_model_tags(model_id, tags)


def log_model_params(params: Mapping[str, Any], model_id: str | None = None) -> None:
    """Add parameters to a logged model; default: the one that was logged last."""
    session().client.log_model_params(model_id or _last or "", params)
