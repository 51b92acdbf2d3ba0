"""Runs of a script: start, nest, resume, end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import Any

from mainstay import context, settings
from mainstay.capture import run as captured
from mainstay.client import defaults
from mainstay.client.runs import run_status
from mainstay.entities.runs import Run, RunData, RunInfo
from mainstay.errors import BadInput, InvalidState, MainstayError
from mainstay.fluent import lifecycle, output, system
from mainstay.fluent.errands import Errands
from mainstay.fluent.session import Session, session


class ActiveInfo:
    """The head of an active run; what only the server knows is asked for when it is read."""

    def __init__(self, known: RunInfo, owner: Session) -> None:
        self._known = known
        self._owner = owner

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._known, name)
        if name in ("experiment_id", "artifact_uri") and not value:
            self._known = self._owner.client.get_run(self._known.run_id).info
            value = getattr(self._known, name)
        return value

    def __repr__(self) -> str:
        return repr(self._known)


class ActiveRun:
    """A run that is being written; ends when its ``with`` block does (FAILED on an exception)."""

    def __init__(self, run: Run, owner: Session) -> None:
        self.owner = owner
        self.run_id = run.info.run_id
        self.info: Any = ActiveInfo(run.info, owner)
        self.data: RunData = run.data
        self.inputs = run.inputs
        self.outputs = run.outputs
        self.experiment: tuple[str | None, str | None] = (run.info.experiment_id or None, None)
        self.pid = os.getpid()
        self.params: dict[str, str] = {}
        self.tags: set[str] = set()
        self.ended = False
        self.tables: dict[str, dict[str, Any]] = {}
        self.is_new = False
        self.monitor: system.Monitor | None = None
        self.output: output.Recorder | None = None
        self.errands = Errands()
        self.data_is_named = False
        self.unreadable: dict[str, str] = {}
        self.snapshots: set[str] = set()

    def __enter__(self) -> ActiveRun:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        end(self, "FINISHED" if kind is None else "FAILED")

    def __repr__(self) -> str:
        return f"<ActiveRun {self.run_id}>"


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, Any] | None = None,
    description: str | None = None,
    log_system_metrics: bool | None = None,
    *,
    candidate: bool | None = None,
    context_tags: Mapping[str, Any] | None = None,
    capture_output: bool | None = None,
) -> ActiveRun:
    """Start a run and make it active; use it in a ``with`` block, or end it with ``end_run()``.

    Args:
        run_id: resume this run instead.
        experiment_id: the experiment; default: the one of ``set_experiment``.
        nested: a run is active and this one becomes its child.
        parent_run_id: the run above, active or not.
        tags: more tags; yours win over those that are captured.
        description: a text for people, tag ``mlflow.note.content``.
        log_system_metrics: whether a thread samples the machine until the run ends; default: as
            ``enable_system_metrics_logging()`` or the setting says.
        candidate: whether the run's model is meant for release: tag ``candidate``.
        context_tags: what the run belongs to, ``{"campaign": "spring"}``: a tag each, over those
            of the setting ``MAINSTAY_CONTEXT``.
        capture_output: whether what the process prints is logged as files below ``output``;
            default: as the setting ``MAINSTAY_CAPTURE_OUTPUT`` says.

    Raises: InvalidState: a run is active and neither ``nested`` nor ``parent_run_id`` is given.
    """
    above = context.active()
    if above is not None and not nested and parent_run_id is None:
        raise InvalidState(
            f"run {above.run_id} is active; end it with mainstay.end_run(), or start this one as "
            "its child with start_run(nested=True)"
        )
    own = session()
    told = _told({**(context_tags or {}), **(tags or {})}, description, candidate)
    resumed = run_id or (_inherited() if above is None else None)
    if resumed is not None:
        run = _resume(own, resumed, run_name, told)
    else:
        parent = parent_run_id or (above.run_id if above is not None and nested else None)
        run = _create(own, experiment_id, run_name, parent, told)
    context.push(run)
    if system.wanted(log_system_metrics):
        _watch_machine(run)
    if settings.CAPTURE_OUTPUT.get() if capture_output is None else capture_output:
        run.output = output.Recorder.begin(partial(own.client.log_bytes, run.run_id))
    return run


def end_run(status: str = "FINISHED") -> None:
    """End the active run, if there is one; wait a little for its records to arrive.

    The wait is bounded (``MAINSTAY_END_WAIT``, 10 s): what has not arrived by then is sent later.
    What the server refused of it is said again here. Raises: BadInput on an unknown status.
    """
    run = context.active()
    if run is not None:
        end(run, status)


def active_run() -> ActiveRun | None:
    """Return the active run of this thread or task, None if there is none."""
    return context.active()


def last_active_run() -> Run | None:
    """Return the run that was active last in this process, as the server has it now."""
    last = context.last()
    return last.owner.client.get_run(last.run_id) if last is not None else None


def current() -> ActiveRun:
    """Return the active run; start one if there is none, as every log call does."""
    return context.active() or start_run()


def end(run: ActiveRun, status: str, *, wait: bool = True) -> None:
    """End a run; runs that were started inside it in this thread are no longer active either."""
    final = run_status(status)
    if run in context.stack():
        context.pop(run)
    if run.ended:
        return
    run.ended = True
    if run.pid == os.getpid():
        if run.monitor is not None:
            run.monitor.stop()
        if run.output is not None:
            run.output.stop()
        run.errands.wait()
    run.owner.tracking.update_run(run.run_id, status=final, end_time=defaults.now())
    if wait and not run.owner.spool.offline:
        run.owner.spool.flush(settings.END_WAIT.get(), while_hopeful=True)
    run.owner.spool.reports.summarise()


def end_all(status: str) -> None:
    """End every run that this very process started and has not ended."""
    here = context.stack()
    # Ours from the innermost out, then those that other threads left open.
    others = [run for run in context.begun() if run not in here]
    for run in [*reversed(here), *others]:
        if run.pid == os.getpid():
            end(run, status, wait=False)
    while context.pop() is not None:
        pass


def _watch_machine(run: ActiveRun) -> None:
    def log(values: dict[str, float], at: int, step: int) -> None:
        run.owner.tracking.log_values(run.run_id, values, timestamp=at, step=step)

    before = [point.step for point in run.data.latest if point.key.startswith("system/")]
    run.monitor = system.Monitor.begin(log, first_step=max(before, default=-1) + 1)


def _told(
    tags: Mapping[str, Any] | None, description: str | None, candidate: bool | None
) -> dict[str, str]:
    told = defaults.texts(tags)
    if description is not None:
        if told.get("mlflow.note.content", description) != description:
            raise BadInput("description and the tag mlflow.note.content differ; give one of them")
        told["mlflow.note.content"] = description
    if candidate is not None:
        told["candidate"] = str(candidate).lower()
    return told


def _inherited() -> str | None:
    """Take the run that a parent process made for us, once."""
    run_id = settings.RUN_ID.get()
    if run_id is not None:
        for variable in settings.RUN_ID.variables:
            os.environ.pop(variable, None)
    return run_id


def _create(
    own: Session,
    experiment_id: str | None,
    run_name: str | None,
    parent: str | None,
    told: dict[str, str],
) -> ActiveRun:
    name = run_name or told.get("mlflow.runName") or defaults.run_name()
    if told.get("mlflow.runName", name) != name:
        raise BadInput(f"run_name {name!r} and the tag mlflow.runName differ; give one of them")
    tags = {"candidate": "false", **captured.tags(), "mlflow.runName": name, **told}
    if parent is not None:
        tags["mlflow.parentRunId"] = parent
    where = (str(experiment_id), None) if experiment_id is not None else context.experiment()
    made = own.tracking.create_run(
        where[0],
        experiment_name=where[1],
        run_name=name,
        user_id=tags["mlflow.user"],
        start_time=defaults.now(),
        tags=tags,
    )
    run = ActiveRun(made, own)
    run.experiment = where
    run.is_new = True
    _describe(run)
    return run


def _resume(own: Session, run_id: str, name: str | None, told: dict[str, str]) -> ActiveRun:
    try:
        found = lifecycle.arrived(own, run_id)
    except MainstayError as error:
        if error.status < 500:
            raise
        # The server is away: go on with what is known, which is the id.
        found = Run(info=RunInfo(run_id=run_id, experiment_id="", run_name=name or ""))
    if found.info.lifecycle_stage == "deleted":
        raise InvalidState(f"run {run_id} is deleted; restore it before you resume it")
    if found.info.status == "RUNNING" and found.info.experiment_id:
        # Said again, it could arrive after the end that another rank writes, and undo that.
        if name is not None:
            own.tracking.update_run(run_id, run_name=name)
        own.spool.follow(run_id)
    else:
        own.tracking.update_run(run_id, status="RUNNING", run_name=name)
    if told:
        own.tracking.log_batch(run_id, tags=told)
    return ActiveRun(found, own)


def _describe(run: ActiveRun) -> None:
    """Log the environment with the run; ask git for the state of the code beside it."""
    run.owner.client.log_text(run.run_id, captured.environment(), captured.ENVIRONMENT)
    if captured.dirty_is_known():
        _ask_git(run)
    else:
        run.errands.run("the state of the code", partial(_ask_git, run))


def _ask_git(run: ActiveRun) -> None:
    lock = captured.lock()
    if lock is not None:
        run.owner.client.log_artifact(run.run_id, lock, "environment")
    dirty = captured.dirty()
    if dirty is None:
        return
    tags = {"mlflow.source.git.dirty": dirty}
    patch = captured.changes()
    if patch is not None:
        run.owner.client.log_bytes(run.run_id, patch.text, captured.CHANGES)
        if not patch.whole:
            tags["mainstay.git.patch"] = "cut"
    run.owner.tracking.log_batch(run.run_id, tags=tags)
