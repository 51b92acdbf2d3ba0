"""``evaluate`` with MLflow's arguments: its metrics' names, one's own metrics, thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score

import mainstay
from mainstay.errors import BadInput, NotImplementedHere
from mainstay.models import MetricThreshold, make_metric
from tests.support.face import fresh_face


@pytest.fixture(autouse=True)
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    yield from fresh_face(f"sqlite:///{tmp_path}/mainstay.db", tmp_path, monkeypatch)


def fitted(kind: str) -> tuple[Any, pd.DataFrame]:
    """Return a model, and rows that it has not seen with the column ``label``."""
    load = {"two": load_breast_cancer, "three": load_iris, "numbers": load_diabetes}[kind]
    rows, labels = load(return_X_y=True, as_frame=True)
    model = LinearRegression() if kind == "numbers" else LogisticRegression(max_iter=5000)
    model.fit(rows[::2], labels[::2])
    return model, rows[1::2].assign(label=labels[1::2])


@pytest.mark.parametrize("kind", ["two", "three"])
def test_a_classifiers_metrics_are_scikit_learns_and_go_to_the_active_run(kind: str) -> None:
    model, held = fitted(kind)
    with mainstay.start_run() as run:
        info = mainstay.sklearn.log_model(model, name="m")
        result = mainstay.evaluate(
            info.model_uri, held, targets="label", model_type="classifier", evaluators="default"
        )
    rows, labels = held.drop(columns="label"), held["label"]
    said, odds = model.predict(rows), model.predict_proba(rows)
    binary = kind == "two"
    how = "binary" if binary else "weighted"
    auc = roc_auc_score(
        labels, odds[:, 1] if binary else odds, average="weighted", multi_class="ovr"
    )
    assert result.named["f1_score"] == pytest.approx(f1_score(labels, said, average=how))
    assert result.named["roc_auc"] == pytest.approx(auc)
    assert result.named["log_loss"] == pytest.approx(log_loss(labels, odds))
    assert result.metrics["accuracy"] == result.metrics["accuracy_score"]
    assert result.named["score"] == pytest.approx(model.score(rows, labels))
    assert ("true_positives" in result.named) is binary
    if binary:
        area = average_precision_score(labels, odds[:, 1])
        assert result.named["precision_recall_auc"] == pytest.approx(area)
    assert mainstay.get_run(run.info.run_id).data.metrics == pytest.approx(result.named)
    assert result.run_id == run.info.run_id
    matrix = mainstay.artifacts.load_dict(f"runs:/{run.info.run_id}/confusion_matrix.json")
    assert np.sum(matrix["matrix"]) == len(held)


def test_a_regressors_metrics_have_a_prefix_and_a_described_data_set_brings_its_targets() -> None:
    model, held = fitted("numbers")
    dataset = mainstay.data.from_pandas(held, targets="label", name="held")
    with mainstay.start_run() as run:
        result = mainstay.evaluate(
            lambda rows: model.predict(rows),
            dataset,
            model_type="regressor",
            evaluator_config={"metric_prefix": "val_"},
        )
    errors = model.predict(held.drop(columns="label")) - held["label"]
    assert result.metrics["val_mean_absolute_error"] == pytest.approx(np.abs(errors).mean())
    assert result.metrics["val_root_mean_squared_error"] == pytest.approx((errors**2).mean() ** 0.5)
    read = mainstay.get_run(run.info.run_id).inputs.dataset_inputs
    assert [(one.dataset.name, one.tags["mlflow.data.context"]) for one in read] == [
        ("held", "evaluation")
    ]


def test_what_was_said_before_is_measured_with_metrics_and_files_of_ones_own() -> None:
    frame = pd.DataFrame({"said": [1, 0, 1, 1], "label": [1, 0, 0, 1]})

    def wrong(predictions: pd.Series[Any], targets: pd.Series[Any]) -> float:
        return float((predictions != targets).sum())

    def share(metrics: dict[str, float]) -> float:
        return metrics["wrong"] / metrics["example_count"]

    def files(frame: pd.DataFrame, metrics: dict[str, float], folder: str) -> dict[str, Any]:
        (Path(folder) / "note.txt").write_text(f"{metrics['wrong']:g} wrong")
        return {"note": f"{folder}/note.txt", "rows": frame}

    with mainstay.start_run() as run:
        result = mainstay.evaluate(
            data=frame,
            targets="label",
            predictions="said",
            model_type="classifier",
            extra_metrics=[
                make_metric(eval_fn=wrong, greater_is_better=False),
                make_metric(eval_fn=share, greater_is_better=False, name="share_wrong"),
            ],
            custom_artifacts=[files],
        )
    assert (result.metrics["wrong"], result.metrics["share_wrong"]) == (1.0, 0.25)
    assert result.metrics["false_positives"] == 1.0
    root = f"runs:/{run.info.run_id}"
    assert mainstay.artifacts.load_text(f"{root}/note.txt") == "1 wrong"
    assert mainstay.artifacts.load_text(f"{root}/rows.csv").startswith("prediction,target\n")
    other = mainstay.evaluate(
        data=frame, targets="label", predictions="said", evaluator_config={"pos_label": 0}
    )
    assert other.run_id is None
    assert other.metrics["recall_score"] == 0.5


def test_thresholds_name_all_that_a_model_fails() -> None:
    def measured(**values: float) -> Any:
        from mainstay.evaluation import EvaluationResult

        return EvaluationResult(evidence=[], recorded=False, named=values)

    thresholds = {
        "auc": MetricThreshold(0.8, min_absolute_change=0.05, greater_is_better=True),
        "loss": MetricThreshold(0.5, min_relative_change=0.1, greater_is_better=False),
    }
    good = measured(auc=0.9, loss=0.2)
    mainstay.validate_evaluation_results(thresholds, good)
    mainstay.validate_evaluation_results(thresholds, good, measured(auc=0.8, loss=0.3))
    with pytest.raises(BadInput, match=r"auc 0.7 is below 0.8; loss 0.6 is above 0.5"):
        mainstay.validate_evaluation_results(thresholds, measured(auc=0.7, loss=0.6))
    with pytest.raises(BadInput, match=r"by 0.01, not by 0.05; .* by 4.8%, not 10.0%"):
        mainstay.validate_evaluation_results(thresholds, good, measured(auc=0.89, loss=0.21))
    with pytest.raises(BadInput, match="loss was not measured"):
        mainstay.validate_evaluation_results(thresholds, measured(auc=0.9))
    with pytest.raises(BadInput, match="auc is nan"):
        mainstay.validate_evaluation_results(thresholds, measured(auc=float("nan"), loss=0.2))
    with pytest.raises(BadInput, match="greater_is_better"):
        MetricThreshold(0.8)


def test_what_is_not_here_is_said() -> None:
    frame = pd.DataFrame({"said": [1, 0], "label": [1, 0]})
    with pytest.raises(NotImplementedHere, match="shap"):
        mainstay.evaluate(data=frame, targets="label", predictions="said", evaluators=["shap"])
    with pytest.raises(NotImplementedHere, match="question-answering"):
        mainstay.evaluate(data=frame, targets="label", model_type="question-answering")
    with pytest.raises(BadInput, match="needs targets"):
        mainstay.evaluate(data=frame, predictions="said")
    with pytest.raises(BadInput, match="predictions= names the column"):
        mainstay.evaluate(data=frame, targets="label")
