"""Behind the spool a tracking store has the effects of its contract; refusals come later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from mainstay.connect import connect
from mainstay.entities.logged_models import LoggedModel, LoggedModelStatus
from mainstay.entities.runs import Run, RunInfo
from mainstay.spool.spool import Spool
from mainstay.spool.store import SpooledTracking
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking import TrackingEffects
from tests.support.server import RunningServer


class ReadBack:
    """Answers a write with what a reader then sees: behind a spool an answer holds what the caller
    gave, and what only the target knows (made-up names, roots) comes with the first read.
    """

    def __init__(self, store: SpooledTracking) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def create_run(self, experiment_id: str, **given: Any) -> Run:
        made = self._store.create_run(experiment_id, **given)
        found: Run = self._store.get_run(made.info.run_id)
        return found

    def update_run(self, run_id: str, **given: Any) -> RunInfo:
        self._store.update_run(run_id, **given)
        info: RunInfo = self._store.get_run(run_id).info
        return info

    def create_logged_model(self, experiment_id: str, **given: Any) -> LoggedModel:
        made = self._store.create_logged_model(experiment_id, **given)
        found: LoggedModel = self._store.get_logged_model(made.model_id)
        return found

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        self._store.finalize_logged_model(model_id, status)
        found: LoggedModel = self._store.get_logged_model(model_id)
        return found


@contextmanager
def spooled(uri: str, folder: Path) -> Iterator[TrackingStore]:
    spool = Spool(uri, lambda: connect(uri), root=folder / "spool")
    yield cast(TrackingStore, ReadBack(SpooledTracking(spool)))
    assert spool.close(60)


@pytest.fixture(scope="module")
def database_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingStore]:
    folder = tmp_path_factory.mktemp("spooled")
    with spooled(f"sqlite:///{folder}/runs.db", folder) as found:
        yield found


@pytest.fixture(scope="module")
def server_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingStore]:
    folder = tmp_path_factory.mktemp("spooled")
    with RunningServer(folder / "server") as running, spooled(running.url, folder) as found:
        yield found


class TestSpooledDatabase(TrackingEffects):
    @pytest.fixture
    def store(self, database_store: TrackingStore) -> TrackingStore:
        return database_store


class TestSpooledServer(TrackingEffects):
    @pytest.fixture
    def store(self, server_store: TrackingStore) -> TrackingStore:
        return server_store
