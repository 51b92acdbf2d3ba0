"""Write what imported runs read and made, as it was; limits of the live API are not applied."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from mainstay.entities.inputs import DatasetInput
from mainstay.entities.runs import Run
from mainstay.stores.sql.bulk import keep
from mainstay.stores.sql.tables.inputs import (
    datasets,
    input_tags,
    inputs,
    model_inputs,
    model_outputs,
)


def edges(connection: Connection, row: Any, wanted: Run) -> None:
    """Keep the data sets and models of a run (its row); what is here already stays."""
    for item in wanted.inputs.dataset_inputs:
        _dataset(connection, row, item)
    used = [{"run": row.id, "model_id": one.model_id} for one in wanted.inputs.model_inputs]
    keep(connection, model_inputs, used)
    made = [
        {"run": row.id, "model_id": one.model_id, "step": one.step}
        for one in wanted.outputs.model_outputs
    ]
    keep(connection, model_outputs, made)


def _dataset(connection: Connection, row: Any, item: DatasetInput) -> None:
    read = item.dataset
    identity = {"experiment": row.experiment, "name": read.name, "digest": read.digest}
    rest = {
        "source_type": read.source_type,
        "source": read.source,
        "schema": read.schema,
        "profile": read.profile,
    }
    keep(connection, datasets, [{**identity, **rest}], key=list(identity))
    dataset = connection.execute(
        select(datasets.c.id).where(*(datasets.c[name] == identity[name] for name in identity))
    ).scalar_one()
    edge = {"run": row.id, "dataset": dataset}
    keep(connection, inputs, [edge], key=list(edge))
    number = connection.execute(
        select(inputs.c.id).where(inputs.c.run == row.id, inputs.c.dataset == dataset)
    ).scalar_one()
    pairs = [{"input": number, "key": key, "value": item.tags[key]} for key in item.tags]
    keep(connection, input_tags, pairs)
