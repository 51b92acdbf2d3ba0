"""What runs read and made: data sets, models used, models produced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from mainstay.entities.inputs import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    RunInputs,
    RunOutputs,
)
from mainstay.stores.sql import rules
from mainstay.stores.sql.statements import Statement, among

LENGTHS = {"name": 500, "digest": 36, "source_type": 500, "source": 65_535}
SCHEMA_LENGTH = 1_048_575
PROFILE_LENGTH = 16_777_215
TAG_KEY_LENGTH = 255
TAG_VALUE_LENGTH = 500

_KEEP_DATASET = Statement(
    'INSERT INTO datasets (experiment, name, digest, source_type, source, "schema", profile) '
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (experiment, name, digest) DO NOTHING"
)
_DATASET = Statement("SELECT id FROM datasets WHERE experiment = ? AND name = ? AND digest = ?")
_KEEP_INPUT = Statement(
    "INSERT INTO inputs (run, dataset) VALUES (?, ?) ON CONFLICT (run, dataset) DO NOTHING"
)
_INPUT = Statement("SELECT id FROM inputs WHERE run = ? AND dataset = ?")
_KEEP_TAG = Statement(
    "INSERT INTO input_tags (input, key, value) VALUES (?, ?, ?) "
    "ON CONFLICT (input, key) DO NOTHING"
)
_KEEP_MODEL_INPUT = Statement(
    "INSERT INTO model_inputs (run, model_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
)
_KEEP_MODEL_OUTPUT = Statement(
    "INSERT INTO model_outputs (run, model_id, step) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
_INPUTS = Statement(
    'SELECT inputs.id, run, name, digest, source_type, source, "schema" AS columns, profile '
    "FROM inputs JOIN datasets ON datasets.id = inputs.dataset WHERE run {among} "
    "ORDER BY run, inputs.id"
)
_INPUT_TAGS = Statement(
    "SELECT input, key, value FROM input_tags WHERE input {among} ORDER BY input, key"
)
_MODEL_INPUTS = Statement(
    "SELECT run, model_id FROM model_inputs WHERE run {among} ORDER BY run, model_id"
)
_MODEL_OUTPUTS = Statement(
    "SELECT run, model_id, step FROM model_outputs WHERE run {among} ORDER BY run, step, model_id"
)


def log_inputs(
    connection: Connection,
    run: Any,
    *,
    datasets: Sequence[DatasetInput],
    models: Sequence[LoggedModelInput],
) -> None:
    """Record what a held run (its row) read; the same again has no effect. Raises: BadInput."""
    for item in datasets:
        _check(item)
    for item in datasets:
        number = _dataset(connection, run.experiment, item.dataset)
        _KEEP_INPUT.run(connection, run.id, number)
        row = _INPUT.row(connection, run.id, number)
        assert row is not None, "the input was just written"
        _KEEP_TAG.many(connection, [(row.id, *pair) for pair in sorted(item.tags.items())])
    checked = [(run.id, rules.model_id(model.model_id)) for model in models]
    _KEEP_MODEL_INPUT.many(connection, checked)


def log_outputs(connection: Connection, run: Any, models: Sequence[LoggedModelOutput]) -> None:
    """Record what a held run made. Raises: BadInput."""
    rows = [
        (run.id, rules.model_id(model.model_id), rules.whole(model.step, "step"))
        for model in models
    ]
    _KEEP_MODEL_OUTPUT.many(connection, rows)


def load_inputs(connection: Connection, runs: Sequence[int]) -> dict[int, RunInputs]:
    """Return what runs (internal numbers) read."""
    rows = _INPUTS.rows(connection, among(connection, runs))
    tags: dict[int, dict[str, str]] = {row.id: {} for row in rows}
    if rows:
        for number, key, value in _INPUT_TAGS.rows(connection, among(connection, tags)):
            tags[number][key] = value
    datasets: dict[int, list[DatasetInput]] = {run: [] for run in runs}
    for row in rows:
        datasets[row.run].append(DatasetInput(dataset=_read(row), tags=tags[row.id]))
    models: dict[int, list[LoggedModelInput]] = {run: [] for run in runs}
    for run, model_id in _MODEL_INPUTS.rows(connection, among(connection, runs)):
        models[run].append(LoggedModelInput(model_id))
    return {run: RunInputs(dataset_inputs=datasets[run], model_inputs=models[run]) for run in runs}


def load_outputs(connection: Connection, runs: Sequence[int]) -> dict[int, RunOutputs]:
    """Return what runs (internal numbers) made."""
    made: dict[int, list[LoggedModelOutput]] = {run: [] for run in runs}
    for run, model_id, step in _MODEL_OUTPUTS.rows(connection, among(connection, runs)):
        made[run].append(LoggedModelOutput(model_id, step))
    return {run: RunOutputs(model_outputs=models) for run, models in made.items()}


def _dataset(connection: Connection, experiment: int, dataset: Dataset) -> int:
    _KEEP_DATASET.run(
        connection,
        *(experiment, dataset.name, dataset.digest, dataset.source_type, dataset.source),
        *(dataset.schema, dataset.profile),
    )
    row = _DATASET.row(connection, experiment, dataset.name, dataset.digest)
    assert row is not None, "the data set was just written"
    number: int = row.id
    return number


def _check(item: DatasetInput) -> None:
    for field, most in LENGTHS.items():
        rules.plain(getattr(item.dataset, field), f"Dataset {field}", most=most)
    if item.dataset.schema is not None:
        rules.plain(item.dataset.schema, "Dataset schema", most=SCHEMA_LENGTH)
    if item.dataset.profile is not None:
        rules.plain(item.dataset.profile, "Dataset profile", most=PROFILE_LENGTH)
    _check_tags(item.tags)


def _check_tags(tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        rules.plain(key, "Input tag key", most=TAG_KEY_LENGTH)
        rules.plain(value, f"Input tag value of {key}", most=TAG_VALUE_LENGTH)


def _read(row: Any) -> Dataset:
    return Dataset(
        name=row.name,
        digest=row.digest,
        source_type=row.source_type,
        source=row.source,
        schema=row.columns,
        profile=row.profile,
    )
