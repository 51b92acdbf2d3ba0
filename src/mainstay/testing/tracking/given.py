"""What the tests of a tracking store start from."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from mainstay.entities.metrics import Metric
from mainstay.entities.pages import Search
from mainstay.entities.runs import Run
from mainstay.stores.base import TrackingStore


class Given:
    """Fixtures and short cuts; a subclass gives ``store``."""

    @pytest.fixture
    def store(self) -> Iterator[TrackingStore]:
        """Return the store that is tested."""
        raise NotImplementedError("give a fixture called store")

    @pytest.fixture
    def experiment(self, store: TrackingStore) -> str:
        """Return the id of a new, empty experiment."""
        return store.create_experiment(unique("experiment")).experiment_id

    @pytest.fixture
    def run(self, store: TrackingStore, experiment: str) -> Run:
        """Return a new run."""
        return store.create_run(experiment, user_id="ada", start_time=1_000)

    @pytest.fixture
    def run_id(self, run: Run) -> str:
        """Return the id of a new run."""
        return run.info.run_id


def unique(word: str) -> str:
    """Return a name that nobody used."""
    return f"{word}-{uuid4().hex[:12]}"


def new_id() -> str:
    """Return a run id as a client mints it."""
    return uuid4().hex


def latest(store: TrackingStore, run_id: str) -> dict[str, Metric]:
    """Return the latest point of each metric."""
    return {metric.key: metric for metric in store.get_run(run_id).data.latest}


def history(store: TrackingStore, run_id: str, key: str) -> list[tuple[int, int, float]]:
    """Return every point of a series as (timestamp, step, value), page by page."""
    found: list[Metric] = []
    token: str | None = None
    while True:
        page = store.get_metric_history(run_id, key, token=token)
        found += page.items
        token = page.token
        if token is None:
            return [(point.timestamp, point.step, point.value) for point in found]


def found(store: TrackingStore, experiment: str, text: str = "", **search: object) -> list[str]:
    """Return the names of the runs that a search finds, in order."""
    page = store.search_runs([experiment], Search(filter=text, **search))  # type: ignore[arg-type]
    return [run.info.run_name for run in page.items]
