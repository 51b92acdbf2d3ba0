"""What this room reads: the stores, and the files of a version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

import msgspec

from mainstay.artifact_store.base import ArtifactStore
from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.registry import ModelVersion
from mainstay.entities.runs import Run
from mainstay.errors import InvalidModel, MainstayError, NotFound
from mainstay.packaging import environment_files as environment
from mainstay.packaging import mlmodel
from mainstay.packaging.mlmodel import MLmodel
from mainstay.stores.base import MonitoringStore, RegistryStore, ReleaseStore, TrackingStore

MOST = 16 << 20
"""Bytes of a text file that is read; none that we write is longer."""


class Records(Protocol):
    """The stores behind a server or an address."""

    @property
    def tracking(self) -> TrackingStore:
        """Runs and logged models."""
        ...

    @property
    def registry(self) -> RegistryStore:
        """Models and versions."""
        ...

    @property
    def release(self) -> ReleaseStore:
        """Evidence and verdicts."""
        ...

    @property
    def monitoring(self) -> MonitoringStore:
        """Deployments."""
        ...


class Folder(Protocol):
    """The files of a version."""

    def read(self, path: str) -> Iterable[bytes]:
        """Return a file's content. Raises: NotFound."""
        ...


Open = Callable[[ModelVersion], Folder]
"""Opens the files of a version. Raises: MainstayError where they cannot be read."""


class Addresses(Protocol):
    """What opens artifact stores by address."""

    def artifacts_at(self, uri: str) -> ArtifactStore:
        """Return the store whose root is ``uri``."""
        ...


def opener(stores: Addresses) -> Open:
    """Return what opens a version's files through a client's stores."""
    return lambda version: stores.artifacts_at(version.uri)


class Packaged(msgspec.Struct, frozen=True, kw_only=True):
    """What a version's files say of it; ``problem`` where they cannot be read."""

    metadata: MLmodel | None = None
    python: str | None = None
    requirements: list[str] = []
    lock: list[str] = []
    problem: str = ""


def packaged(version: ModelVersion, open_files: Open) -> Packaged:
    """Read MLmodel and the environment of a version; never raises for files that are away."""
    try:
        folder = open_files(version)
        text = read_text(folder, mlmodel.FILE)
        python = read_text(folder, environment.PYTHON_ENV)
        return Packaged(
            metadata=mlmodel.parse(text) if text is not None else None,
            python=environment.python_of(python) if python is not None else None,
            requirements=environment.lines(read_text(folder, environment.REQUIREMENTS) or ""),
            lock=environment.lines(read_text(folder, environment.LOCK) or ""),
            problem="" if text is not None else "its files hold no MLmodel",
        )
    except MainstayError as error:
        return Packaged(problem=f"its files cannot be read: {error.message}")


def read_text(folder: Folder, name: str) -> str | None:
    """Return a text file; None if it is not there. Raises: InvalidModel (too long)."""
    found = bytearray()
    try:
        for chunk in folder.read(name):
            found += chunk
            if len(found) > MOST:
                raise InvalidModel(f"{name} is longer than {MOST >> 20} MiB")
    except NotFound:
        return None
    return found.decode("utf-8", "replace")


def logged_of(records: Records, version: ModelVersion) -> LoggedModel | None:
    """Return a version's logged model; None if there is none any more."""
    if version.model_id is not None:
        with suppress(NotFound):
            return records.tracking.get_logged_model(version.model_id)
    return None


def run_of(records: Records, version: ModelVersion, model: LoggedModel | None) -> Run | None:
    """Return the run that made a version; None if there is none any more."""
    run_id = version.run_id or (model.source_run_id if model else None)
    if run_id is not None:
        with suppress(NotFound):
            return records.tracking.get_run(run_id)
    return None
