"""Delivery to an MLflow server that is not mainstay: ordinary calls, one record at a time.

Such a server mints run ids itself; the segment keeps the map from ours to its. A repeat after a
crash is absorbed by MLflow's own rules (an exact duplicate of a point is dropped, a parameter may
be logged again with the same value); a run is found again by the tag ``mainstay.run_id``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import msgspec

from mainstay.entities.pages import Search
from mainstay.entities.spool import (
    Applied,
    CreateLoggedModel,
    CreateRun,
    CreateVersion,
    DeleteTag,
    FinalizeLoggedModel,
    LogBatch,
    LogInputs,
    LogOutputs,
    Operation,
    Record,
    Rejection,
    UpdateRun,
)
from mainstay.errors import AlreadyExists, BadInput, Conflict, NotFound
from mainstay.spool.delivery import StoreDelivery, Stores, Waiting
from mainstay.spool.segment import Segment

MAX_METRICS = 1000
"""Points in one log-batch call, by MLflow's contract."""

MINTED = "mainstay.run_id"
"""The tag that holds our id of a run on a server that gave it another."""


class ForeignDelivery:
    """Delivery by the calls that every MLflow server answers."""

    def __init__(self, stores: Stores, segment: Segment) -> None:
        self._stores = stores
        self._segment = segment
        self._ids = segment.ids()
        self._recovering = bool(segment.offset().sequence) or bool(self._ids)
        self._files = StoreDelivery(stores)

    def applied(self, segment: str) -> int:
        """Such a server does not count; the offset file is all there is."""
        return 0

    def has_run(self, run_id: str) -> bool:
        """Ask the server; a run that it knows under another id is found by its tag."""
        if run_id in self._ids or self._files.has_run(run_id):
            return True
        everywhere = self._stores.tracking.search_experiments(Search(view="ALL")).items
        for experiment in everywhere:
            found = self._find(experiment.experiment_id, run_id)
            if found is not None:
                self.remember(run_id, found)
                return True
        return False

    def apply(self, segment: str, records: Sequence[Record]) -> Applied:
        """Make the calls in order; a refusal is noted and the rest goes on."""
        rejected: list[Rejection] = []
        for group in _mergeable(records):
            self._apply_group(group, rejected)
        return Applied(segment=segment, sequence=records[-1].sequence, rejected=rejected)

    def _apply_group(self, group: list[Record], rejected: list[Rejection]) -> None:
        """Make one call of a group; if that is refused, one of each, so that the rest goes on."""
        try:
            self._one(_merged(group))
        except (BadInput, NotFound, Conflict) as error:
            if len(group) > 1:
                for record in group:
                    self._apply_group([record], rejected)
                return
            rejected.append(
                Rejection(
                    sequence=group[0].sequence,
                    error_code=error.code,
                    message=error.message,
                    where=getattr(group[0].operation, "where", ""),
                )
            )

    def upload(self, files: Sequence[Waiting]) -> None:
        """Write files under the id that the server knows."""
        self._files.upload(
            [
                (
                    msgspec.structs.replace(
                        record,
                        run_id=self._known(record.run_id) if record.run_id else None,
                        model_id=self._known(record.model_id) if record.model_id else None,
                    ),
                    blob,
                )
                for record, blob in files
            ]
        )

    def remember(self, ours: str, theirs: str) -> None:
        """Keep which id the server gave."""
        self._ids[ours] = theirs
        self._segment.save_ids(self._ids)

    def _known(self, ours: str) -> str:
        return self._ids.get(ours, ours)

    def _one(self, operation: Operation) -> None:
        handler = _CALLS.get(type(operation))
        if handler is not None:
            handler(self, operation)

    def _create_run(self, operation: CreateRun) -> None:
        if operation.run_id in self._ids:
            return
        experiment = self._experiment(operation.experiment_id, operation.experiment_name)
        found = self._find(experiment, operation.run_id) if self._recovering else None
        if found is None:
            before, self._recovering = self._recovering, True  # an answer may get lost
            found = self._stores.tracking.create_run(
                experiment,
                run_name=operation.run_name,
                user_id=operation.user_id,
                start_time=operation.start_time,
                tags={**operation.tags, MINTED: operation.run_id},
            ).info.run_id
            self._recovering = before
        self.remember(operation.run_id, found)

    def _find(self, experiment: str, ours: str) -> str | None:
        wanted = Search(filter=f"tags.`{MINTED}` = '{ours}'", max_results=1, view="ALL")
        page = self._stores.tracking.search_runs([experiment], wanted)
        return page.items[0].info.run_id if page.items else None

    def _experiment(self, experiment_id: str | None, name: str | None) -> str:
        if experiment_id is not None:
            return experiment_id
        try:
            return self._stores.tracking.get_experiment_by_name(name or "Default").experiment_id
        except NotFound:
            return self._stores.tracking.create_experiment(name or "Default").experiment_id

    def _log_batch(self, operation: LogBatch) -> None:
        self._stores.tracking.log_batch(
            self._known(operation.run_id),
            metrics=[
                msgspec.structs.replace(metric, model_id=self._known(metric.model_id))
                if metric.model_id
                else metric
                for metric in operation.points
            ],
            params=operation.params,
            tags=operation.tags,
        )

    def _delete_tag(self, operation: DeleteTag) -> None:
        self._stores.tracking.delete_tag(self._known(operation.run_id), operation.key)

    def _update_run(self, operation: UpdateRun) -> None:
        self._stores.tracking.update_run(
            self._known(operation.run_id),
            status=operation.status,
            end_time=operation.end_time,
            run_name=operation.run_name,
        )

    def _log_inputs(self, operation: LogInputs) -> None:
        self._stores.tracking.log_inputs(
            self._known(operation.run_id),
            datasets=operation.datasets,
            models=[
                msgspec.structs.replace(model, model_id=self._known(model.model_id))
                for model in operation.models
            ],
        )

    def _log_outputs(self, operation: LogOutputs) -> None:
        models = [
            msgspec.structs.replace(model, model_id=self._known(model.model_id))
            for model in operation.models
        ]
        self._stores.tracking.log_outputs(self._known(operation.run_id), models)

    def _create_logged_model(self, operation: CreateLoggedModel) -> None:
        if operation.model_id in self._ids:
            return
        made = self._stores.tracking.create_logged_model(
            self._experiment(operation.experiment_id, operation.experiment_name),
            name=operation.name,
            model_type=operation.model_type,
            source_run_id=self._known(operation.source_run_id) if operation.source_run_id else None,
            params=operation.params,
            tags=operation.tags,
        )
        self.remember(operation.model_id, made.model_id)

    def _finalize(self, operation: FinalizeLoggedModel) -> None:
        model_id = self._known(operation.model_id)
        self._stores.tracking.finalize_logged_model(model_id, operation.status)

    def _create_version(self, operation: CreateVersion) -> None:
        with contextlib.suppress(AlreadyExists):
            self._stores.registry.create_registered_model(operation.name)
        source = operation.source
        if operation.model_id and source == f"models:/{operation.model_id}":
            source = f"models:/{self._known(operation.model_id)}"
        self._stores.registry.create_model_version(
            operation.name,
            source,
            run_id=self._known(operation.run_id) if operation.run_id else None,
            model_id=self._known(operation.model_id) if operation.model_id else None,
            tags=operation.tags,
        )


def _mergeable(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Group neighbouring log calls of one run, within the limits of log-batch."""
    group: list[Record] = []
    room = 0
    for record in records:
        operation = record.operation
        weight = MAX_METRICS
        if isinstance(operation, LogBatch) and not (operation.params or operation.tags):
            weight = len(operation.metrics) + len(operation.values)
        before = group[-1].operation if group else None
        if (
            isinstance(operation, LogBatch)
            and isinstance(before, LogBatch)
            and before.run_id == operation.run_id
            and weight <= room
        ):
            group.append(record)
            room -= weight
            continue
        if group:
            yield group
        group, room = [record], MAX_METRICS - weight
    if group:
        yield group


def _merged(group: list[Record]) -> Operation:
    first = group[0].operation
    if len(group) == 1 or not isinstance(first, LogBatch):
        return first
    calls = [record.operation for record in group]
    return LogBatch(
        run_id=first.run_id,
        metrics=[m for call in calls if isinstance(call, LogBatch) for m in call.points],
    )


_CALLS: dict[type, Callable[..., None]] = {
    CreateRun: ForeignDelivery._create_run,
    LogBatch: ForeignDelivery._log_batch,
    DeleteTag: ForeignDelivery._delete_tag,
    UpdateRun: ForeignDelivery._update_run,
    LogInputs: ForeignDelivery._log_inputs,
    LogOutputs: ForeignDelivery._log_outputs,
    CreateLoggedModel: ForeignDelivery._create_logged_model,
    FinalizeLoggedModel: ForeignDelivery._finalize,
    CreateVersion: ForeignDelivery._create_version,
}
