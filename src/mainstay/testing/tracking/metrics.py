"""Series of points: faithful values, history in order, summaries, charts."""

from __future__ import annotations

import math

import pytest

from mainstay.entities.metrics import Metric
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking.given import Given, history, latest, new_id

EXTREMES = (0.1, 1e-320, 1.7976931348623157e308, math.inf, -math.inf, -5.0, 2**53 + 0.0)


def log(store: TrackingStore, run_id: str, key: str, points: list[tuple[int, int, float]]) -> None:
    """Log (timestamp, step, value) points, in batches."""
    for start in range(0, len(points), 1000):
        batch = [
            Metric(key, value, timestamp, step)
            for timestamp, step, value in points[start : start + 1000]
        ]
        store.log_batch(run_id, metrics=batch)


class MetricEffects(Given):
    """What happens to points."""

    def test_values_come_back_as_they_went_in(self, store: TrackingStore, run_id: str) -> None:
        points = [(number, -number, value) for number, value in enumerate(EXTREMES)]
        log(store, run_id, "m", points)
        assert history(store, run_id, "m") == points

    def test_nan_is_kept(self, store: TrackingStore, run_id: str) -> None:
        log(store, run_id, "m", [(1, 0, math.nan), (2, 0, 0.0), (3, 0, math.nan)])
        values = [value for _, _, value in history(store, run_id, "m")]
        assert [math.isnan(value) for value in values] == [True, False, True]
        assert math.isnan(latest(store, run_id)["m"].value)

    def test_nan_and_infinities_stay_when_a_series_is_long(
        self, store: TrackingStore, run_id: str
    ) -> None:
        odd = {5: math.nan, 700: math.inf, 1500: -math.inf, 2500: math.nan}
        log(store, run_id, "m", [(step, step, odd.get(step, 1.0)) for step in range(3000)])
        found = history(store, run_id, "m")
        assert len(found) == 3000
        assert math.isnan(found[5][2])
        assert math.isnan(found[2500][2])
        assert (found[700][2], found[1500][2]) == (math.inf, -math.inf)
        (summary,) = store.summarize_metrics([run_id])[run_id]
        assert (summary.low, summary.high, summary.count) == (-math.inf, math.inf, 3000)

    def test_history_is_ordered_by_time_then_step_then_value(
        self, store: TrackingStore, run_id: str
    ) -> None:
        points = [(3, 0, 1.0), (1, 5, 2.0), (1, 4, 9.0), (1, 5, -2.0), (2, -1, 0.0)]
        for point in points:
            log(store, run_id, "m", [point])
        assert history(store, run_id, "m") == sorted(points)

    def test_an_exact_duplicate_has_no_effect(self, store: TrackingStore, run_id: str) -> None:
        points = [(1, 1, 0.5), (1, 1, 0.6), (1, 2, 0.5), (2, 1, math.inf)]
        log(store, run_id, "m", points + points)
        log(store, run_id, "m", points)
        assert history(store, run_id, "m") == sorted(points)
        assert store.summarize_metrics([run_id])[run_id][0].count == 4

    def test_a_batch_sent_again_late_has_no_effect(self, store: TrackingStore, run_id: str) -> None:
        points = [(1_000 + step, step, math.sin(step)) for step in range(3_500)]
        log(store, run_id, "m", points)
        log(store, run_id, "m", points[:1_000])
        log(store, run_id, "m", points[2_400:3_400])
        store.log_batch(run_id, metrics=[Metric("m", math.nan, 1_500, 500)])
        store.log_batch(run_id, metrics=[Metric("m", math.nan, 1_500, 500)])
        assert len(history(store, run_id, "m")) == 3_501
        assert store.summarize_metrics([run_id])[run_id][0].count == 3_501

    def test_the_latest_is_the_greatest_by_step_time_and_value(
        self, store: TrackingStore, run_id: str
    ) -> None:
        log(store, run_id, "m", [(5, 9, 1.0)])
        log(store, run_id, "m", [(9, 8, 2.0)])  # a later time, but a lower step
        assert latest(store, run_id)["m"] == Metric("m", 1.0, 5, 9)
        log(store, run_id, "m", [(5, 9, 0.5)])
        assert latest(store, run_id)["m"].value == 1.0
        log(store, run_id, "m", [(5, 9, 3.0)])
        assert latest(store, run_id)["m"].value == 3.0

    def test_nan_counts_as_zero_beside_other_values(
        self, store: TrackingStore, run_id: str
    ) -> None:
        log(store, run_id, "above", [(1, 1, 0.5), (1, 1, math.nan)])
        log(store, run_id, "below", [(1, 1, -0.5), (1, 1, math.nan)])
        assert latest(store, run_id)["above"].value == 0.5
        assert math.isnan(latest(store, run_id)["below"].value)

    def test_history_is_paged_without_gaps_or_repeats(
        self, store: TrackingStore, run_id: str
    ) -> None:
        points = [(step % 7, step, float(step % 3)) for step in range(2_600)]
        log(store, run_id, "m", points)
        collected: list[tuple[int, int, float]] = []
        token: str | None = None
        sizes = []
        while True:
            page = store.get_metric_history(run_id, "m", max_results=700, token=token)
            collected += [(one.timestamp, one.step, one.value) for one in page.items]
            sizes.append(len(page.items))
            token = page.token
            if token is None:
                break
        assert collected == sorted(points)
        assert sizes == [700, 700, 700, 500]

    def test_an_unknown_key_has_an_empty_history(self, store: TrackingStore, run_id: str) -> None:
        page = store.get_metric_history(run_id, "none")
        assert (page.items, page.token) == ([], None)

    def test_times_and_steps_may_be_extreme(self, store: TrackingStore, run_id: str) -> None:
        points = [(0, -(2**63), 1.0), (2**63 - 1, 2**63 - 1, 2.0)]
        log(store, run_id, "m", points)
        assert history(store, run_id, "m") == points
        assert latest(store, run_id)["m"].step == 2**63 - 1

    def test_summaries_need_no_history(
        self, store: TrackingStore, experiment: str, run_id: str
    ) -> None:
        other = store.create_run(experiment).info.run_id
        log(store, run_id, "train/loss", [(1, 1, 3.0), (2, 2, math.nan), (3, 3, 1.0), (4, 4, 2.0)])
        log(store, run_id, "val/loss", [(1, 1, math.nan)])
        log(store, run_id, "auc", [(1, 1, 0.5)])
        found = store.summarize_metrics([run_id, other], prefix="")
        assert [summary.key for summary in found[run_id]] == ["auc", "train/loss", "val/loss"]
        assert found[other] == []
        loss = found[run_id][1]
        assert (loss.last, loss.step, loss.timestamp) == (2.0, 4, 4)
        assert (loss.low, loss.high, loss.count) == (1.0, 3.0, 4)
        only_nan = found[run_id][2]
        assert math.isnan(only_nan.low)
        assert math.isnan(only_nan.high)
        assert math.isnan(only_nan.last)
        assert [one.key for one in store.summarize_metrics([run_id], limit=2)[run_id]] == [
            "auc",
            "train/loss",
        ]
        prefixed = store.summarize_metrics([run_id], prefix="val/")[run_id]
        assert [one.key for one in prefixed] == ["val/loss"]

    def test_an_experiment_knows_the_keys_that_were_logged_in_it(
        self, store: TrackingStore, experiment: str, run_id: str
    ) -> None:
        other = store.create_experiment(f"keys of another {experiment}").experiment_id
        far = store.create_run(other, tags={"owner": "ada"}).info.run_id
        log(store, run_id, "val/loss", [(1, 1, 3.0)])
        log(store, run_id, "val/auc", [(1, 1, 0.5)])
        log(store, far, "val/loss", [(1, 1, 1.0)])
        store.log_batch(far, metrics=[Metric("z", 1.0, 1)], params={"lr": "1", "layers": "2"})
        assert store.logged_keys([experiment], "metric") == ["val/auc", "val/loss"]
        assert store.logged_keys([experiment, other], "metric") == ["val/auc", "val/loss", "z"]
        assert store.logged_keys([experiment, other], "metric", prefix="val/l") == ["val/loss"]
        assert store.logged_keys([experiment, other], "metric", limit=1) == ["val/auc"]
        assert store.logged_keys([other], "param") == ["layers", "lr"]
        assert store.logged_keys([other], "tag", prefix="o") == ["owner"]
        assert store.logged_keys(["123456"], "metric") == []
        store.delete_run(far)
        assert store.logged_keys([other], "param", prefix="l") == ["layers", "lr"]
        with pytest.raises(BadInput, match="limit"):
            store.logged_keys([other], "param", limit=0)

    def test_a_chart_keeps_every_spike(self, store: TrackingStore, run_id: str) -> None:
        points = [(step, step, 1.0) for step in range(6_000)]
        points[1234] = (1234, 1234, 99.0)
        points[4321] = (4321, 4321, -99.0)
        log(store, run_id, "m", points)
        (series,) = store.get_series([run_id], "m", points=10)
        assert series.total == sum(series.count) == 6_000
        assert len(series.step) <= 11
        assert (max(series.high), min(series.low)) == (99.0, -99.0)
        assert series.step == sorted(series.step)
        assert (series.step[-1], series.last[-1]) == (5_999, 1.0)
        assert series.width > 1

    def test_a_short_series_is_drawn_whole(self, store: TrackingStore, run_id: str) -> None:
        log(store, run_id, "m", [(7, 3, 0.3), (5, 1, 0.1), (6, 2, math.nan)])
        (series,) = store.get_series([run_id, new_id()], "m")
        assert (series.run_id, series.key, series.width, series.total) == (run_id, "m", 1, 3)
        assert (series.step, series.timestamp, series.count) == ([1, 2, 3], [5, 6, 7], [1, 1, 1])
        assert (series.last[0], series.last[2]) == (0.1, 0.3)
        assert math.isnan(series.last[1])

    def test_a_chart_can_be_zoomed(self, store: TrackingStore, run_id: str) -> None:
        log(store, run_id, "m", [(step, step, float(step)) for step in range(5_000)])
        (series,) = store.get_series([run_id], "m", points=500, start_step=1_000, end_step=1_099)
        assert (series.step, series.width) == (list(range(1_000, 1_100)), 1)
        assert series.last == [float(step) for step in range(1_000, 1_100)]

    def test_steps_out_of_order_are_drawn_in_order(self, store: TrackingStore, run_id: str) -> None:
        log(store, run_id, "m", [(time, 2_999 - time, float(time)) for time in range(3_000)])
        (series,) = store.get_series([run_id], "m", points=20)
        assert series.step == sorted(series.step)
        assert (sum(series.count), series.last[-1]) == (3_000, 0.0)

    def test_history_survives_the_end_of_the_run(self, store: TrackingStore, run_id: str) -> None:
        points = [(step, step, step / 7) for step in range(1_500)]
        log(store, run_id, "m", points)
        store.update_run(run_id, status="FINISHED", end_time=9)
        assert history(store, run_id, "m") == points
        log(store, run_id, "m", [*points[1_000:], (2_000, 2_000, 1.0)])
        assert history(store, run_id, "m") == [*points, (2_000, 2_000, 1.0)]


class MetricRefusals(Given):
    """Mistakes about points."""

    def test_a_time_or_step_that_cannot_be_is_refused(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for point in (Metric("m", 1, -1, 0), Metric("m", 1, 2**63, 0), Metric("m", 1, 1, 2**63)):
            with pytest.raises(BadInput):
                store.log_batch(run_id, metrics=[point])
        assert store.get_run(run_id).data.latest == []

    def test_a_bad_page_is_refused(self, store: TrackingStore, run_id: str) -> None:
        store.log_batch(run_id, metrics=[Metric("m", step, step, step) for step in range(5)])
        token = store.get_metric_history(run_id, "m", max_results=2).token
        for bad in ("nonsense", "bm9uc2Vuc2U=", "é", "W10="):
            with pytest.raises(BadInput):
                store.get_metric_history(run_id, "m", token=bad)
        with pytest.raises(BadInput, match="another search"):
            store.get_metric_history(run_id, "other", token=token)
        for size in (0, -1):  # a longer page than there may be is cut by a server, as by MLflow's
            with pytest.raises(BadInput):
                store.get_metric_history(run_id, "m", max_results=size)

    def test_the_history_of_an_unknown_run_is_not_found(self, store: TrackingStore) -> None:
        with pytest.raises(NotFound):
            store.get_metric_history(new_id(), "m")

    def test_a_point_of_an_unknown_model_is_refused(
        self, store: TrackingStore, run_id: str
    ) -> None:
        point = Metric("m", 1, 1, 0, f"m-{new_id()}")
        with pytest.raises(NotFound, match="Logged model"):
            store.log_batch(run_id, metrics=[point])
        assert store.get_run(run_id).data.latest == []
