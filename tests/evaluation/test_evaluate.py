"""Evaluation of real models: the numbers are right, bound to version, data and champion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets, metrics
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mainstay
from mainstay import sklearn as flavor
from mainstay.connect import Stores, connect
from mainstay.errors import BadInput, InvalidModel, NotFound, SchemaMismatch
from mainstay.evaluation import evaluate
from mainstay.evaluation.measures import MEASURES
from mainstay.evaluation.measures.quality import model_type
from mainstay.models.loading import download
from mainstay.packaging import manifest
from mainstay.promotion import judgement, policy

NAME = "tumour"


def tumours() -> tuple[pd.DataFrame, pd.Series]:
    frame, target = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
    return frame.iloc[:, :6], target


def fitted(regularisation: float = 1.0, **options) -> object:
    frame, target = tumours()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=regularisation, **options))
    return model.fit(frame[::2], target[::2])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database with two versions of a model: a good one, and one that learned little."""
    folder = tmp_path_factory.mktemp("evaluation")
    patch = pytest.MonkeyPatch()
    patch.setenv("MAINSTAY_SPOOL_DIR", str(folder / "spool"))
    patch.setenv("MAINSTAY_CACHE_DIR", str(folder / "cache"))
    mainstay.set_tracking_uri(f"sqlite:///{folder}/mainstay.db")
    frame, _ = tumours()
    with mainstay.start_run():
        for model in (fitted(), fitted(0.0001)):
            flavor.log_model(
                model, name="model", registered_model_name=NAME, input_example=frame.head(5)
            )
    yield folder
    mainstay.set_tracking_uri(None)
    patch.undo()


@pytest.fixture
def stores(home: Path) -> Iterator[Stores]:
    with connect(f"sqlite:///{home}/mainstay.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def rows(home: Path) -> pd.DataFrame:
    """Rows that no model has seen, with their targets."""
    frame, target = tumours()
    return frame[1::2].assign(benign=target[1::2])


def test_quality_is_that_of_scikit_learn_on_the_same_rows(stores, rows) -> None:
    found = evaluate(f"models:/{NAME}/1", rows, "benign", stores=stores, measures=["quality"])
    model, truth = fitted(), rows["benign"]
    frame = rows.drop(columns="benign")
    said, odds = model.predict(frame), model.predict_proba(frame)[:, 1]
    assert found.metrics["accuracy"] == pytest.approx(metrics.accuracy_score(truth, said))
    assert found.metrics["f1"] == pytest.approx(metrics.f1_score(truth, said))
    assert found.metrics["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, odds))
    assert found.metrics["log_loss"] == pytest.approx(metrics.log_loss(truth, odds))
    assert found.metrics["rows"] == len(rows)


def test_evidence_is_kept_and_bound_to_version_and_data(stores, rows) -> None:
    found = evaluate(f"models:/{NAME}/1", rows, "benign", stores=stores)
    assert found.recorded
    kept = {item.evidence_id: item for item in stores.release.list_evidence(NAME, 1)}
    version = stores.registry.get_model_version(NAME, 1)
    assert [item.kind for item in found.evidence] == ["quality", "latency", "size", "schema"]
    for item in found.evidence:
        assert kept[item.evidence_id].values == item.values
        assert item.version_digest == version.digest is not None
        assert item.dataset_digest == found.evidence[0].dataset_digest


def test_the_champion_is_measured_anew_on_the_same_rows(stores, rows) -> None:
    found = evaluate(
        f"models:/{NAME}/2", rows, "benign", stores=stores, baseline=f"models:/{NAME}/1"
    )
    alone = evaluate(f"models:/{NAME}/1", rows, "benign", stores=stores, measures=["quality"])
    assert {item.baseline_version for item in found.evidence} == {1}
    assert found.values("quality")["baseline"] == pytest.approx(alone.metrics)
    assert found.metrics["log_loss"] > alone.metrics["log_loss"]
    assert "baseline" not in found.metrics
    assert found.values("latency")["baseline"]["calls"] == 200


def test_latency_size_and_schema_say_what_they_measured(stores, rows, home) -> None:
    found = evaluate(f"models:/{NAME}/1", rows, "benign", stores=stores, calls=250)
    latency = found.values("latency")
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] < 10
    assert latency["calls"] == 250
    entries = manifest.build(download(f"models:/{NAME}/1", stores))
    assert found.values("size")["bytes"] == sum(entry.size for entry in entries)
    schema = found.values("schema")
    assert schema["inputs"][0] == {"type": "double", "name": "mean radius", "required": True}
    assert len(schema["inputs"]) == 6
    assert schema["outputs"]


def test_a_gate_decides_from_what_was_measured(stores, rows) -> None:
    stores.registry.set_alias(NAME, "champion", 1)
    champion = f"models:/{NAME}@champion"
    for version in (1, 2):
        evaluate(f"models:/{NAME}/{version}", rows, "benign", stores=stores, baseline=champion)
    text = """
checks:
  - {kind: threshold, metric: roc_auc, minimum: 0.5}
  - {kind: better_than_champion, metric: log_loss, direction: lower}
  - {kind: schema}
  - {kind: size, maximum: 10M}
  - {kind: latency, p99: 5}
"""
    stores.release.set_policy(NAME, "champion", text, digest=policy.digest(text))
    verdict = judgement.judge(stores.registry, stores.release, NAME, "champion", 2)
    assert verdict is not None
    assert {check.kind: check.outcome for check in verdict.checks} == {
        "threshold": "pass",
        "better_than_champion": "fail",
        "schema": "pass",
        "size": "pass",
        "latency": "pass",
    }
    stores.release.set_policy(NAME, "champion", "", digest="")


def test_an_alias_that_nobody_or_the_model_itself_holds_is_no_baseline(stores, rows) -> None:
    first = {"stores": stores, "measures": ["quality"]}
    found = evaluate(f"models:/{NAME}/1", rows, "benign", baseline=f"models:/{NAME}@none", **first)
    assert found.baseline_version is None
    found = evaluate(f"models:/{NAME}/1", rows, "benign", baseline=f"models:/{NAME}/1", **first)
    assert found.baseline_version is None


def test_the_same_data_has_the_same_digest_from_a_file_or_a_frame(stores, rows, tmp_path) -> None:
    rows.to_parquet(tmp_path / "rows.parquet")
    first = {"stores": stores, "measures": ["size"]}
    uri = f"models:/{NAME}/1"
    from_file = evaluate(uri, tmp_path / "rows.parquet", "benign", **first).evidence[0]
    from_frame = evaluate(uri, rows, "benign", **first).evidence[0]
    apart = evaluate(uri, rows.drop(columns="benign"), rows["benign"], **first).evidence[0]
    other = evaluate(uri, rows.iloc[1:], "benign", **first).evidence[0]
    assert from_file.dataset_digest == from_frame.dataset_digest == apart.dataset_digest
    assert other.dataset_digest != from_frame.dataset_digest


def test_a_model_folder_is_measured_and_nothing_is_kept(home, rows, tmp_path) -> None:
    flavor.save_model(fitted(), tmp_path / "model", input_example=rows.head(3).iloc[:, :6])
    found = mainstay.evaluate(str(tmp_path / "model"), rows, "benign", measures=["quality"])
    assert not found.recorded
    assert found.metrics["accuracy"] > 0.8


def test_a_regressor_is_judged_by_its_errors(home, tmp_path) -> None:
    frame, target = datasets.load_diabetes(return_X_y=True, as_frame=True)
    model = LinearRegression().fit(frame, target)
    flavor.save_model(model, tmp_path / "model", input_example=frame.head(3))
    found = evaluate(str(tmp_path / "model"), frame, target, measures=["quality"])
    said = model.predict(frame)
    assert found.metrics["r2"] == pytest.approx(metrics.r2_score(target, said))
    assert found.metrics["rmse"] == pytest.approx(metrics.mean_squared_error(target, said) ** 0.5)


def test_a_function_that_gives_probabilities_is_a_classifier(home, tmp_path) -> None:
    def ratio(model_input: list[dict]) -> np.ndarray:
        return np.clip(1.2 - model_input["mean radius"].to_numpy() / 25, 0, 1)

    frame, target = tumours()
    mainstay.pyfunc.save_model(tmp_path / "model", python_model=ratio, input_example=frame.head(3))
    found = evaluate(str(tmp_path / "model"), frame, target, measures=["quality"])
    odds = np.clip(1.2 - frame["mean radius"] / 25, 0, 1)
    assert found.metrics["roc_auc"] == pytest.approx(metrics.roc_auc_score(target, odds))
    assert found.metrics["accuracy"] == pytest.approx(np.mean((odds >= 0.5) == target))


def test_targets_tell_classes_from_quantities() -> None:
    assert model_type(np.array([0, 1, 1])) == "classifier"
    assert model_type(np.array(["a", "b"])) == "classifier"
    assert model_type(np.array([True, False])) == "classifier"
    assert model_type(np.array([0.5, 1.0])) == "regressor"
    assert model_type(np.arange(100)) == "regressor"


def test_what_is_wrong_is_said_in_words(stores, rows, tmp_path) -> None:
    uri = f"models:/{NAME}/1"
    with pytest.raises(BadInput, match="no column 'malign' of targets; columns: mean radius"):
        evaluate(uri, rows, "malign", stores=stores)
    with pytest.raises(BadInput, match="no plug-in called 'beauty'; known: latency, quality"):
        evaluate(uri, rows, "benign", stores=stores, measures=["beauty"])
    with pytest.raises(NotFound, match="there is no file"):
        evaluate(uri, tmp_path / "none.csv", "benign", stores=stores)
    with pytest.raises(BadInput, match="expected a name that ends with"):
        evaluate(uri, tmp_path / "rows.xlsx", "benign", stores=stores)
    (tmp_path / "broken.parquet").write_bytes(b"PAR")
    with pytest.raises(BadInput, match="cannot be read as parquet"):
        evaluate(uri, tmp_path / "broken.parquet", "benign", stores=stores)
    with pytest.raises(BadInput, match="the data have no rows"):
        evaluate(uri, rows.iloc[:0], "benign", stores=stores)
    with pytest.raises(BadInput, match="rows but 2 targets"):
        evaluate(uri, rows, [1, 0], stores=stores)
    with pytest.raises(SchemaMismatch, match="mean radius"):
        evaluate(uri, rows.drop(columns="mean radius"), "benign", stores=stores)
    with pytest.raises(NotFound):
        evaluate(f"models:/{NAME}/9", rows, "benign", stores=stores)
    with pytest.raises(BadInput, match="'size' was not measured; there is quality"):
        evaluate(uri, rows, "benign", stores=stores, measures=["quality"]).values("size")


def test_a_model_that_fails_is_named_with_what_it_raised(home, rows, tmp_path) -> None:
    def broken(model_input: list[dict]) -> list[int]:
        raise ZeroDivisionError("no rows today")

    mainstay.pyfunc.save_model(tmp_path / "model", python_model=broken)
    with pytest.raises(InvalidModel, match="failed to predict: ZeroDivisionError: no rows today"):
        evaluate(str(tmp_path / "model"), rows, "benign")


def test_the_table_of_measures_holds_what_gates_ask_for() -> None:
    assert MEASURES.names() == ["latency", "quality", "schema", "size"]
    assert all(MEASURES.get(name).kind == name for name in MEASURES.names())
