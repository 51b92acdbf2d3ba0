"""A worker's counts add up, land in the bins of the profile, and outlive an outage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mainstay.entities.monitoring import LATENCY_EDGES, WindowCounts
from mainstay.packaging.profile import Profile
from mainstay.serving import counts
from mainstay.serving.counts import Counter, Flusher
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.monitoring import SqlMonitoring

REFERENCE = pd.DataFrame({"age": range(100), "town": ["Ulm", "Bonn"] * 50})


@pytest.fixture
def counter() -> Counter:
    profile = Profile.from_data(REFERENCE, REFERENCE["age"] * 0.5)
    return Counter("churn@champion", "churn", 7, profile)


def see(counter: Counter, frame: pd.DataFrame, predictions: list[float]) -> int:
    return counter.saw(frame, np.array(predictions), len(frame))


def test_answers_are_counted_by_status_and_latency(counter: Counter) -> None:
    counter.answered(status=200, seconds=0.0004, rows=3)
    counter.answered(status=400, seconds=0.004)
    counter.answered(status=500, seconds=99.0)
    window = counter.take()
    assert window is not None
    assert (window.requests, window.rows, window.errors, window.rejected) == (3, 3, 1, 1)
    assert window.latency[0] == window.latency[2] == window.latency[len(LATENCY_EDGES)] == 1
    assert sum(window.latency) == 3
    assert window.start <= window.end
    assert counter.take() is None


def test_rows_land_in_the_bins_of_the_profile_then_unseen_then_null(counter: Counter) -> None:
    counter.answered(status=200, seconds=0.001, rows=4)
    see(counter, pd.DataFrame({"age": [5.0, 500, None], "town": ["Ulm", "Rom", None]}), [2.0, 1, 0])
    see(counter, pd.DataFrame({"age": [6.0], "town": ["Bonn"]}), [49.0])
    window = counter.take()
    assert window is not None
    assert window.features["age"] == (2, *([0] * 9), 1, 1)
    assert window.features["town"] == (1, 1, 1, 1)
    assert sum(window.predictions) == 4


def test_rows_beyond_the_limit_are_dropped_and_told(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "MAX_PENDING_ROWS", 2)
    two = pd.DataFrame({"age": [1, 2], "town": ["Ulm", "Ulm"]})
    assert see(counter, two, [1.0, 2.0]) == 0
    assert see(counter, two, [1.0, 2.0]) == 2


def test_windows_that_cannot_be_sent_are_kept_and_sent_once(
    counter: Counter, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path}/mainstay.db")
    store = SqlMonitoring(database)
    down = True

    def send(windows: Sequence[WindowCounts]) -> None:
        if down:
            raise ConnectionError("the store is away")
        store.add_windows(windows)
        store.add_windows(windows)  # as a resend after a lost answer would

    flusher = Flusher(counter, send)
    for _ in range(3):
        counter.answered(status=200, seconds=0.001, rows=1)
        with pytest.raises(ConnectionError):
            flusher.flush()
    down = False
    flusher.flush()
    windows = store.list_windows("churn@champion")
    assert [window.requests for window in windows] == [1, 1, 1]
    database.close()


def test_stopping_the_flusher_sends_what_is_left(counter: Counter) -> None:
    sent: list[WindowCounts] = []
    flusher = Flusher(counter, sent.extend, every=3600).start()
    counter.answered(status=200, seconds=0.001, rows=1)
    flusher.stop()
    assert [window.requests for window in sent] == [1]


def test_data_that_cannot_be_counted_cost_no_counts_of_requests(counter: Counter) -> None:
    counter.answered(status=500, seconds=0.001)
    counter.saw(pd.DataFrame([[1, 2]], columns=["age", "age"]), object(), 1)
    counter.saw(REFERENCE[:1], np.array([1.0]), 1)
    window = counter.take()
    assert window is not None
    assert (window.requests, window.errors) == (1, 1)
