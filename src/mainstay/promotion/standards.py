"""Logging standards at work: whoever ends a run or registers a version is checked, by any door.

``StandardTracking`` marks a run when it ends, and never stops it. ``StandardRegistry`` judges the
run again when a version is made of it; ``StandardTracking`` does so for what a spool registers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from mainstay import uris
from mainstay.entities.accounts import ANONYMOUS, Principal
from mainstay.entities.artifacts import FileInfo
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import TERMINAL, Run, RunInfo, RunStatus
from mainstay.entities.spool import Applied, CreateVersion, Record, Rejection, UpdateRun
from mainstay.entities.standards import MISSING_TAG, STATE_TAG, Standard, StandardReport
from mainstay.errors import MainstayError, NotFound, PermissionDenied
from mainstay.promotion import standard as rules
from mainstay.stores.base import RegistryStore, TrackingStore
from mainstay.stores.base.passing import PassingRegistry
from mainstay.stores.base.passing_tracking import PassingTracking

log = logging.getLogger("mainstay.standards")

Look = Callable[[str, str], Sequence[FileInfo]]
"""Lists a folder below an artifact location."""

MOST_SHOWN = 8000


class StandardRefused(PermissionDenied):
    """The run lacks what its experiment's logging standard asks for."""


class Texts(Protocol):
    """Where standards are kept, as text."""

    def get(self, experiment_id: str) -> Standard | None:
        """Return an experiment's standard. Raises: NotFound."""
        ...

    def put(self, experiment_id: str, text: str, *, digest: str, by: Principal) -> Standard:
        """Set or replace it. Raises: NotFound, BadInput."""
        ...

    def delete(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Remove it. Raises: NotFound."""
        ...

    def any(self) -> bool:
        """Tell whether any experiment has one."""
        ...


class Applying(TrackingStore, Protocol):
    """A tracking store whose ``apply`` takes records that are refused whatever they say."""

    def apply(
        self,
        segment: str,
        records: Sequence[Record],
        *,
        by: Principal = ANONYMOUS,
        refused: Mapping[int, MainstayError] = {},
    ) -> Applied:
        """Apply records; those in ``refused``, by sequence, are rejected with that error."""
        ...


class Standards:
    """Fulfils ``StandardStore`` over texts, runs and their files."""

    def __init__(self, texts: Texts, tracking: TrackingStore, look: Look) -> None:
        self.texts = texts
        self._tracking = tracking
        self._look = look

    def get_standard(self, experiment_id: str) -> Standard | None:
        """Return an experiment's standard. Raises: NotFound."""
        return self.texts.get(experiment_id)

    def set_standard(self, experiment_id: str, text: str, *, by: Principal = ANONYMOUS) -> Standard:
        """Set or replace it. Raises: NotFound, BadInput."""
        rules.parse(text)
        return self.texts.put(experiment_id, text, digest=rules.digest(text), by=by)

    def delete_standard(self, experiment_id: str, *, by: Principal = ANONYMOUS) -> None:
        """Remove it. Raises: NotFound."""
        self.texts.delete(experiment_id, by=by)

    def check_run(self, run_id: str) -> StandardReport | None:
        """Judge a run now and tag it so. Raises: NotFound."""
        run = self._tracking.get_run(run_id)
        found = self.texts.get(run.info.experiment_id)
        if found is None:
            return None
        standard = rules.parse(found.text)
        report = StandardReport(
            run_id=run_id,
            experiment_id=run.info.experiment_id,
            mode=standard.mode,
            digest=found.digest,
            missing=rules.judge(standard, run, lambda path: self._has(run, path)),
        )
        self._tag(run, report)
        return report

    def mark(self, run_id: str, experiment_id: str | None = None) -> None:
        """Tag a run that ended. Nothing that goes wrong here may reach who ends a run."""
        try:
            if experiment_id is None or self.texts.get(experiment_id) is not None:
                self.check_run(run_id)
        except MainstayError as error:
            log.warning("run %s was not checked: %s", run_id, error.message)

    def refusal(self, version: CreateVersion) -> StandardRefused | None:
        """Judge the run that a version would be made from; return why it may not, if it may not."""
        run_id = self._run_of(version)
        try:
            report = self.check_run(run_id) if run_id else None
        except NotFound:  # a run that is kept elsewhere has no standard here
            return None
        if report is None or report.complete or report.mode != "enforce":
            return None
        return StandardRefused(
            f"run {run_id} may not become a version of {version.name!r}: the logging standard of "
            f"experiment {report.experiment_id} asks for {', '.join(report.missing)}. Log what is "
            "missing and register again",
            missing=report.missing,
            run_id=run_id,
        )

    def _run_of(self, version: CreateVersion) -> str | None:
        """Return the run behind a version: the one that is named, or that its source leads to."""
        if version.run_id:
            return version.run_id
        model_id = version.model_id
        try:
            address = uris.parse(version.source)
            if isinstance(address, uris.RunUri):
                return address.run_id
            if isinstance(address, uris.ModelUri):
                model_id = model_id or address.model_id
            return self._tracking.get_logged_model(model_id).source_run_id if model_id else None
        except MainstayError:  # who creates the version says what is wrong with its source
            return None

    def _has(self, run: Run, path: str) -> bool:
        """Tell whether a run has a file or folder, or logged a model of that name."""
        folder, _, name = path.rstrip("/").rpartition("/")
        try:
            found = self._look(run.info.artifact_uri, folder)
            if any(info.path.rpartition("/")[2] == name for info in found):
                return True
        except MainstayError as error:
            log.info("files of run %s cannot be seen: %s", run.info.run_id, error.message)
        return any(self._is_called(item.model_id, path) for item in run.outputs.model_outputs)

    def _is_called(self, model_id: str, name: str) -> bool:
        try:
            return self._tracking.get_logged_model(model_id).name == name
        except NotFound:
            return False

    def _tag(self, run: Run, report: StandardReport) -> None:
        tags = {STATE_TAG: "complete" if report.complete else "incomplete"}
        if report.missing or MISSING_TAG in run.data.tags:
            tags[MISSING_TAG] = ", ".join(report.missing)[:MOST_SHOWN]
        known = run.data.tags
        if run.info.lifecycle_stage == "active" and any(known.get(k) != v for k, v in tags.items()):
            self._tracking.log_batch(run.info.run_id, tags=tags)


class StandardTracking(PassingTracking):
    """A tracking store that marks runs when they end."""

    def __init__(self, tracking: Applying, standards: Standards) -> None:
        super().__init__(tracking)
        self.inner = tracking
        self._standards = standards

    def update_run(
        self,
        run_id: str,
        *,
        status: RunStatus | None = None,
        end_time: int | None = None,
        run_name: str | None = None,
    ) -> RunInfo:
        """Change a run's head; one that ends is checked."""
        info = self._tracking.update_run(
            run_id, status=status, end_time=end_time, run_name=run_name
        )
        if status in TERMINAL:
            self._standards.mark(run_id, info.experiment_id)
        return info

    def apply(
        self, segment: str, records: Sequence[Record], *, by: Principal = ANONYMOUS
    ) -> Applied:
        """Apply records. What a version rests on is applied, and judged, before the version."""
        asked = (record.operation for record in records)
        if not any(map(_concerns, asked)) or not self._standards.texts.any():
            return self.inner.apply(segment, records, by=by)
        rejected: list[Rejection] = []
        done = Applied(segment=segment, sequence=0)
        for part in _parts(records):
            done = self.inner.apply(segment, part, by=by, refused=self._refused(part))
            rejected += done.rejected
        for record in records:
            operation = record.operation
            if isinstance(operation, UpdateRun) and operation.status in TERMINAL:
                self._standards.mark(operation.run_id)
        return Applied(segment=segment, sequence=done.sequence, rejected=rejected)

    def _refused(self, part: Sequence[Record]) -> dict[int, MainstayError]:
        first = part[0]
        if not isinstance(first.operation, CreateVersion):
            return {}
        refusal = self._standards.refusal(first.operation)
        return {} if refusal is None else {first.sequence: refusal}


class StandardRegistry(PassingRegistry):
    """A registry that makes no version of a run that lacks what an enforced standard asks for."""

    def __init__(self, registry: RegistryStore, standards: Standards) -> None:
        super().__init__(registry)
        self._standards = standards

    def create_model_version(
        self,
        name: str,
        source: str,
        *,
        run_id: str | None = None,
        model_id: str | None = None,
        tags: Mapping[str, str] = {},
        run_link: str | None = None,
        description: str = "",
        digest: str | None = None,
        claimed_digest: str | None = None,
        storage_location: str | None = None,
        by: Principal = ANONYMOUS,
    ) -> ModelVersion:
        """Create the next version. Raises: StandardRefused, NotFound, BadInput."""
        asked = CreateVersion(name=name, source=source, run_id=run_id, model_id=model_id)
        if self._standards.texts.any():
            refusal = self._standards.refusal(asked)
            if refusal is not None:
                raise refusal
        return self._registry.create_model_version(
            name,
            source,
            run_id=run_id,
            model_id=model_id,
            tags=tags,
            run_link=run_link,
            description=description,
            digest=digest,
            claimed_digest=claimed_digest,
            storage_location=storage_location,
            by=by,
        )


def _concerns(operation: object) -> bool:
    return isinstance(operation, CreateVersion) or (
        isinstance(operation, UpdateRun) and operation.status in TERMINAL
    )


def _parts(records: Sequence[Record]) -> list[list[Record]]:
    """Cut records so that each version begins a part of its own."""
    parts: list[list[Record]] = []
    for record in records:
        if not parts or isinstance(record.operation, CreateVersion):
            parts.append([])
        parts[-1].append(record)
    return parts
