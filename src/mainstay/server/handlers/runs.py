"""Runs: their head, parameters, tags, and points logged to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from mainstay.errors import BadInput
from mainstay.server.context import Context
from mainstay.wire.base import Empty, mapping
from mainstay.wire.metrics import entities
from mainstay.wire.runs import (
    CreateRun,
    DeleteRunTag,
    GetPulses,
    GetRun,
    LogBatch,
    LogMetric,
    LogModel,
    LogParameter,
    Pulses,
    RunAnswer,
    RunInfoAnswer,
    RunInfoMessage,
    RunMessage,
    RunRef,
    SearchRuns,
    SetRunTag,
    UpdateRun,
    write_page,
)

MODEL_HISTORY = "mlflow.log-model.history"


def create(context: Context, request: CreateRun) -> RunAnswer:
    """Start a run."""
    made = context.tracking.create_run(
        request.experiment_id or "0",
        run_id=request.run_id or None,
        run_name=request.run_name or None,
        user_id=request.user_id,
        start_time=request.start_time,
        tags=mapping(request.tags),
        by=context.principal,
    )
    return RunAnswer(run=RunMessage.of(made))


def get(context: Context, request: GetRun) -> RunAnswer:
    """Return a run, deleted or not."""
    return RunAnswer(run=RunMessage.of(context.tracking.get_run(request.run_id)))


def update(context: Context, request: UpdateRun) -> RunInfoAnswer:
    """Change a run's state, end or name."""
    info = context.tracking.update_run(
        request.run_id,
        status=request.status,
        end_time=request.end_time,
        run_name=request.run_name or None,
    )
    return RunInfoAnswer(run_info=RunInfoMessage.of(info))


def delete(context: Context, request: RunRef) -> Empty:
    """Mark a run deleted."""
    context.tracking.delete_run(request.run_id)
    return Empty()


def restore(context: Context, request: RunRef) -> Empty:
    """Bring a deleted run back."""
    context.tracking.restore_run(request.run_id)
    return Empty()


def search(context: Context, request: SearchRuns) -> bytes:
    """Search runs; the answer is put together from bytes, most of which are made already."""
    found = context.services.kept_runs.search(request.experiment_ids, request.search())
    return write_page(found)


def log_metric(context: Context, request: LogMetric) -> Empty:
    """Log one point."""
    with _alone("metrics[0]."):
        context.tracking.log_batch(request.run_id, metrics=[request.metric().entity()])
    return Empty()


def log_parameter(context: Context, request: LogParameter) -> Empty:
    """Log one parameter."""
    with _alone("params[0]."):
        context.tracking.log_batch(request.run_id, params={request.key: request.value})
    return Empty()


def set_tag(context: Context, request: SetRunTag) -> Empty:
    """Set one tag."""
    with _alone("tags[0]."):
        context.tracking.log_batch(request.run_id, tags={request.key: request.value})
    return Empty()


def delete_tag(context: Context, request: DeleteRunTag) -> Empty:
    """Take a tag off."""
    context.tracking.delete_tag(request.run_id, request.key)
    return Empty()


def log_batch(context: Context, request: LogBatch) -> Empty:
    """Log points, parameters and tags, all or nothing."""
    params = mapping(request.params)
    if len(params) != len(request.params):
        counts = Counter(param.key for param in request.params)
        twice = [key for key, count in counts.items() if count > 1]
        raise BadInput(
            f"Duplicate parameter keys have been submitted: {twice}. Please ensure the request "
            "contains only one param value per param key."
        )
    context.tracking.log_batch(
        request.run_id,
        metrics=entities(request.metrics),
        params=params,
        tags=mapping(request.tags),
    )
    return Empty()


def log_model(context: Context, request: LogModel) -> Empty:
    """Record a model the old way: append its description to a tag of the run."""
    try:
        described = msgspec.json.decode(request.model_json, type=dict)
    except msgspec.DecodeError as error:
        raise BadInput(f"Malformed model info: model_json is not valid JSON: {error}") from error
    missing = {"artifact_path", "flavors", "utc_time_created", "run_id"} - set(described)
    if missing:
        raise BadInput(f"Model json is missing mandatory fields: {sorted(missing)}")
    kept = context.tracking.get_run(request.run_id).data.tags.get(MODEL_HISTORY, "[]")
    history = [*msgspec.json.decode(kept, type=list), described]
    context.tracking.log_batch(
        request.run_id, tags={MODEL_HISTORY: msgspec.json.encode(history).decode()}
    )
    return Empty()


def pulses(context: Context, request: GetPulses) -> Pulses:
    """Return when these runs were last heard of, and whether they are lost."""
    found = context.tracking.pulses(request.run_ids)
    return Pulses(pulses=list(found.values()))


@contextmanager
def _alone(place: str) -> Iterator[None]:
    """Name fields as a request for one thing does: ``name``, not ``metrics[0].name``."""
    try:
        yield
    except BadInput as error:
        if place not in error.message:
            raise
        raise type(error)(error.message.replace(place, "", 1), **error.details) from error
