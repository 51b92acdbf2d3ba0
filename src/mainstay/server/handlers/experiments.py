"""Experiments."""

from __future__ import annotations

from mainstay.server.context import Context
from mainstay.wire.base import Empty, mapping
from mainstay.wire.experiments import (
    CreateExperiment,
    DeleteExperimentTag,
    ExperimentAnswer,
    ExperimentCreated,
    ExperimentMessage,
    ExperimentRef,
    ExperimentsPage,
    GetExperiment,
    GetExperimentByName,
    RenameExperiment,
    SearchExperiments,
    SetExperimentTag,
)


def create(context: Context, request: CreateExperiment) -> ExperimentCreated:
    """Create an experiment; only administrators choose where its files go."""
    location = request.artifact_location
    made = context.tracking.create_experiment(
        request.name,
        artifact_location=context.check_location(location) if location else None,
        tags=mapping(request.tags),
    )
    return ExperimentCreated(experiment_id=made.experiment_id)


def get(context: Context, request: GetExperiment) -> ExperimentAnswer:
    """Return an experiment, deleted or not."""
    found = context.tracking.get_experiment(request.experiment_id)
    return ExperimentAnswer(experiment=ExperimentMessage.of(found))


def get_by_name(context: Context, request: GetExperimentByName) -> ExperimentAnswer:
    """Return an experiment, deleted or not."""
    found = context.tracking.get_experiment_by_name(request.experiment_name)
    return ExperimentAnswer(experiment=ExperimentMessage.of(found))


def search(context: Context, request: SearchExperiments) -> ExperimentsPage:
    """Search experiments."""
    return ExperimentsPage.of(context.tracking.search_experiments(request.search()))


def rename(context: Context, request: RenameExperiment) -> Empty:
    """Rename an experiment."""
    context.tracking.rename_experiment(request.experiment_id, request.new_name)
    return Empty()


def delete(context: Context, request: ExperimentRef) -> Empty:
    """Mark an experiment and its runs deleted."""
    context.tracking.delete_experiment(request.experiment_id)
    return Empty()


def restore(context: Context, request: ExperimentRef) -> Empty:
    """Bring a deleted experiment back."""
    context.tracking.restore_experiment(request.experiment_id)
    return Empty()


def set_tag(context: Context, request: SetExperimentTag) -> Empty:
    """Set a tag."""
    context.tracking.set_experiment_tag(request.experiment_id, request.key, request.value)
    return Empty()


def delete_tag(context: Context, request: DeleteExperimentTag) -> Empty:
    """Take a tag off."""
    context.tracking.delete_experiment_tag(request.experiment_id, request.key)
    return Empty()
