"""What a run read and what it made: data sets and logged models."""

from __future__ import annotations

import msgspec


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
    """A data set as it was when read: a digest of its content and where it came from.

    ``source``, ``schema`` and ``profile`` are JSON texts, as in MLflow.
    """

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class DatasetInput(msgspec.Struct, frozen=True, kw_only=True):
    """A data set that a run read; the tag ``mlflow.data.context`` says for what."""

    dataset: Dataset
    tags: dict[str, str] = {}


class LoggedModelInput(msgspec.Struct, frozen=True):
    """A model that a run used."""

    model_id: str


class LoggedModelOutput(msgspec.Struct, frozen=True):
    """A model that a run made, at a step."""

    model_id: str
    step: int = 0


class RunInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run read."""

    dataset_inputs: list[DatasetInput] = []
    model_inputs: list[LoggedModelInput] = []


class RunOutputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a run made."""

    model_outputs: list[LoggedModelOutput] = []
