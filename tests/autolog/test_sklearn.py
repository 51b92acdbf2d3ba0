# ruff: noqa: N803 - scikit-learn calls its features X
"""One added line records what scikit-learn trains; nothing of it reaches the training."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mainstay
from mainstay.entities.runs import Run
from mainstay.spool.reports import SpoolWarning

pytestmark = pytest.mark.usefixtures("face")

X, y = load_iris(return_X_y=True, as_frame=True)


def runs() -> list[Run]:
    found: list[Run] = mainstay.search_runs(output_format="list")
    return sorted(found, key=lambda run: run.info.start_time)


def unreadable() -> Any:
    """Return an estimator of a library's own module whose parameters cannot be read."""

    class Odd(BaseEstimator, ClassifierMixin):
        __module__ = "sklearn.odd"

        def get_params(self, deep: bool = True) -> Any:
            raise ZeroDivisionError

        def fit(self, X: Any, y: Any) -> Any:
            self.fitted = True
            return self

        def predict(self, X: Any) -> Any:
            return np.zeros(len(X))

    return Odd


def broken() -> Any:
    """Return an estimator that cannot predict what it was fitted on."""

    class Broken(BaseEstimator, ClassifierMixin):
        __module__ = "sklearn.broken"

        def fit(self, X: Any, y: Any) -> Any:
            return self

        def predict(self, X: Any) -> Any:
            raise ZeroDivisionError

    return Broken


def only_run() -> Run:
    (run,) = runs()
    return run


def test_a_fit_becomes_a_run_with_parameters_metrics_data_and_model() -> None:
    mainstay.autolog()
    model = LogisticRegression(max_iter=400).fit(X, y)
    run = only_run()
    assert run.info.status == "FINISHED"
    expected = {key: str(value) for key, value in model.get_params(deep=True).items()}
    assert run.data.params == expected
    tags = run.data.tags
    assert tags["estimator_name"] == "LogisticRegression"
    assert tags["estimator_class"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert tags["mlflow.autologging"] == "sklearn"
    accuracy = accuracy_score(y, model.predict(X))
    assert run.data.metrics["training_accuracy_score"] == pytest.approx(accuracy)
    assert run.data.metrics["training_score"] == pytest.approx(accuracy)
    assert set(run.data.metrics) == {
        f"training_{name}"
        for name in (
            *("precision_score", "recall_score", "f1_score", "accuracy_score"),
            *("log_loss", "roc_auc", "score"),
        )
    }
    logged = run.inputs.dataset_inputs[0]
    assert logged.tags["mlflow.data.context"] == "train"
    assert tags["data_version"].endswith(logged.dataset.digest)
    assert len(run.outputs.model_outputs) == 1


def test_the_confusion_matrix_is_data() -> None:
    mainstay.autolog()
    model = RandomForestClassifier(5, random_state=0).fit(X, y)
    text = mainstay.artifacts.load_text(
        f"runs:/{only_run().info.run_id}/training_confusion_matrix.json"
    )
    matrix = json.loads(text)
    assert matrix["labels"] == [0, 1, 2]
    assert np.trace(matrix["matrix"]) == int((model.predict(X) == y).sum())


def test_a_regression_has_the_metrics_of_one() -> None:
    mainstay.autolog()
    features, targets = load_diabetes(return_X_y=True)
    model = LinearRegression().fit(features, targets)
    metrics = only_run().data.metrics
    squared = mean_squared_error(targets, model.predict(features))
    assert metrics["training_mean_squared_error"] == pytest.approx(squared)
    assert metrics["training_root_mean_squared_error"] == pytest.approx(squared**0.5)
    assert set(metrics) == {
        f"training_{name}"
        for name in (
            *("mean_squared_error", "root_mean_squared_error", "mean_absolute_error"),
            *("r2_score", "score"),
        )
    }


def test_a_pipeline_is_one_run_and_its_model_predicts_the_same_again() -> None:
    mainstay.autolog()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    run = only_run()
    assert run.data.tags["estimator_name"] == "Pipeline"
    assert run.data.params["logisticregression__C"] == "1.0"
    loaded = mainstay.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    assert (loaded.predict(X) == model.predict(X)).all()
    general = mainstay.pyfunc.load_model(f"runs:/{run.info.run_id}/model")
    assert general.signature is not None
    assert [column.name for column in general.signature.inputs] == list(X.columns)
    assert general.profile is not None
    assert general.metadata.saved_input_example_info is not None


def test_a_search_has_a_child_run_for_each_of_the_best_candidates() -> None:
    mainstay.sklearn.autolog(max_tuning_runs=2)
    grid = {"C": [0.01, 0.1, 1.0, 10.0]}
    search = GridSearchCV(LogisticRegression(max_iter=400), grid, cv=3, n_jobs=2).fit(X, y)
    parent = next(r for r in runs() if r.data.tags["estimator_name"] == "GridSearchCV")
    children = [r for r in runs() if r.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert len(runs()) == 3
    assert len(children) == 2
    assert all(child.info.status == "FINISHED" for child in children)
    best = max(child.data.metrics["mean_test_score"] for child in children)
    assert parent.data.metrics["best_cv_score"] == pytest.approx(best)
    assert parent.data.params["best_C"] == str(search.best_params_["C"])
    table = mainstay.artifacts.load_text(f"runs:/{parent.info.run_id}/cv_results.csv")
    assert len(table.splitlines()) == 5


def test_a_fit_inside_a_run_goes_into_it_and_leaves_it_open() -> None:
    mainstay.autolog()
    with mainstay.start_run() as run:
        mainstay.log_param("C", "mine")
        LogisticRegression(C=3.0).fit(X, y)
        assert mainstay.active_run() is run
    found = only_run()
    assert found.info.run_id == run.info.run_id
    assert found.data.params["C"] == "mine", "what the script says stands"
    assert found.data.params["max_iter"] == "100"


def test_recording_can_be_exclusive_of_the_users_runs() -> None:
    mainstay.autolog(exclusive=True)
    with mainstay.start_run():
        LogisticRegression().fit(X, y)
    assert only_run().data.metrics == {}


def test_a_mere_transformer_is_not_a_run() -> None:
    mainstay.autolog()
    StandardScaler().fit_transform(X)
    StandardScaler().fit(X)
    assert runs() == []


def test_a_clustering_is_a_run_without_targets() -> None:
    mainstay.autolog()
    KMeans(3, n_init=2, random_state=0).fit_predict(X)
    run = only_run()
    assert run.data.tags["estimator_name"] == "KMeans"
    assert list(run.data.metrics) == ["training_score"]


def test_a_fit_that_fails_fails_its_run_and_raises_as_ever() -> None:
    mainstay.autolog()
    with pytest.raises(ValueError, match="NaN"):
        LogisticRegression().fit([[np.nan]], [1])
    assert only_run().info.status == "FAILED"


def test_options_leave_out_what_is_not_wanted() -> None:
    mainstay.autolog(log_models=False, log_datasets=False, extra_tags={"team": "a"})
    LogisticRegression().fit(X, y)
    run = only_run()
    assert run.outputs.model_outputs == []
    assert run.inputs.dataset_inputs == []
    assert run.data.tags["team"] == "a"


def test_a_binary_positive_class_has_its_own_metrics() -> None:
    mainstay.sklearn.autolog(pos_label=1, log_models=False)
    binary = (y == 1).astype(int)
    model = LogisticRegression(max_iter=400).fit(X, binary)
    found = only_run().data.metrics
    caught = ((model.predict(X) == 1) & (binary == 1)).sum() / (binary == 1).sum()
    assert found["training_recall_score"] == pytest.approx(caught)


def test_a_registered_name_makes_a_version_of_each_fit() -> None:
    mainstay.sklearn.autolog(registered_model_name="iris")
    for strength in (0.1, 1.0):
        LogisticRegression(C=strength, max_iter=400).fit(X, y)
    versions = mainstay.search_model_versions(filter_string="name = 'iris'")
    assert sorted(version.version for version in versions) == [1, 2]
    assert all(version.digest for version in versions)


def test_a_score_after_the_training_is_a_metric_of_its_run() -> None:
    mainstay.autolog(log_models=False)
    held_out, truth = X[::3], y[::3]
    plain = LogisticRegression(max_iter=400).fit(X, y)
    value = plain.score(held_out, truth)
    plain.score(held_out, truth)
    metrics = only_run().data.metrics
    assert metrics["LogisticRegression_score_held_out"] == pytest.approx(value)
    assert metrics["LogisticRegression_score_held_out-2"] == pytest.approx(value)
    pipe = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    value = pipe.score(held_out, truth)
    assert runs()[-1].data.metrics["Pipeline_score_held_out"] == pytest.approx(value)


def test_scores_are_not_recorded_where_that_is_not_wanted() -> None:
    mainstay.sklearn.autolog(log_models=False, log_post_training_metrics=False)
    LogisticRegression(max_iter=400).fit(X, y).score(X, y)
    assert not any("_score_X" in key for key in only_run().data.metrics)


def test_switched_off_nothing_is_recorded_and_sklearn_is_as_it_was() -> None:
    before = LogisticRegression.fit
    mainstay.autolog()
    assert LogisticRegression.fit is not before
    mainstay.autolog(disable=True)
    assert LogisticRegression.fit is before
    LogisticRegression().fit(X, y)
    assert runs() == []


def test_an_estimator_that_recording_cannot_read_is_trained_all_the_same() -> None:
    mainstay.autolog()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        kind = unreadable()
        for _ in range(2):
            assert kind().fit(X, y).fitted
    said = [str(one.message) for one in caught if issubclass(one.category, SpoolWarning)]
    assert sum("could not record the parameters" in one for one in said) == 1
    assert [run.info.status for run in runs()] == ["FINISHED", "FINISHED"]


def test_silent_recording_does_not_warn() -> None:
    mainstay.autolog(silent=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        broken()().fit(X, y)
    assert [one for one in caught if issubclass(one.category, SpoolWarning)] == []


def test_threads_that_train_record_runs_of_their_own() -> None:
    mainstay.autolog(log_models=False)

    def fit(strength: float) -> None:
        LogisticRegression(C=strength, max_iter=400).fit(X, y)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fit, [0.1, 1.0, 10.0]))
    assert sorted(run.data.params["C"] for run in runs()) == ["0.1", "1.0", "10.0"]


def test_the_workers_of_a_fit_are_part_of_it() -> None:
    import joblib

    mainstay.autolog(log_models=False)
    with joblib.parallel_config("threading", n_jobs=2):
        GridSearchCV(LogisticRegression(max_iter=400), {"C": [0.1, 1.0]}, cv=2).fit(X, y)
    names = [run.data.tags["estimator_name"] for run in runs()]
    assert names.count("GridSearchCV") == 1
    assert len(names) == 3


def test_the_same_data_have_the_same_digest_and_other_data_another() -> None:
    mainstay.autolog(log_models=False)
    for frame in (X, X.copy(), X + 1):
        LogisticRegression(max_iter=400).fit(frame, y)
    digests = [run.inputs.dataset_inputs[0].dataset.digest for run in runs()]
    assert digests[0] == digests[1] != digests[2]


def test_arrays_lists_and_sparse_matrices_are_recorded_too() -> None:
    from scipy.sparse import csr_matrix

    mainstay.autolog()
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpoolWarning)
        for features in (X.to_numpy(), X.to_numpy().tolist(), csr_matrix(X.to_numpy())):
            LogisticRegression(max_iter=400).fit(features, y)
    found = runs()
    assert len(found) == 3
    assert all(run.outputs.model_outputs for run in found)


def test_the_first_import_of_sklearn_after_autolog_is_hooked(tmp_path: Path) -> None:
    script = """
import sys
import mainstay
mainstay.autolog(log_models=False)
assert "sklearn" not in sys.modules
from sklearn.tree import DecisionTreeClassifier
DecisionTreeClassifier(max_depth=1).fit([[0], [1]], [0, 1])
print(len(mainstay.search_runs()))
"""
    environment = {
        **os.environ,
        "MAINSTAY_TRACKING_URI": f"sqlite:///{tmp_path}/other.db",
        "MAINSTAY_SPOOL_DIR": str(tmp_path / "spool"),
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_a_frame_with_text_columns_is_recorded() -> None:
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    mainstay.autolog()
    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0, 4.0], "c": ["a", "b", "a", "b"]})
    encode = make_column_transformer((OneHotEncoder(), ["c"]), remainder="passthrough")
    with warnings.catch_warnings():
        warnings.simplefilter("error", SpoolWarning)
        make_pipeline(encode, LogisticRegression()).fit(frame, ["x", "y", "x", "y"])
    run = only_run()
    text = mainstay.artifacts.load_text(f"runs:/{run.info.run_id}/training_confusion_matrix.json")
    assert json.loads(text)["labels"] == ["x", "y"]
