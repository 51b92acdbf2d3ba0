"""What a store of MLflow holds, read record by record: the contract of every source."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

import msgspec

from mainstay.entities.experiments import Experiment
from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.registry import ModelVersion, RegisteredModel
from mainstay.entities.runs import Run
from mainstay.stores.sql.chunks import Point


class FoundRun(msgspec.Struct, frozen=True):
    """A run without its points; ``deleted_at`` is when it was deleted, if that is known."""

    run: Run
    deleted_at: int | None = None


class FoundModel(msgspec.Struct, frozen=True):
    """A logged model, deleted or not."""

    model: LoggedModel
    deleted: bool = False


class FoundRegistered(msgspec.Struct, frozen=True):
    """A registered model with the versions that are not deleted, and the highest number given."""

    model: RegisteredModel
    versions: list[ModelVersion]
    last_version: int


class Size(msgspec.Struct, frozen=True):
    """How much there is, for a progress bar; ``points`` 0 where counting means reading all."""

    runs: int
    points: int


class Source(Protocol):
    """A store of MLflow. Nothing is ever written to it.

    Names are unique and texts fit any database: what MLflow allows beyond that (equal names in
    two workspaces, NUL characters) is settled by the source, the same way each time.
    """

    name: str
    """Where it is, without a password."""

    def about(self) -> str:
        """Return what it is, in a few words."""
        ...

    def left(self) -> list[str]:
        """Return what it holds that has no place here, in sentences."""
        ...

    def size(self, experiments: Sequence[str]) -> Size:
        """Return how much the experiments with these ids hold."""
        ...

    def experiments(self) -> list[Experiment]:
        """Return every experiment, deleted ones too, in order of id."""
        ...

    def run_ids(self, experiment_id: str) -> list[str]:
        """Return the runs of an experiment, deleted ones too, oldest first."""
        ...

    def runs(self, run_ids: Sequence[str]) -> list[FoundRun]:
        """Return runs in the order of their ids, without metrics."""
        ...

    def counts(self, run_id: str) -> dict[str, int]:
        """Return how many points each series of a run has."""
        ...

    def points(
        self, run_id: str, *, but: Collection[str] = ()
    ) -> Iterator[tuple[str, list[Point]]]:
        """Yield the points of a run in pieces, each of one key, each point once.

        The pieces of a key follow each other and are sorted by ``chunks.order``. The keys ``but``
        are left out.
        """
        ...

    def models(self, experiment_id: str) -> list[FoundModel]:
        """Return the logged models of an experiment."""
        ...

    def registered(self) -> Iterator[FoundRegistered]:
        """Yield the registered models, by name."""
        ...

    def places(self, uri: str) -> list[str]:
        """Return where the files of an artifact root may be now, likeliest first."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def fitting(value: str | None) -> str:
    """Return text that any database holds: NUL, which PostgreSQL refuses, is replaced.

    >>> fitting(None)
    ''
    """
    return (value or "").replace("\x00", "\ufffd").encode(errors="replace").decode()
