"""What other tools log as pictures is data here: the forms of docs/autolog.md, of real fits."""

from __future__ import annotations

import io
import json
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

import mainstay
from mainstay.autolog import pictures, plots
from mainstay.spool.reports import SpoolWarning

pytestmark = [pytest.mark.usefixtures("face"), pytest.mark.filterwarnings("error::UserWarning")]

ROC = "plots/training_roc_curve.json"
PR = "plots/training_precision_recall_curve.json"
COEFFICIENT = "plots/feature_importance_coefficient.json"
IMPURITY = "plots/feature_importance_impurity.json"

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def recording() -> None:
    mainstay.sklearn.autolog(log_models=False, log_datasets=False)


def names() -> set[str]:
    """Return the plots of the last run."""
    run_id = last_run()
    client = mainstay.MlflowClient()
    found = [*client.list_artifacts(run_id), *client.list_artifacts(run_id, "plots")]
    endings = (".json", ".png")
    return {one.path for one in found if one.path.endswith(endings)}


def last_run() -> str:
    run = mainstay.last_active_run()
    assert run is not None
    found: str = run.info.run_id
    return found


def plot(path: str) -> dict[str, Any]:
    """Return a plot of the last run."""
    found: dict[str, Any] = json.loads(mainstay.artifacts.load_text(f"runs:/{last_run()}/{path}"))
    return found


def test_a_binary_classifier_has_one_line_for_its_positive_class() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    truth = np.where(y == 1, "benign", "malignant")
    model = GaussianNB().fit(X, truth)
    odds = model.predict_proba(X)[:, 1]
    roc, pr = plot(ROC), plot(PR)
    (line,), (other,) = roc["lines"], pr["lines"]
    assert roc["kind"] == pr["kind"] == "curve"
    assert line["name"] == other["name"] == "malignant"
    assert line["area"] == pytest.approx(metrics.roc_auc_score(truth == "malignant", odds))
    assert other["area"] == pytest.approx(
        metrics.average_precision_score(truth == "malignant", odds)
    )
    assert (roc["area_label"], pr["area_label"]) == ("AUC", "AP")
    assert line["baseline"] == [0.0, 1.0]
    assert other["baseline"] == pytest.approx([np.mean(truth == "malignant")] * 2)
    assert line["thresholds"][0] is None
    assert len(line["x"]) == len(line["y"]) == len(line["thresholds"]) <= plots.POINTS
    assert (line["x"][0], line["y"][0], line["x"][-1], line["y"][-1]) == (0.0, 0.0, 1.0, 1.0)


def test_the_positive_class_is_the_one_that_is_named() -> None:
    mainstay.sklearn.autolog(log_models=False, pos_label=0)
    X, y = load_breast_cancer(return_X_y=True)
    model = GaussianNB().fit(X, y)
    (line,) = plot(ROC)["lines"]
    assert line["name"] == 0
    assert line["area"] == pytest.approx(
        metrics.roc_auc_score(y == 0, model.predict_proba(X)[:, 0])
    )


def test_an_estimator_without_probabilities_is_asked_for_its_decisions() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    model = RidgeClassifier().fit(X, y)
    (line,) = plot(ROC)["lines"]
    assert line["area"] == pytest.approx(metrics.roc_auc_score(y, model.decision_function(X)))


def test_each_of_several_classes_is_drawn_against_the_rest() -> None:
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=500).fit(X, y)
    odds = model.predict_proba(X)
    found = {line["name"]: line["area"] for line in plot(ROC)["lines"]}
    assert found == {
        one: pytest.approx(metrics.roc_auc_score(y == one, odds[:, one])) for one in range(3)
    }


def test_many_classes_are_one_line_over_all_decisions() -> None:
    X, y = load_digits(return_X_y=True)
    truth = y + 10 * (X[:, 20] > 8)  # twenty classes
    weights = np.linspace(0.5, 1.5, len(truth))
    model = GaussianNB().fit(X, truth, sample_weight=weights)
    (line,) = plot(ROC)["lines"]
    hits = truth[:, None] == model.classes_[None, :]
    assert line["name"] == "micro"
    assert line["area"] == pytest.approx(
        metrics.roc_auc_score(
            hits.ravel(),
            model.predict_proba(X).ravel(),
            sample_weight=np.repeat(weights, len(model.classes_)),
        )
    )


def test_the_confusion_matrix_says_what_it_is() -> None:
    X, y = load_iris(return_X_y=True)
    model = GaussianNB().fit(X, y)
    found = plot("training_confusion_matrix.json")
    assert found["kind"] == "confusion_matrix"
    assert found["labels"] == [0, 1, 2]
    assert found["matrix"] == metrics.confusion_matrix(y, model.predict(X)).tolist()


def test_trees_tell_what_they_go_by_the_greatest_first() -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = RandomForestRegressor(5, random_state=0).fit(X, y)
    found = plot(IMPURITY)
    assert found["kind"] == "importance"
    assert (found["measure"], found["of"]) == ("impurity", 10)
    assert found["values"] == sorted(found["values"], reverse=True)
    assert dict(zip(found["names"], found["values"], strict=True)) == pytest.approx(
        dict(zip(X.columns, model.feature_importances_, strict=True))
    )


def test_coefficients_keep_their_sign_and_are_ordered_by_magnitude() -> None:
    X, y = load_diabetes(return_X_y=True)
    model = LinearRegression().fit(X, y)
    found = plot(COEFFICIENT)
    assert found["names"][0] == f"x{np.argmax(np.abs(model.coef_))}"
    assert found["values"] == pytest.approx(sorted(model.coef_, key=lambda value: -abs(value)))
    assert min(found["values"]) < 0
    assert "classes" not in found


def test_coefficients_of_several_classes_are_there_for_each() -> None:
    X, y = load_iris(return_X_y=True, as_frame=True)
    model = LogisticRegression(max_iter=500).fit(X, y)
    found = plot(COEFFICIENT)
    order = [list(X.columns).index(name) for name in found["names"]]
    assert found["values"] == pytest.approx(np.abs(model.coef_).mean(axis=0)[order])
    assert set(found["classes"]) == {"0", "1", "2"}
    assert found["classes"]["2"] == pytest.approx(model.coef_[2][order])


def test_the_last_step_of_a_pipeline_names_what_the_steps_before_made() -> None:
    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0, 4.0] * 5, "c": ["a", "b", "a", "b"] * 5})
    encode = make_column_transformer((OneHotEncoder(), ["c"]), remainder="passthrough")
    make_pipeline(encode, RandomForestClassifier(3, random_state=0)).fit(frame, [0, 1, 1, 1] * 5)
    assert set(plot(IMPURITY)["names"]) == {
        "onehotencoder__c_a",
        "onehotencoder__c_b",
        "remainder__n",
    }


def test_a_search_is_drawn_as_its_best_estimator() -> None:
    X, y = load_iris(return_X_y=True, as_frame=True)
    pipe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    search = GridSearchCV(pipe, {"logisticregression__C": [0.1, 1.0]}, cv=2).fit(X, y)
    best = search.best_estimator_.named_steps["logisticregression"]
    found = plot(COEFFICIENT)
    assert set(found["names"]) == set(X.columns)
    assert max(found["values"]) == pytest.approx(np.abs(best.coef_).mean(axis=0).max())
    assert len(plot(ROC)["lines"]) == 3


def test_of_many_features_a_thousand_are_written() -> None:
    random = np.random.default_rng(0)
    model = LinearRegression().fit(random.normal(size=(20, 1500)), random.normal(size=20))
    found = plot(COEFFICIENT)
    assert (len(found["names"]), len(found["values"]), found["of"]) == (1000, 1000, 1500)
    assert found["values"][0] == pytest.approx(model.coef_[np.argmax(np.abs(model.coef_))])


def test_what_has_no_plots_has_none_and_says_nothing() -> None:
    X, y = load_iris(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpoolWarning)
        MultiOutputClassifier(GaussianNB()).fit(X, np.column_stack([y, y > 0]))
        assert names() == set()
        SVC(decision_function_shape="ovo").fit(
            np.vstack([X, X + 20]), np.concatenate([y, y + 3])
        )  # one score a pair of classes
        assert names() == {"training_confusion_matrix.json"}
        CalibratedClassifierCV(GaussianNB(), cv=2).fit(X, y)
        assert names() == {"training_confusion_matrix.json", ROC, PR}


def test_targets_in_one_column_of_a_table_are_one_class_a_row() -> None:
    X, y = load_iris(return_X_y=True, as_frame=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataConversionWarning)
        GaussianNB().fit(X, y.to_frame())
    assert len(plot(ROC)["lines"]) == 3
    assert "training_roc_auc" in mainstay.get_run(last_run()).data.metrics


def test_plots_are_left_out_where_they_are_not_wanted() -> None:
    mainstay.autolog(log_models=False, log_plots=False)
    X, y = load_iris(return_X_y=True)
    GaussianNB().fit(X, y)
    assert names() == set()


def test_pictures_are_drawn_where_a_script_asks_for_them() -> None:
    mainstay.autolog(log_models=False, log_plots="png")
    X, y = load_iris(return_X_y=True)
    LogisticRegression(max_iter=500).fit(X, y)
    drawn = {
        "training_confusion_matrix.png",
        "training_roc_curve.png",
        "training_precision_recall_curve.png",
        "feature_importance_coefficient.png",
    }
    assert names() == drawn | {"training_confusion_matrix.json", ROC, PR, COEFFICIENT}
    from PIL import Image

    for name in drawn:
        local = mainstay.artifacts.download_artifacts(f"runs:/{last_run()}/{name}")
        with Image.open(local) as image:
            assert image.size == (640, 480)
            assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 10, "something is drawn"


def test_every_kind_of_plot_has_a_picture() -> None:
    matrix = plots.confusion(range(40), np.eye(40, dtype=int))
    curve = plots.roc({"a": ([0, 1, 1], [0.1, 0.2, 0.9])})
    bars = plots.importance("gain", {"a": 1.0, "b": -2.0})
    assert {one["kind"] for one in (matrix, curve, bars)} == set(pictures.DRAWN)
    for one in (matrix, curve, bars):
        assert pictures.png(one).startswith(PNG)
        assert io.BytesIO(json.dumps(one, allow_nan=False).encode()).getbuffer().nbytes > 50
