"""Points, parameters and tags of the active run. A call appends to the spool and returns."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from mainstay import context, settings
from mainstay.client import defaults
from mainstay.entities.metrics import Metric
from mainstay.fluent.active import current
from mainstay.fluent.session import Session, confirmed, session, sessions


def log_metric(
    key: str,
    value: float,
    step: int | None = None,
    synchronous: bool | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> None:
    """Log one point. ``value`` may be NaN or infinite; ``timestamp`` is in ms, default now.

    Returns when the point is in the spool; with ``synchronous=True`` when the server has it.
    Raises: BadInput if ``value`` is not a number; NotYetSent only with ``synchronous``.
    """
    own, target = _target(run_id)
    _log(own, target, {key: value}, timestamp, step, model_id, dataset)
    confirmed(own, synchronous)


def log_metrics(
    metrics: Mapping[str, float],
    step: int | None = None,
    synchronous: bool | None = None,
    run_id: str | None = None,
    timestamp: int | None = None,
    model_id: str | None = None,
    dataset: Any = None,
) -> None:
    """Log one point of each metric, all with the same step and time."""
    own, target = _target(run_id)
    _log(own, target, metrics, timestamp, step, model_id, dataset)
    confirmed(own, synchronous)


def log_param(key: str, value: Any, synchronous: bool | None = None) -> Any:
    """Log a parameter and return its value. A parameter is never changed once it is logged."""
    own, target = _target(None)
    own.tracking.log_batch(target, params={key: str(value)})
    _remember(target, params={key: value})
    confirmed(own, synchronous)
    return value


def log_params(
    params: Mapping[str, Any], synchronous: bool | None = None, run_id: str | None = None
) -> None:
    """Log parameters."""
    own, target = _target(run_id)
    own.client.log_batch(target, params=params)
    _remember(target, params=params)
    confirmed(own, synchronous)


def set_tag(key: str, value: Any, synchronous: bool | None = None) -> None:
    """Set a tag; the last value wins."""
    own, target = _target(None)
    own.tracking.log_batch(target, tags={key: str(value)})
    _remember(target, tags=(key,))
    confirmed(own, synchronous)


def set_tags(tags: Mapping[str, Any], synchronous: bool | None = None) -> None:
    """Set tags."""
    own, target = _target(None)
    own.client.log_batch(target, tags=tags)
    _remember(target, tags=tags)
    confirmed(own, synchronous)


def delete_tag(key: str) -> None:
    """Take a tag off the active run."""
    own, target = _target(None)
    own.tracking.delete_tag(target, key)


def flush(timeout: float | None = None) -> bool:
    """Wait until the server has everything that this process logged; say whether it has.

    ``timeout`` is in seconds, for all of it together; default: ``MAINSTAY_READ_WAIT``. It is
    waited for even while the server fails: it may come back.
    """
    deadline = time.monotonic() + (settings.READ_WAIT.get() if timeout is None else timeout)
    done = [one.spool.flush(deadline - time.monotonic()) for one in sessions()]
    return all(done)


def _log(
    own: Session,
    run_id: str,
    metrics: Mapping[str, float],
    timestamp: int | None,
    step: int | None,
    model_id: str | None,
    dataset: Any,
) -> None:
    """Append points that share their time and step; in the short form where they have no more."""
    at = time.time_ns() // 1_000_000 if timestamp is None else int(timestamp)
    step = 0 if step is None else int(step)
    values = {
        key: value if type(value) is float else defaults.number(key, value)
        for key, value in metrics.items()
    }
    model_id = model_id if model_id is not None else context.active_model()
    if model_id is None and dataset is None and 0 < len(values) <= defaults.MAX_METRICS:
        own.tracking.log_values(run_id, values, timestamp=at, step=step)
        return
    name, digest = getattr(dataset, "name", None), getattr(dataset, "digest", None)
    points = [Metric(key, v, at, step, model_id, name, digest) for key, v in values.items()]
    own.client.log_batch(run_id, points)


def _target(run_id: str | None) -> tuple[Session, str]:
    if run_id is not None:
        return session(), run_id
    run = current()
    return run.owner, run.run_id


def _remember(
    run_id: str, params: Mapping[str, Any] | None = None, tags: Iterable[str] = ()
) -> None:
    """Keep what the script itself said of the active run: autolog does not say otherwise."""
    run = context.active()
    if run is not None and run.run_id == run_id:
        run.params.update((key, str(value)) for key, value in (params or {}).items())
        run.tags.update(tags)
