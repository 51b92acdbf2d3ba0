"""Messages about what runs read and made: data sets and logged models."""

from __future__ import annotations

from mainstay.entities.inputs import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    RunInputs,
    RunOutputs,
)
from mainstay.wire.base import (
    Int64,
    Message,
    NewTag,
    Request,
    RunRequest,
    Tag,
    Text,
    mapping,
    new_pairs,
    pairs,
    written,
)


class DatasetMessage(Message, frozen=True, kw_only=True):
    """A data set."""

    name: str = written("")
    digest: str = written("")
    source_type: str = written("")
    source: str = written("")
    schema: str | None = None
    profile: str | None = None


class DatasetInputMessage(Message, frozen=True, kw_only=True):
    """A data set that a run read, with the tags of that reading."""

    tags: list[Tag] = []
    dataset: DatasetMessage

    @classmethod
    def of(cls, item: DatasetInput) -> DatasetInputMessage:
        """Return the record's message."""
        data = item.dataset
        message = DatasetMessage(
            name=data.name,
            digest=data.digest,
            source_type=data.source_type,
            source=data.source,
            schema=data.schema,
            profile=data.profile,
        )
        return cls(tags=pairs(item.tags), dataset=message)

    def entity(self) -> DatasetInput:
        """Return the record."""
        data = self.dataset
        record = Dataset(
            name=data.name,
            digest=data.digest,
            source_type=data.source_type,
            source=data.source,
            schema=data.schema or None,
            profile=data.profile or None,
        )
        return DatasetInput(dataset=record, tags=mapping(self.tags))


class NewDataset(Request, frozen=True, kw_only=True):
    """A data set in a request."""

    name: Text
    digest: Text
    source_type: Text
    source: Text
    schema: str | None = None
    profile: str | None = None


class NewDatasetInput(Request, frozen=True, kw_only=True):
    """A data set in a request, with the tags of its reading."""

    tags: list[NewTag] = []
    dataset: NewDataset

    @classmethod
    def of(cls, item: DatasetInput) -> NewDatasetInput:
        """Return the record's message."""
        data = item.dataset
        message = NewDataset(
            name=data.name,
            digest=data.digest,
            source_type=data.source_type,
            source=data.source,
            schema=data.schema,
            profile=data.profile,
        )
        return cls(tags=new_pairs(item.tags), dataset=message)

    def entity(self) -> DatasetInput:
        """Return the record."""
        data = self.dataset
        record = Dataset(
            name=data.name,
            digest=data.digest,
            source_type=data.source_type,
            source=data.source,
            schema=data.schema or None,
            profile=data.profile or None,
        )
        return DatasetInput(dataset=record, tags=mapping(self.tags))


class ModelInputMessage(Message, frozen=True, kw_only=True):
    """A model that a run used."""

    model_id: Text


class ModelOutputMessage(Message, frozen=True, kw_only=True):
    """A model that a run made."""

    model_id: Text
    step: Int64 = written(0)


class RunInputsMessage(Message, frozen=True, kw_only=True):
    """Everything that a run read."""

    dataset_inputs: list[DatasetInputMessage] = []
    model_inputs: list[ModelInputMessage] = []

    @classmethod
    def of(cls, inputs: RunInputs) -> RunInputsMessage:
        """Return the record's message."""
        return cls(
            dataset_inputs=[DatasetInputMessage.of(item) for item in inputs.dataset_inputs],
            model_inputs=[ModelInputMessage(model_id=m.model_id) for m in inputs.model_inputs],
        )

    def entity(self) -> RunInputs:
        """Return the record."""
        return RunInputs(
            dataset_inputs=[item.entity() for item in self.dataset_inputs],
            model_inputs=[LoggedModelInput(item.model_id) for item in self.model_inputs],
        )


class RunOutputsMessage(Message, frozen=True, kw_only=True):
    """Everything that a run made."""

    model_outputs: list[ModelOutputMessage] = []

    @classmethod
    def of(cls, outputs: RunOutputs) -> RunOutputsMessage:
        """Return the record's message."""
        return cls(
            model_outputs=[
                ModelOutputMessage(model_id=item.model_id, step=item.step)
                for item in outputs.model_outputs
            ]
        )

    def entity(self) -> RunOutputs:
        """Return the record."""
        return RunOutputs(
            model_outputs=[LoggedModelOutput(m.model_id, m.step) for m in self.model_outputs]
        )


class LogInputs(RunRequest, frozen=True, kw_only=True):
    """Record what a run read."""

    datasets: list[NewDatasetInput] = []
    models: list[ModelInputMessage] = []


class LogOutputs(RunRequest, frozen=True, kw_only=True):
    """Record what a run made."""

    models: list[ModelOutputMessage]


class SearchDatasets(Request, frozen=True, kw_only=True):
    """Ask which data sets the runs of these experiments read."""

    experiment_ids: list[str]


class DatasetSummary(Message, frozen=True, kw_only=True):
    """A data set that some run of an experiment read."""

    experiment_id: str
    name: str
    digest: str
    context: str | None = None


class DatasetSummaries(Message, frozen=True, kw_only=True):
    """The data sets of some experiments."""

    dataset_summaries: list[DatasetSummary] = []
