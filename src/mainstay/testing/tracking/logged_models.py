"""Logged models: created, filled, found."""

from __future__ import annotations

import re

import pytest

from mainstay.entities.logged_models import LoggedModel
from mainstay.entities.metrics import Metric
from mainstay.entities.pages import DatasetRef, Search
from mainstay.errors import BadInput, NotFound
from mainstay.stores.base import TrackingStore
from mainstay.testing.tracking.given import Given, new_id


def names(store: TrackingStore, experiment: str, text: str = "", **search: object) -> list[str]:
    """Return the names of the models that a search finds, in order."""
    asked = Search(filter=text, **search)  # type: ignore[arg-type]
    return [model.name for model in store.search_logged_models([experiment], asked).items]


class LoggedModelEffects(Given):
    """What happens to logged models."""

    @pytest.fixture
    def model(self, store: TrackingStore, experiment: str, run_id: str) -> LoggedModel:
        """Return a new logged model."""
        return store.create_logged_model(
            experiment,
            name="tree",
            model_type="classifier",
            source_run_id=run_id,
            params={"depth": "3"},
            tags={"team": "risk"},
        )

    def test_a_model_begins_pending(
        self, store: TrackingStore, experiment: str, run_id: str, model: LoggedModel
    ) -> None:
        assert re.fullmatch(r"m-[0-9a-f]{32}", model.model_id)
        assert (model.status, model.name, model.experiment_id) == ("PENDING", "tree", experiment)
        assert (model.model_type, model.source_run_id) == ("classifier", run_id)
        assert (model.params, model.tags) == ({"depth": "3"}, {"team": "risk"})
        root = f"/{experiment}/models/{model.model_id}/artifacts"
        assert model.artifact_location.endswith(root)
        assert store.get_logged_model(model.model_id) == model

    def test_a_client_minted_id_makes_creating_safe_to_repeat(
        self, store: TrackingStore, experiment: str
    ) -> None:
        model_id = f"m-{new_id()}"
        first = store.create_logged_model(experiment, name="a", model_id=model_id)
        assert store.create_logged_model(experiment, name="a", model_id=model_id) == first

    def test_a_model_without_a_name_gets_one(self, store: TrackingStore, experiment: str) -> None:
        assert store.create_logged_model(experiment).name

    def test_a_model_is_finalised(self, store: TrackingStore, model: LoggedModel) -> None:
        ready = store.finalize_logged_model(model.model_id, "READY")
        assert ready.status == "READY"
        assert ready.last_updated_timestamp >= model.last_updated_timestamp
        assert store.get_logged_model(model.model_id) == ready

    def test_tags_and_params_of_a_model_grow(
        self, store: TrackingStore, model: LoggedModel
    ) -> None:
        tagged = store.set_logged_model_tags(model.model_id, {"team": "ads", "new": "1"})
        assert tagged.tags == {"team": "ads", "new": "1"}
        store.delete_logged_model_tag(model.model_id, "new")
        store.log_logged_model_params(model.model_id, {"depth": "3", "width": "9"})
        found = store.get_logged_model(model.model_id)
        assert found.tags == {"team": "ads"}
        assert found.params == {"depth": "3", "width": "9"}

    def test_points_that_name_a_model_are_its_metrics_too(
        self, store: TrackingStore, run_id: str, model: LoggedModel
    ) -> None:
        point = Metric("auc", 0.9, 5, 2, model.model_id, "wine", "d1")
        for _ in range(2):
            store.log_batch(run_id, metrics=[point, Metric("loss", 0.1, 5, 2)])
        (metric,) = store.get_logged_model(model.model_id).metrics
        assert (metric.key, metric.value, metric.timestamp, metric.step) == ("auc", 0.9, 5, 2)
        assert (metric.model_id, metric.run_id) == (model.model_id, run_id)
        assert (metric.dataset_name, metric.dataset_digest) == ("wine", "d1")
        assert store.get_run(run_id).data.metrics == {"auc": 0.9, "loss": 0.1}

    def test_models_are_searched_and_sorted(
        self, store: TrackingStore, experiment: str, run_id: str, model: LoggedModel
    ) -> None:
        best = store.create_logged_model(experiment, name="forest", params={"depth": "9"})
        points = [
            Metric("auc", 0.7, 1, 1, model.model_id),
            Metric("auc", 0.2, 2, 2, model.model_id),
            Metric("auc", 0.9, 1, 1, best.model_id),
        ]
        store.log_batch(run_id, metrics=points)
        assert names(store, experiment) == ["forest", "tree"]
        assert names(store, experiment, "name = 'tree'") == ["tree"]
        assert names(store, experiment, "attributes.name IN ('tree', 'x')") == ["tree"]
        assert names(store, experiment, "params.depth = '9' OR tags.team = 'none'") == ["forest"]
        assert names(store, experiment, "metrics.auc > 0.5 AND name != 'forest'") == ["tree"]
        assert names(store, experiment, f"source_run_id = '{run_id}'") == ["tree"]
        assert names(store, experiment, "creation_timestamp > 1") == ["forest", "tree"]
        assert names(store, experiment, order_by=("metrics.auc DESC",)) == ["forest", "tree"]
        assert names(store, experiment, order_by=("metrics.auc",)) == ["tree", "forest"]
        assert names(store, experiment, order_by=("name",), max_results=1) == ["forest"]

    def test_models_are_searched_by_what_they_do_on_a_data_set(
        self, store: TrackingStore, experiment: str, run_id: str, model: LoggedModel
    ) -> None:
        other = store.create_logged_model(experiment, name="forest")
        points = [
            Metric("auc", 0.9, 1, 0, model.model_id, "wine", "d1"),
            Metric("auc", 0.2, 2, 0, model.model_id, "beer", "d2"),
            Metric("auc", 0.6, 1, 0, other.model_id, "beer", "d2"),
            Metric("auc", 0.5, 3, 0, other.model_id),
        ]
        store.log_batch(run_id, metrics=points)
        wine, beer = DatasetRef("wine", "d1"), DatasetRef("beer")
        assert names(store, experiment, datasets=(wine,)) == ["tree"]
        assert names(store, experiment, datasets=(DatasetRef("wine", "d2"),)) == []
        assert names(store, experiment, "metrics.auc > 0.5", datasets=(beer,)) == ["forest"]
        assert names(store, experiment, "metrics.auc > 0.5", datasets=(beer, wine)) == [
            "forest",
            "tree",
        ]
        by_auc = ("metrics.auc DESC",)
        assert names(store, experiment, order_by=by_auc, order_dataset=wine) == ["tree", "forest"]
        assert names(store, experiment, order_by=by_auc, order_dataset=beer) == ["forest", "tree"]

    def test_deleting_a_deleted_model_changes_nothing(
        self, store: TrackingStore, model: LoggedModel
    ) -> None:
        store.delete_logged_model(model.model_id)
        store.delete_logged_model(model.model_id)
        with pytest.raises(NotFound):
            store.get_logged_model(model.model_id)

    def test_a_deleted_model_is_gone(
        self, store: TrackingStore, experiment: str, model: LoggedModel
    ) -> None:
        store.delete_logged_model(model.model_id)
        assert names(store, experiment) == []


class LoggedModelRefusals(Given):
    """Mistakes about logged models."""

    def test_an_unknown_or_deleted_model_is_not_found(
        self, store: TrackingStore, experiment: str
    ) -> None:
        gone = store.create_logged_model(experiment).model_id
        store.delete_logged_model(gone)
        for model_id in (f"m-{new_id()}", gone):
            with pytest.raises(NotFound, match="Logged model with ID"):
                store.get_logged_model(model_id)
            with pytest.raises(NotFound):
                store.finalize_logged_model(model_id, "READY")
            with pytest.raises(NotFound):
                store.set_logged_model_tags(model_id, {"a": "b"})
        with pytest.raises(NotFound):
            store.delete_logged_model(f"m-{new_id()}")

    def test_a_bad_name_id_or_param_is_refused(self, store: TrackingStore, experiment: str) -> None:
        for name in ("a/b", "a:b", "a.b", 'a"b', "  "):
            with pytest.raises(BadInput):
                store.create_logged_model(experiment, name=name)
        with pytest.raises(BadInput):
            store.create_logged_model(experiment, model_id="m-1")
        model = store.create_logged_model(experiment, params={"a": "1"})
        with pytest.raises(BadInput, match="Changing param values"):
            store.log_logged_model_params(model.model_id, {"a": "2"})

    def test_a_missing_tag_of_a_model_is_not_found(
        self, store: TrackingStore, experiment: str
    ) -> None:
        model = store.create_logged_model(experiment)
        with pytest.raises(NotFound):
            store.delete_logged_model_tag(model.model_id, "none")

    def test_a_bad_search_of_models_is_refused(self, store: TrackingStore, experiment: str) -> None:
        for text in ("metrics.a > '1'", "creation_timestamp > 'x'", "colour = 'x'"):
            with pytest.raises(BadInput):
                store.search_logged_models([experiment], Search(filter=text))
