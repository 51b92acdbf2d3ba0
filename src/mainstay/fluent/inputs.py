"""What the active run read and made: data sets and logged models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mainstay.entities.inputs import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
)
from mainstay.fluent.active import ActiveRun, current

CONTEXT = "mlflow.data.context"
DATA_VERSION = "data_version"


def log_input(
    dataset: Any = None,
    context: str | None = None,
    tags: dict[str, str] | None = None,
    model: LoggedModelInput | None = None,
) -> None:
    """Record that the active run read a data set (``mainstay.data.from_…``), or used a model.

    ``context`` says for what, e.g. ``training``. The first data set's digest becomes the tag
    ``data_version``, unless the run has one.
    """
    datasets = [] if dataset is None else [dataset]
    log_inputs(
        datasets,
        [context] * len(datasets),
        [tags] * len(datasets),
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
        _name_the_data(run, read[0].dataset)


def log_outputs(models: Sequence[LoggedModelOutput]) -> None:
    """Record logged models that the active run made."""
    run = current()
    run.owner.tracking.log_outputs(run.run_id, list(models))


def record_of(dataset: Any) -> Dataset:
    """Return the record of a data set, which may be one already."""
    if isinstance(dataset, Dataset):
        return dataset
    record: Dataset = dataset.record
    return record


def _name_the_data(run: ActiveRun, dataset: Dataset) -> None:
    if DATA_VERSION not in run.data.tags and DATA_VERSION not in run.tags:
        run.tags.add(DATA_VERSION)
        version = f"{dataset.name}@{dataset.digest}"
        run.owner.tracking.log_batch(run.run_id, tags={DATA_VERSION: version})
