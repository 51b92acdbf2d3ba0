"""A tracking store behind the spool: writes are appended, reads wait for what was written.

Everything that is not a write of the spool (reads, searches, deletions, the registry) first waits
for this process's earlier records, so that it sees them; bounded, then ``NotYetSent``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from mainstay import settings
from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.inputs import DatasetInput, LoggedModelInput, LoggedModelOutput
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import Run, RunData, RunInfo, RunStatus
from mainstay.entities.spool import (
    CreateLoggedModel,
    CreateRun,
    CreateVersion,
    DeleteTag,
    FinalizeLoggedModel,
    LogBatch,
    LogInputs,
    LogOutputs,
    UpdateRun,
)
from mainstay.errors import NotFound
from mainstay.spool.spool import Spool

PROBE = 3.0
"""Seconds that the first run waits to learn whether the server accepts our run ids."""

_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep


class SpooledTracking:
    """The tracking contract for one process: log calls return at once, reads see them."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool

    def __getattr__(self, name: str) -> Any:
        """Every other method of the contract: wait for earlier records, then ask the target."""
        if name.startswith("_"):
            raise AttributeError(name)
        return _waiting(self.spool, lambda: self.spool.stores().tracking, name)

    # -- runs --------------------------------------------------------------------------------
    def create_run(
        self,
        experiment_id: str | None,
        *,
        experiment_name: str | None = None,
        run_id: str | None = None,
        run_name: str | None = None,
        user_id: str = "",
        start_time: int | None = None,
        tags: Mapping[str, str] = {},
        by: Principal = ANONYMOUS,
    ) -> Run:
        """Start a run without waiting; the experiment may be given by name alone.

        Fields that only the target knows (the artifact root, the id of a named experiment) are
        empty in the answer. A server that mints ids itself is waited for.
        """
        run_id = run_id or uuid4().hex
        start_time = time.time_ns() // 1_000_000 if start_time is None else start_time
        foreign = not self.spool.ours(PROBE)
        self.spool.append(
            CreateRun(
                run_id=run_id,
                experiment_id=experiment_id,
                experiment_name=None if experiment_id is not None else experiment_name,
                run_name=run_name,
                user_id=user_id,
                start_time=start_time,
                tags=dict(tags),
            )
        )
        if foreign and self.spool.flush(settings.READ_WAIT.get(), while_hopeful=True):
            return self.spool.stores().tracking.get_run(self.spool.theirs(run_id))
        info = RunInfo(
            run_id=run_id,
            experiment_id=experiment_id or "",
            run_name=run_name or "",
            user_id=user_id,
            start_time=start_time,
        )
        return Run(info=info, data=RunData(tags=dict(tags)))

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change the head of a run; the answer holds what was given."""
        self.spool.append(
            UpdateRun(run_id=run_id, status=status, end_time=end_time, run_name=run_name)
        )
        return RunInfo(
            run_id=run_id,
            experiment_id="",
            run_name=run_name or "",
            status=status or "RUNNING",
            end_time=end_time,
        )

    def log_batch(
        self,
        run_id: str,
        *,
        metrics: Sequence[Metric] = (),
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
    ) -> None:
        """Append; a refusal is reported later, with the caller's line."""
        self.spool.append(
            LogBatch(
                run_id=run_id,
                metrics=list(metrics),
                params=dict(params),
                tags=dict(tags),
                where=caller(),
            )
        )

    def log_values(
        self, run_id: str, values: dict[str, float], *, timestamp: int, step: int
    ) -> None:
        """Append points of one time and step, in the short form; at most 1000."""
        self.spool.append(
            LogBatch(run_id=run_id, values=values, timestamp=timestamp, step=step, where=caller())
        )

    def delete_tag(self, run_id: str, key: str) -> None:
        """Append."""
        self.spool.append(DeleteTag(run_id=run_id, key=key))

    def log_inputs(
        self,
        run_id: str,
        *,
        datasets: Sequence[DatasetInput] = (),
        models: Sequence[LoggedModelInput] = (),
    ) -> None:
        """Append."""
        self.spool.append(LogInputs(run_id=run_id, datasets=list(datasets), models=list(models)))

    def log_outputs(self, run_id: str, models: Sequence[LoggedModelOutput]) -> None:
        """Append."""
        self.spool.append(LogOutputs(run_id=run_id, models=list(models)))

    # -- logged models -----------------------------------------------------------------------
    def create_logged_model(
        self,
        experiment_id: str | None,
        *,
        experiment_name: str | None = None,
        name: str | None = None,
        model_id: str | None = None,
        model_type: str | None = None,
        source_run_id: str | None = None,
        params: Mapping[str, str] = {},
        tags: Mapping[str, str] = {},
        by: Principal = ANONYMOUS,
    ) -> LoggedModel:
        """Start a logged model without waiting; its artifact root is empty in the answer.

        A server that mints ids itself is waited for.
        """
        model_id = model_id or f"m-{uuid4().hex}"
        foreign = not self.spool.ours(PROBE)
        name = name or f"model-{model_id[2:10]}"
        self.spool.append(
            CreateLoggedModel(
                model_id=model_id,
                name=name,
                experiment_id=experiment_id,
                experiment_name=None if experiment_id is not None else experiment_name,
                source_run_id=source_run_id,
                model_type=model_type,
                params=dict(params),
                tags=dict(tags),
            )
        )
        if foreign and self.spool.flush(settings.READ_WAIT.get(), while_hopeful=True):
            return self.spool.stores().tracking.get_logged_model(self.spool.theirs(model_id))
        now = time.time_ns() // 1_000_000
        return LoggedModel(
            model_id=model_id,
            experiment_id=experiment_id or "",
            name=name,
            artifact_location="",
            creation_timestamp=now,
            last_updated_timestamp=now,
            model_type=model_type,
            source_run_id=source_run_id,
            params=dict(params),
            tags=dict(tags),
        )

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Append; it is applied after the model's files are uploaded."""
        self.spool.append(FinalizeLoggedModel(model_id=model_id, status=status))
        return LoggedModel(
            model_id=model_id, experiment_id="", name="", artifact_location="", status=status
        )

    # -- beyond the contract -----------------------------------------------------------------
    def put_file(
        self,
        source: Path | bytes,
        path: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
    ) -> None:
        """Keep a copy of a file, or bytes, for upload. Raises: NotFound: there is no such file."""
        try:
            self.spool.add_file(source, path, run_id=run_id, model_id=model_id)
        except OSError as error:
            raise NotFound(f"{path} cannot be read: {error}") from error

    def register_later(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        tags: Mapping[str, str] = {},
    ) -> None:
        """Register a version once everything before it has arrived; nobody waits for its number."""
        self.spool.append(
            CreateVersion(
                name=name, source=source, run_id=run_id, model_id=model_id, tags=dict(tags)
            )
        )


class Waiting:
    """Any other store of the target: each call first waits for this process's records."""

    def __init__(self, spool: Spool, store: str) -> None:
        self._spool = spool
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return _waiting(self._spool, lambda: getattr(self._spool.stores(), self._store), name)


def _waiting(spool: Spool, store: Callable[[], object], name: str) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        spool.settle()
        return getattr(store(), name)(*arguments, **options)

    call.__name__ = name
    return call


def caller() -> str:
    """Return ``file:line`` of the nearest caller outside of this package."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_PACKAGE):
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
