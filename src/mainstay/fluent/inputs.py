"""What the active run read and made: data sets and logged models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from mainstay.capture import data as captured
from mainstay.entities.inputs import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
)
from mainstay.errors import BadInput
from mainstay.fluent import snapshots
from mainstay.fluent.active import ActiveRun, current
from mainstay.spool.reports import warn

CONTEXT = "mlflow.data.context"
DATA_VERSION = "data_version"
UNREADABLE = "mainstay.data.unreadable"
"""The tag that says which data cannot be read again from where they came from, and why."""


def log_input(
    dataset: Any = None,
    context: str | None = None,
    tags: dict[str, str] | None = None,
    model: LoggedModelInput | None = None,
    *,
    snapshot: bool | str = False,
) -> None:
    """Record that the active run read a data set (``mainstay.data.from_…``), or used a model.

    ``context`` says for what, e.g. ``training``. What keeps the first data set's versions (DVC, a
    Delta or Iceberg table, a versioned bucket, the Hugging Face hub) gives ``data_version``, else
    the digest does, unless the run has that tag.

    ``snapshot=True`` keeps the rows with the run, as Parquet named by its content;
    ``snapshot="sample:1000"`` keeps so many of them, the same ones each time. Without it the source
    is looked at again, and the tag ``mainstay.data.unreadable`` says why it cannot be read.

    Raises: BadInput: a snapshot of data that no Parquet file can hold.
    """
    datasets = [] if dataset is None else [dataset]
    kept = snapshots.keep(dataset, snapshot) if snapshot else {}
    log_inputs(
        datasets,
        [context] * len(datasets),
        [{**(tags or {}), **kept}] * len(datasets),
        models=[] if model is None else [model],
    )


def log_inputs(
    datasets: Sequence[Any] | None = None,
    contexts: Sequence[str | None] | None = None,
    tags_list: Sequence[dict[str, str] | None] | None = None,
    models: Sequence[LoggedModelInput] | None = None,
) -> None:
    """Record data sets and models that the active run read."""
    run = current()
    given = list(datasets or ())
    read = [
        DatasetInput(
            dataset=record_of(dataset),
            tags={**(tags or {}), **({CONTEXT: context} if context else {})},
        )
        for dataset, context, tags in zip(
            given,
            contexts or [None] * len(given),
            tags_list or [None] * len(given),
            strict=True,
        )
    ]
    run.owner.tracking.log_inputs(run.run_id, datasets=read, models=list(models or ()))
    if read:
        _look_at_the_data(run, read)


def log_outputs(models: Sequence[LoggedModelOutput]) -> None:
    """Record logged models that the active run made."""
    run = current()
    run.owner.tracking.log_outputs(run.run_id, list(models))


def record_of(dataset: Any) -> Dataset:
    """Return the record of a data set, which may be one already. Raises: BadInput."""
    if isinstance(dataset, Dataset):
        return dataset
    record = getattr(dataset, "record", None)
    if not isinstance(record, Dataset):
        raise BadInput(
            f"a {type(dataset).__name__} is not a described data set; describe it with "
            "mainstay.data.from_pandas(...) or one of its siblings"
        )
    return record


def _look_at_the_data(run: ActiveRun, read: list[DatasetInput]) -> None:
    """Find out versions and whether sources are there; beside training where a network is asked."""
    first = None
    if not run.data_is_named and DATA_VERSION not in run.data.tags and DATA_VERSION not in run.tags:
        run.data_is_named = True
        first = read[0].dataset
    unkept = [one.dataset for one in read if snapshots.PATH not in one.tags]
    look = partial(_name_and_check, run, first, unkept)
    if all(captured.is_near(one.dataset) for one in read):
        look()
    else:
        run.errands.run("the version of the data", look)


def _name_and_check(run: ActiveRun, first: Dataset | None, unkept: list[Dataset]) -> None:
    tags: dict[str, str] = {}
    if first is not None:
        version = captured.version(first)
        if DATA_VERSION not in run.tags:  # said by the script meanwhile
            tags[DATA_VERSION] = f"{first.name}@{version}"
    before = len(run.unreadable)
    for dataset in unkept:
        trouble = captured.trouble(dataset)
        if trouble is not None and dataset.name not in run.unreadable:
            run.unreadable[dataset.name] = trouble
            if dataset.source_type != captured.CODE:
                warn(f"the data set {dataset.name!r} cannot be read again: {trouble}")
    if len(run.unreadable) > before:
        tags[UNREADABLE] = "; ".join(f"{name}: {why}" for name, why in run.unreadable.items())
    if tags:
        run.owner.tracking.log_batch(run.run_id, tags=tags)
