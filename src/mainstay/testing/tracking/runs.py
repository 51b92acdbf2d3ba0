"""Runs: started, logged to, ended, deleted and restored."""

from __future__ import annotations

import re

import pytest

from mainstay.entities.inputs import (
    Dataset,
    DatasetInput,
    LoggedModelInput,
    LoggedModelOutput,
    RunInputs,
    RunOutputs,
)
from mainstay.entities.metrics import Metric
from mainstay.entities.runs import Run
from mainstay.errors import BadInput, InvalidState, NotFound
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking.given import Given, new_id

DATASET = Dataset(
    name="wine", digest="d1", source_type="local", source="{}", schema='{"a": 1}', profile="{}"
)


class RunEffects(Given):
    """What happens to runs."""

    def test_a_run_begins_running_with_a_made_up_name(self, run: Run, experiment: str) -> None:
        info = run.info
        assert info.experiment_id == experiment
        assert (info.status, info.lifecycle_stage, info.end_time) == ("RUNNING", "active", None)
        assert (info.user_id, info.start_time) == ("ada", 1_000)
        assert re.fullmatch(r"[0-9a-f]{32}", info.run_id)
        assert re.fullmatch(r"[a-z]+-[a-z]+-\d+", info.run_name)
        assert run.data.tags == {"mlflow.runName": info.run_name}
        assert info.artifact_uri.endswith(f"/{experiment}/{info.run_id}/artifacts")

    def test_a_client_minted_id_makes_creating_safe_to_repeat(
        self, store: TrackingStore, experiment: str
    ) -> None:
        run_id = new_id()
        first = store.create_run(experiment, run_id=run_id, run_name="one", tags={"a": "b"})
        again = store.create_run(experiment, run_id=run_id, run_name="one", tags={"a": "b"})
        assert first.info.run_id == run_id
        assert again == first == store.get_run(run_id)

    def test_name_and_name_tag_are_one(self, store: TrackingStore, experiment: str) -> None:
        run = store.create_run(experiment, tags={"mlflow.runName": "tagged"})
        assert run.info.run_name == "tagged"
        store.log_batch(run.info.run_id, tags={"mlflow.runName": "again"})
        assert store.get_run(run.info.run_id).info.run_name == "again"
        store.update_run(run.info.run_id, run_name="updated")
        assert store.get_run(run.info.run_id).data.tags == {"mlflow.runName": "updated"}

    def test_a_run_is_ended(self, store: TrackingStore, run_id: str) -> None:
        info = store.update_run(run_id, status="FINISHED", end_time=5_000)
        assert (info.status, info.end_time, info.start_time) == ("FINISHED", 5_000, 1_000)
        assert store.get_run(run_id).info == info
        assert store.update_run(run_id, status="RUNNING").status == "RUNNING"

    def test_params_and_tags_are_kept(self, store: TrackingStore, run_id: str) -> None:
        params = {"depth": "3", "nested/a b.c-d:e_f": "é", "empty": ""}
        store.log_batch(run_id, params=params, tags={"owner": "ada"})
        store.log_batch(run_id, params={"depth": "3"}, tags={"owner": "grace"})
        data = store.get_run(run_id).data
        assert data.params == params
        assert data.tags["owner"] == "grace"
        store.delete_tag(run_id, "owner")
        assert "owner" not in store.get_run(run_id).data.tags

    def test_long_values_are_cut_as_mlflow_does(self, store: TrackingStore, run_id: str) -> None:
        store.log_batch(run_id, params={"p": "x" * 6_001}, tags={"t": "y" * 8_001})
        data = store.get_run(run_id).data
        assert (len(data.params["p"]), len(data.tags["t"])) == (6_000, 8_000)

    def test_a_batch_may_be_as_large_as_mlflows(self, store: TrackingStore, run_id: str) -> None:
        store.log_batch(
            run_id,
            metrics=[Metric(f"m{number}", number, 1, 0) for number in range(800)],
            params={f"p{number}": "v" for number in range(100)},
            tags={f"t{number}": "v" for number in range(100)},
        )
        data = store.get_run(run_id).data
        assert (len(data.latest), len(data.params), len(data.tags)) == (800, 100, 101)

    def test_a_deleted_run_can_be_read_and_restored(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.delete_run(run_id)
        store.delete_run(run_id)
        assert store.get_run(run_id).info.lifecycle_stage == "deleted"
        store.restore_run(run_id)
        store.log_batch(run_id, params={"a": "1"})
        assert store.get_run(run_id).data.params == {"a": "1"}

    def test_inputs_are_kept_once(self, store: TrackingStore, run_id: str) -> None:
        model_id = f"m-{new_id()}"
        item = DatasetInput(dataset=DATASET, tags={"mlflow.data.context": "training"})
        for _ in range(2):
            store.log_inputs(run_id, datasets=[item], models=[LoggedModelInput(model_id)])
        assert store.get_run(run_id).inputs == RunInputs(
            dataset_inputs=[item], model_inputs=[LoggedModelInput(model_id)]
        )

    def test_outputs_are_kept_once_a_step(self, store: TrackingStore, run_id: str) -> None:
        model_id = f"m-{new_id()}"
        made = [LoggedModelOutput(model_id, 1), LoggedModelOutput(model_id, 2)]
        store.log_outputs(run_id, made)
        store.log_outputs(run_id, made[:1])
        assert store.get_run(run_id).outputs == RunOutputs(model_outputs=made)


class RunRefusals(Given):
    """Mistakes about runs."""

    def test_an_unknown_run_is_not_found(self, store: TrackingStore) -> None:
        unknown = new_id()
        with pytest.raises(NotFound, match=f"Run with id={unknown} not found"):
            store.get_run(unknown)
        with pytest.raises(NotFound):
            store.update_run(unknown, status="FINISHED")
        with pytest.raises(NotFound):
            store.log_batch(unknown, params={"a": "1"})
        with pytest.raises(NotFound):
            store.delete_run(unknown)
        with pytest.raises(NotFound):
            store.restore_run(unknown)
        with pytest.raises(NotFound):
            store.log_inputs(unknown, datasets=[DatasetInput(dataset=DATASET)])

    def test_a_changed_param_is_refused_with_the_whole_batch(
        self, store: TrackingStore, run_id: str
    ) -> None:
        store.log_batch(run_id, params={"depth": "3"})
        with pytest.raises(BadInput, match="Changing param values is not allowed"):
            store.log_batch(
                run_id,
                metrics=[Metric("auc", 0.5, 1, 0)],
                params={"new": "1", "depth": "4"},
                tags={"t": "1"},
            )
        data = store.get_run(run_id).data
        assert data.params == {"depth": "3"}
        assert data.latest == []
        assert "t" not in data.tags

    def test_a_bad_item_anywhere_leaves_nothing(self, store: TrackingStore, run_id: str) -> None:
        before = store.get_run(run_id)
        with pytest.raises(BadInput):
            store.log_batch(run_id, params={"good": "1"}, tags={"bad//name": "1"})
        with pytest.raises(BadInput):
            store.log_batch(
                run_id, metrics=[Metric("good", 1, 1, 0), Metric("bad", 1, -1, 0)], tags={"t": "1"}
            )
        assert store.get_run(run_id) == before

    def test_names_that_are_not_mlflows_are_refused(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for name in ("a//b", "../a", "/a", "a/", ".", "a!b", "x" * 251, "", "nul\x00"):
            with pytest.raises(BadInput):
                store.log_batch(run_id, metrics=[Metric(name, 1, 1, 0)])
            with pytest.raises(BadInput):
                store.log_batch(run_id, params={name: "1"})
            with pytest.raises(BadInput):
                store.log_batch(run_id, tags={name: "1"})

    def test_a_batch_that_is_too_large_is_refused(self, store: TrackingStore, run_id: str) -> None:
        values = {f"k{number}": "v" for number in range(101)}
        points = [Metric("m", 1, number, number) for number in range(1001)]
        with pytest.raises(BadInput, match="at most 100 params"):
            store.log_batch(run_id, params=values)
        with pytest.raises(BadInput, match="at most 100 tags"):
            store.log_batch(run_id, tags=values)
        with pytest.raises(BadInput, match="at most 1000 metrics"):
            store.log_batch(run_id, metrics=points)
        with pytest.raises(BadInput, match="at most 1000"):
            store.log_batch(run_id, metrics=points[:1000], tags={"a": "1"})

    def test_a_deleted_run_is_not_written(self, store: TrackingStore, run_id: str) -> None:
        store.delete_run(run_id)
        with pytest.raises(InvalidState, match="must be in the 'active' state"):
            store.log_batch(run_id, params={"a": "1"})
        with pytest.raises(InvalidState):
            store.update_run(run_id, status="FINISHED")
        with pytest.raises(InvalidState):
            store.delete_tag(run_id, "mlflow.runName")
        with pytest.raises(InvalidState):
            store.log_outputs(run_id, [LoggedModelOutput(f"m-{new_id()}", 0)])

    def test_a_name_that_differs_from_its_tag_is_refused(
        self, store: TrackingStore, experiment: str
    ) -> None:
        with pytest.raises(BadInput, match="different values"):
            store.create_run(experiment, run_name="a", tags={"mlflow.runName": "b"})

    def test_an_id_of_another_experiment_or_form_is_refused(
        self, store: TrackingStore, experiment: str, run_id: str
    ) -> None:
        with pytest.raises(BadInput, match="belongs to"):
            store.create_run("0", run_id=run_id)
        with pytest.raises(BadInput, match="32 hexadecimal"):
            store.create_run(experiment, run_id="../x")

    def test_a_missing_tag_is_not_found(self, store: TrackingStore, run_id: str) -> None:
        with pytest.raises(NotFound, match="No tag with name: none"):
            store.delete_tag(run_id, "none")

    def test_a_data_set_beyond_the_limits_is_refused(
        self, store: TrackingStore, run_id: str
    ) -> None:
        for field, length in (("name", 501), ("digest", 37), ("source", 65_536)):
            values = {"name": "n", "digest": "d", "source_type": "s", "source": "{}"}
            bad = Dataset(**{**values, field: "x" * length})
            with pytest.raises(BadInput):
                store.log_inputs(run_id, datasets=[DatasetInput(dataset=bad)])
        assert store.get_run(run_id).inputs.dataset_inputs == []
