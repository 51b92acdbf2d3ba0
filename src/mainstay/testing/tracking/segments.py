"""Spooled records: applied once, in order, mistakes passed over."""

from __future__ import annotations

import math
import time

import pytest

from mainstay.entities.inputs import Dataset, DatasetInput, LoggedModelOutput
from mainstay.entities.metrics import Metric
from mainstay.entities.spool import (
    CreateLoggedModel,
    CreateRun,
    DeleteTag,
    FinalizeLoggedModel,
    Heartbeat,
    LogBatch,
    LogInputs,
    LogOutputs,
    Operation,
    Record,
    UpdateRun,
)
from mainstay.errors import BadInput
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking.given import Given, history, new_id, unique


def numbered(*operations: Operation, first: int = 1) -> list[Record]:
    """Return operations as records, counted from ``first``."""
    return [Record(first + index, operation) for index, operation in enumerate(operations)]


class SegmentEffects(Given):
    """What becomes of records."""

    def test_a_run_whose_beats_stop_is_lost_and_one_that_never_beat_is_not(
        self, store: TrackingStore
    ) -> None:
        silent, alive, ended, quiet = (new_id() for _ in range(4))
        store.apply(
            unique("segment"),
            numbered(
                *(CreateRun(run_id=run) for run in (silent, alive, ended, quiet)),
                Heartbeat(run_id=silent, at=1, every=0.01),
                Heartbeat(run_id=alive, at=1, every=3600.0),
                Heartbeat(run_id=ended, at=1, every=0.01),
                UpdateRun(run_id=ended, status="FINISHED", end_time=9),
            ),
        )
        deadline = time.monotonic() + 60
        while not (pulses := store.pulses([silent, alive, ended, quiet]))[silent].lost:
            assert time.monotonic() < deadline, "the run was not missed in time"
        assert {run for run, pulse in pulses.items() if pulse.lost} == {silent}
        assert pulses.keys() == {silent, alive, ended}
        assert pulses[alive].every == 3600.0
        assert store.get_run(silent).info.status == "RUNNING"

    def test_creating_tells_where_the_files_go(self, store: TrackingStore) -> None:
        run, model, segment = new_id(), f"m-{new_id()}", unique("segment")
        records = numbered(CreateRun(run_id=run), CreateLoggedModel(model_id=model, name="tree"))
        roots = {
            run: store.apply(segment, records[:1]).roots[run],
            model: store.apply(segment, records).roots[model],
        }
        assert roots[run] == store.get_run(run).info.artifact_uri
        assert roots[model] == store.get_logged_model(model).artifact_location

    def test_values_of_one_step_are_points_like_any_others(self, store: TrackingStore) -> None:
        run = new_id()
        records = numbered(
            CreateRun(run_id=run),
            LogBatch(run_id=run, values={"a": 1.0, "b": math.nan}, timestamp=5, step=7),
            LogBatch(run_id=run, metrics=[Metric("a", 2.0, 6, 8)], values={"c": math.inf}),
        )
        assert store.apply(unique("segment"), records).rejected == []
        latest = {point.key: point for point in store.get_run(run).data.latest}
        assert (latest["a"].value, latest["a"].step, latest["a"].timestamp) == (2.0, 8, 6)
        assert math.isnan(latest["b"].value)
        assert (latest["c"].value, latest["c"].step) == (math.inf, 0)
        history = store.get_metric_history(run, "a").items
        assert [(point.value, point.step) for point in history] == [(1.0, 7), (2.0, 8)]

    def test_a_whole_run_arrives_as_records(self, store: TrackingStore) -> None:
        run, model, segment = new_id(), f"m-{new_id()}", unique("segment")
        name = unique("experiment")
        dataset = Dataset(name="wine", digest="d1", source_type="local", source="{}")
        records = numbered(
            CreateRun(run_id=run, experiment_name=name, run_name="r", user_id="ada", start_time=7),
            LogBatch(run_id=run, metrics=[Metric("loss", 1, 1, 1)], params={"a": "1"}),
            LogBatch(run_id=run, metrics=[Metric("loss", 2, 2, 2)], tags={"t": "1", "u": "1"}),
            DeleteTag(run_id=run, key="u"),
            LogInputs(run_id=run, datasets=[DatasetInput(dataset=dataset)]),
            CreateLoggedModel(model_id=model, name="tree", experiment_name=name, source_run_id=run),
            LogOutputs(run_id=run, models=[LoggedModelOutput(model, 2)]),
            FinalizeLoggedModel(model_id=model, status="READY"),
            Heartbeat(run_id=run, at=8, every=10.0),
            UpdateRun(run_id=run, status="FINISHED", end_time=9),
        )
        answer = store.apply(segment, records)
        assert (answer.segment, answer.sequence, answer.rejected) == (segment, 10, [])
        assert store.applied(segment) == 10
        found = store.get_run(run)
        assert found.info.experiment_id == store.get_experiment_by_name(name).experiment_id
        assert (found.info.run_name, found.info.user_id) == ("r", "ada")
        assert (found.info.status, found.info.start_time, found.info.end_time) == ("FINISHED", 7, 9)
        assert found.data.params == {"a": "1"}
        assert found.data.tags == {"t": "1", "mlflow.runName": "r"}
        assert found.inputs.dataset_inputs[0].dataset == dataset
        assert found.outputs.model_outputs == [LoggedModelOutput(model, 2)]
        assert history(store, run, "loss") == [(1, 1, 1.0), (2, 2, 2.0)]
        assert store.get_logged_model(model).status == "READY"

    def test_a_resend_has_no_second_effect(self, store: TrackingStore, run_id: str) -> None:
        segment = unique("segment")
        records = numbered(
            LogBatch(run_id=run_id, metrics=[Metric("m", 1, 1, 1)], tags={"t": "old"}),
            LogBatch(run_id=run_id, metrics=[Metric("m", 2, 2, 2)]),
        )
        store.apply(segment, records)
        store.log_batch(run_id, tags={"t": "new"})
        again = [*records, Record(3, LogBatch(run_id=run_id, metrics=[Metric("m", 3, 3, 3)]))]
        assert store.apply(segment, again).sequence == 3
        assert store.apply(segment, records).sequence == 3
        assert store.get_run(run_id).data.tags["t"] == "new"
        assert len(history(store, run_id, "m")) == 3

    def test_a_mistake_is_passed_over_and_remembered(
        self, store: TrackingStore, run_id: str
    ) -> None:
        segment = unique("segment")
        records = numbered(
            LogBatch(run_id=run_id, params={"a": "1"}),
            LogBatch(run_id=run_id, params={"a": "2", "b": "2"}, where="train.py:12"),
            LogBatch(run_id=new_id(), params={"a": "1"}),
            LogBatch(run_id=run_id, params={"c": "3"}),
        )
        answer = store.apply(segment, records)
        assert answer.sequence == 4
        assert [(one.sequence, one.error_code) for one in answer.rejected] == [
            (2, "INVALID_PARAMETER_VALUE"),
            (3, "RESOURCE_DOES_NOT_EXIST"),
        ]
        assert answer.rejected[0].where == "train.py:12"
        assert "Changing param values is not allowed" in answer.rejected[0].message
        assert store.get_run(run_id).data.params == {"a": "1", "c": "3"}
        assert store.apply(segment, records) == answer

    def test_sequences_may_skip(self, store: TrackingStore, run_id: str) -> None:
        segment = unique("segment")
        records = [
            Record(3, LogBatch(run_id=run_id, params={"a": "1"})),
            Record(9, LogBatch(run_id=run_id, params={"b": "1"})),
        ]
        assert store.apply(segment, records).sequence == 9
        assert store.apply(segment, []).sequence == 9

    def test_segments_do_not_know_each_other(self, store: TrackingStore, run_id: str) -> None:
        one, other = unique("segment"), unique("segment")
        store.apply(one, numbered(LogBatch(run_id=run_id, tags={"a": "1"})))
        assert (store.applied(one), store.applied(other)) == (1, 0)
        store.apply(other, numbered(LogBatch(run_id=run_id, tags={"b": "1"})))
        assert {"a", "b"} <= store.get_run(run_id).data.tags.keys()

    def test_a_run_without_an_experiment_goes_to_the_default(self, store: TrackingStore) -> None:
        run = new_id()
        store.apply(unique("segment"), numbered(CreateRun(run_id=run, start_time=1)))
        assert store.get_run(run).info.experiment_id == "0"


class SegmentRefusals(Given):
    """What is no segment's log."""

    def test_sequences_that_do_not_rise_are_refused_whole(
        self, store: TrackingStore, run_id: str
    ) -> None:
        segment = unique("segment")
        batch = LogBatch(run_id=run_id, params={"a": "1"})
        for order in ((1, 1), (2, 1), (0, 1), (-1,)):
            with pytest.raises(BadInput, match="must rise"):
                store.apply(segment, [Record(number, batch) for number in order])
        assert store.applied(segment) == 0
        assert store.get_run(run_id).data.params == {}

    def test_a_segment_without_a_name_is_refused(self, store: TrackingStore) -> None:
        with pytest.raises(BadInput):
            store.apply("", [])
