"""Quality metrics: scikit-learn's numbers, and no silence about missing values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import datasets, linear_model, metrics

from mainstay.errors import BadInput
from mainstay.statistics import quality


def test_binary_metrics_are_those_of_scikit_learn() -> None:
    data, target = datasets.load_breast_cancer(return_X_y=True)
    model = linear_model.LogisticRegression(max_iter=5000).fit(data[::2, :5], target[::2])
    said = model.predict(data[1::2, :5])
    odds = model.predict_proba(data[1::2, :5])
    truth = target[1::2]
    found = quality.classification(truth, said, probabilities=odds)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(truth, said))
    assert found["f1"] == pytest.approx(metrics.f1_score(truth, said))
    assert found["precision"] == pytest.approx(metrics.precision_score(truth, said))
    assert found["recall"] == pytest.approx(metrics.recall_score(truth, said))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, odds[:, 1]))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, odds))
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(truth, odds[:, 1]))
    assert quality.classification(truth, said, probabilities=odds[:, 1]) == pytest.approx(found)


def test_metrics_of_three_named_classes_are_weighted_as_in_scikit_learn() -> None:
    data, target = datasets.load_iris(return_X_y=True)
    names = np.asarray(["setosa", "versicolor", "virginica"])[target]
    model = linear_model.LogisticRegression(C=0.01, max_iter=500).fit(data[::3], names[::3])
    truth, odds = names[1::3], model.predict_proba(data[1::3])
    said = model.predict(data[1::3])
    found = quality.classification(truth, said, probabilities=odds, classes=model.classes_)
    assert found["f1"] == pytest.approx(metrics.f1_score(truth, said, average="weighted"))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, odds))
    area = metrics.roc_auc_score(truth, odds, multi_class="ovr", average="weighted")
    assert found["roc_auc"] == pytest.approx(area)


def test_regression_metrics_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    truth = random.normal(size=200)
    said = truth + random.normal(scale=0.3, size=200)
    found = quality.regression(truth, said)
    assert found["rmse"] == pytest.approx(metrics.mean_squared_error(truth, said) ** 0.5)
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(truth, said))
    assert found["r2"] == pytest.approx(metrics.r2_score(truth, said))


def test_a_missing_prediction_makes_every_metric_not_a_number() -> None:
    found = quality.regression([1.0, 2.0], [1.0, float("nan")])
    assert all(math.isnan(value) for value in found.values())
    labels = quality.classification(np.array([0, 1]), np.array([0, np.nan]))
    assert all(math.isnan(value) for value in labels.values())
    odds = quality.classification([0, 1], [0, 1], probabilities=[0.1, float("nan")])
    assert math.isnan(odds["roc_auc"])
    assert odds["accuracy"] == 1


def test_a_missing_target_is_the_callers_mistake() -> None:
    with pytest.raises(BadInput, match="1 targets are missing"):
        quality.regression([1.0, float("nan")], [1.0, 1.0])
    with pytest.raises(BadInput, match="1 of 2 targets are missing"):
        quality.classification(np.array(["a", None], dtype=object), ["a", "a"])
    with pytest.raises(BadInput, match="2 targets but 1 predictions"):
        quality.regression([1.0, 2.0], [1.0])
    with pytest.raises(BadInput, match="no rows"):
        quality.classification([], [])


def test_a_label_that_no_target_has_is_wrong_and_no_error() -> None:
    found = quality.classification(["no", "yes", "yes"], ["no", "maybe", "yes"])
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(1 / 2)
    assert found["precision"] == 1


def test_constant_targets_leave_nothing_to_explain() -> None:
    assert math.isnan(quality.regression([1.0, 1.0], [1.0, 2.0])["r2"])
    one = quality.classification([1, 1], [1, 1], probabilities=[0.9, 0.8], classes=[0, 1])
    assert math.isnan(one["roc_auc"])
    assert one["accuracy"] == 1


def test_classes_that_the_model_does_not_know_are_named() -> None:
    with pytest.raises(BadInput, match="new"):
        quality.classification(
            ["a", "new"], ["a", "a"], probabilities=[0.1, 0.2], classes=["a", "b"]
        )


def test_the_confusion_matrix_has_a_row_for_each_true_class() -> None:
    labels, matrix = quality.confusion(["a", "b", "b"], ["a", "a", "b"])
    assert labels == ["a", "b"]
    assert matrix.tolist() == [[1, 0], [1, 1]]
