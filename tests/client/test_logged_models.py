"""Logged models are searched by what metrics are about, in MLflow's form and in words."""

from __future__ import annotations

import uuid

import pytest

import mainstay
from mainstay.entities.metrics import Metric
from mainstay.errors import BadInput

pytestmark = pytest.mark.usefixtures("face")


@pytest.fixture
def experiment() -> str:
    """An experiment with two models: ``a`` is better on the data set ``one``, ``b`` on ``two``."""
    client = mainstay.MlflowClient()
    found = client.create_experiment(f"models {uuid.uuid4().hex}")
    run = client.create_run(found).info.run_id
    for name, one, two in (("a", 0.9, 0.1), ("b", 0.2, 0.8)):
        model = client.create_logged_model(found, name).model_id
        points = [
            Metric("auc", one, 1, 0, model, "one", "d1"),
            Metric("auc", two, 2, 0, model, "two", "d2"),
        ]
        client.log_batch(run, metrics=points)
        client.finalize_logged_model(model)
    return found


def names(**search: object) -> list[str]:
    found = mainstay.search_logged_models(output_format="list", **search)  # type: ignore[arg-type]
    return [model.name for model in found]


def test_an_order_may_be_given_as_mlflow_gives_it(experiment: str) -> None:
    def order(dataset: str, *, ascending: bool) -> list[str]:
        term = {"field_name": "metrics.auc", "ascending": ascending, "dataset_name": dataset}
        return names(experiment_ids=[experiment], order_by=[term])

    assert order("one", ascending=False) == ["a", "b"]
    assert order("two", ascending=False) == ["b", "a"]
    assert order("two", ascending=True) == ["a", "b"]
    by_name = [{"field_name": "name", "ascending": False}]
    assert names(experiment_ids=[experiment], order_by=by_name) == ["b", "a"]
    assert names(experiment_ids=[experiment], order_by=["name ASC"]) == ["a", "b"]


def test_metrics_of_the_filter_are_about_the_data_sets(experiment: str) -> None:
    def better_on(**dataset: str) -> list[str]:
        wanted = "metrics.auc > 0.5"
        return names(experiment_ids=[experiment], filter_string=wanted, datasets=[dataset])

    assert better_on(dataset_name="one") == ["a"]
    assert better_on(dataset_name="two", dataset_digest="d2") == ["b"]
    assert better_on(dataset_name="two", dataset_digest="other") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"order_by": [{"ascending": False}]},
        {"order_by": [{"field_name": "name", "descending": True}]},
        {"order_by": [{"field_name": "metrics.auc", "dataset_digest": "d1"}]},
        {
            "order_by": [
                {"field_name": "metrics.auc", "dataset_name": "one"},
                {"field_name": "metrics.auc", "dataset_name": "two"},
            ]
        },
        {"datasets": [{"dataset_digest": "d1"}]},
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    experiment: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadInput, match=r"order_by|datasets"):
        names(experiment_ids=[experiment], **wrong)
