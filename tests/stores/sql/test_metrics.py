"""Tail, chunks and summaries agree with a plain list of points, whatever order they come in."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from mainstay.entities.metrics import Metric
from mainstay.errors import BadInput
from mainstay.stores.sql import chunks, sealing, tails, tokens
from mainstay.stores.sql.database import Database
from mainstay.stores.sql.tracking import SqlTracking

Point = tuple[int, int, float]

VALUES = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0, -1.0, 0.1])
BATCHES = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(-2, 4), VALUES), max_size=12), max_size=8
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlTracking]:
    """A store that seals four points at a time, so that small examples have many chunks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "SEAL", 4)
        patch.setattr(sealing, "SEAL_AT_END", 2)
        patch.setattr(sealing, "FAN", 2)
        patch.setattr(tails, "STRETCH", 2)
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('metrics')}/a.db")
        yield SqlTracking(database)
        database.close()


def rank(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def shown(points: list[Point]) -> list[tuple[int, int, str]]:
    return [(timestamp, step, repr(value)) for timestamp, step, value in points]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(batches=BATCHES, end_between=st.booleans())
def test_what_is_read_is_what_was_logged(
    store: SqlTracking, batches: list[list[Point]], end_between: bool
) -> None:
    run = store.create_run("0").info.run_id
    kept: dict[tuple[int, int, str], Point] = {}
    for batch in batches:
        store.log_batch(
            run, metrics=[Metric("m", value, timestamp, step) for timestamp, step, value in batch]
        )
        kept.update({(point[0], point[1], repr(point[2])): point for point in batch})
        if end_between:
            store.update_run(run, status="FINISHED")
    expected = sorted(kept.values(), key=chunks.order)
    for size in (1, 3, 100):
        assert shown(pages(store, run, size)) == shown(expected)
    summaries = store.summarize_metrics([run])[run]
    if not expected:
        assert summaries == []
        return
    (summary,) = summaries
    numbers = [value for _, _, value in expected if not math.isnan(value)]
    greatest = max(expected, key=lambda point: (point[1], point[0], rank(point[2])))
    assert summary.count == len(expected)
    assert (summary.step, summary.timestamp) == (greatest[1], greatest[0])
    assert rank(summary.last) == rank(greatest[2])
    if numbers:
        assert (summary.low, summary.high) == (min(numbers), max(numbers))
    else:
        assert math.isnan(summary.low)
    (drawn,) = store.get_series([run], "m", points=3)
    assert drawn.total == sum(drawn.count) == len(expected)
    assert drawn.step == sorted(drawn.step)
    if numbers:
        lows = [low for low in drawn.low if not math.isnan(low)]
        highs = [high for high in drawn.high if not math.isnan(high)]
        assert (min(lows), max(highs)) == (min(numbers), max(numbers))
    (zoomed,) = store.get_series([run], "m", points=1000, start_step=0, end_step=2)
    inside = [point for point in expected if 0 <= point[1] <= 2]
    assert sorted(zoomed.step) == sorted(point[1] for point in inside)
    assert zoomed.width == 1


def test_a_wide_chart_reads_neither_points_nor_low_levels(store: SqlTracking) -> None:
    run = store.create_run("0").info.run_id
    points = [Metric("m", 99.0 if step == 1234 else 1.0, step, step) for step in range(4096)]
    for start in range(0, len(points), 512):
        store.log_batch(run, metrics=points[start : start + 512])
    (before,) = store.get_series([run], "m", points=8)
    assert (before.width, before.total, max(before.high)) == (1024, 4096, 99.0)
    assert isinstance(store.database, Database)
    with store.database.read() as connection:
        levels = connection.execute(text("SELECT max(level) FROM stretches")).scalar_one()
    assert levels > 8
    mine = (
        f"series IN (SELECT series.id FROM series, runs WHERE runs.id = run AND run_id = '{run}')"
    )
    for statement in ("DELETE FROM chunks", "DELETE FROM stretches WHERE level < 8 AND level > 0"):
        joined = " AND " if "WHERE" in statement else " WHERE "
        store.database.write(
            lambda connection, whole=statement + joined + mine: connection.execute(text(whole))
        )
    (after,) = store.get_series([run], "m", points=8)
    assert after == before


def test_where_training_went_back_only_what_overlaps_is_read_as_points(store: SqlTracking) -> None:
    run = store.create_run("0").info.run_id
    first = [Metric("m", 1.0, step, step) for step in range(1024)]
    again = [Metric("m", 2.0, 5000 + step, step) for step in range(900, 2048)]
    again[500] = Metric("m", -7.0, 5000 + 1400, 1400)
    store.log_batch(run, metrics=first[:512])
    store.log_batch(run, metrics=first[512:])
    store.log_batch(run, metrics=again[:600])
    store.log_batch(run, metrics=again[600:])
    (drawn,) = store.get_series([run], "m", points=20)
    assert drawn.total == sum(drawn.count) == len(first) + len(again)
    assert drawn.step == sorted(drawn.step)
    assert min(drawn.low) == -7.0
    at = next(index for index, low in enumerate(drawn.low) if low == -7.0)
    assert drawn.step[at - 1] < 1400 <= drawn.step[at]


def pages(store: SqlTracking, run: str, size: int) -> list[Point]:
    """Return the whole history, read in pages of ``size``."""
    read: list[Point] = []
    token: str | None = None
    while True:
        page = store.get_metric_history(run, "m", max_results=size, token=token)
        read += [(point.timestamp, point.step, point.value) for point in page.items]
        assert len(page.items) == size or page.token is None
        token = page.token
        if token is None:
            return read


def test_a_long_series_takes_less_than_sixteen_bytes_a_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "SEAL", 1024)  # other tests of this module have small chunks
    chance = random.Random(1)
    path = tmp_path / "a.db"
    database = Database(f"sqlite:///{path}")
    store = SqlTracking(database)
    run = store.create_run("0").info.run_id
    empty = path.stat().st_size
    points = [
        Metric(
            "loss", chance.gauss(0, 1), 1_700_000_000_000 + 100 * step + chance.randrange(9), step
        )
        for step in range(100_000)
    ]
    for start in range(0, len(points), 1000):
        store.log_batch(run, metrics=points[start : start + 1000])
    store.update_run(run, status="FINISHED")
    database.close()
    assert (path.stat().st_size - empty) / len(points) < 16


def test_a_whole_number_beyond_any_double_is_refused(store: SqlTracking) -> None:
    run = store.create_run("0").info.run_id
    with pytest.raises(BadInput, match="fits a double"):
        store.log_batch(run, metrics=[Metric("m", 10**400, 1, 0)])
    assert store.get_run(run).data.latest == []


@pytest.mark.parametrize(
    "place",
    [
        [2**70, 0, 1.0, False],
        ["1", 0, 1.0, False],
        [1, 0, "x", False],
        [1, 0, 1.0, 1],
        [1, 0, 1.0],
        {"a": 1},
        [[1], 0, 1.0, False],
    ],
)
def test_a_forged_token_is_refused(place: list[object]) -> None:
    forged = tokens.pack("here", place)
    with pytest.raises(BadInput, match="damaged"):
        tokens.unpack("here", forged, kinds=(int, int, float, bool))


def test_a_token_comes_back_as_it_was() -> None:
    place = [2**62, "é'", -math.inf, True]
    assert tokens.unpack("p", tokens.pack("p", place), kinds=(int, str, float, bool)) == place
    for bad in ("a\x00", "\ud800"):
        with pytest.raises(BadInput):
            tokens.unpack("p", tokens.pack("p", [bad]), kinds=(str,))
