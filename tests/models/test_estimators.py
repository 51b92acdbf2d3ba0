"""Every fitted estimator of scikit-learn: saved as it is, loaded under the default trust, equal."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

from mainstay.entities.accounts import Recorder
from mainstay.models import loading, saving, trust
from mainstay.models.flavors import FLAVORS
from mainstay.models.loading import Opened
from mainstay.models.saving import Package
from mainstay.models.sources import Resolved
from mainstay.packaging import mlmodel

X, KINDS = load_iris(return_X_y=True)
TEXTS = ["red green", "blue green", "red blue", "red"]

NEED_TRUST = {
    # Their state indexes memory by numbers of the file, or is a linked structure of objects.
    *("Birch", "Isomap", "LocallyLinearEmbedding", "KernelDensity", "LocalOutlierFactor"),
    *("KNeighborsClassifier", "KNeighborsRegressor", "KNeighborsTransformer", "NearestNeighbors"),
    *("RadiusNeighborsClassifier", "RadiusNeighborsRegressor", "RadiusNeighborsTransformer"),
}
"""What is saved with cloudpickle; everything else is data."""

SKIPPED = {"SparseCoder", "PatchExtractor"}
"""Not fitted on a table of numbers and a target, or without a result of their own."""


def arguments(name: str, kind: Any) -> dict[str, Any]:
    """Return what the class cannot be made without, and what keeps it small."""
    known = inspect.signature(kind.__init__).parameters
    simple = LogisticRegression(max_iter=200)
    two = [("a", Ridge()), ("b", Ridge())]
    if "Classifier" in name:
        two = [("a", simple), ("b", DecisionTreeClassifier())]
    special: dict[str, dict[str, Any]] = {
        "CCA": {"n_components": 1},
        "PLSCanonical": {"n_components": 1},
        "PLSSVD": {"n_components": 1},
        "ColumnTransformer": {"transformers": [("a", "passthrough", [0, 1])]},
        "FeatureUnion": {"transformer_list": [("a", "passthrough")]},
        "FrozenEstimator": {"estimator": LogisticRegression(max_iter=200).fit(X, KINDS)},
        "GaussianRandomProjection": {"n_components": 2},
        "GridSearchCV": {"param_grid": {"C": [1.0]}},
        "HalvingGridSearchCV": {"param_grid": {"C": [1.0]}},
        "HalvingRandomSearchCV": {"param_distributions": {"C": [1.0]}, "n_candidates": 1},
        "Pipeline": {"steps": [("a", simple)]},
        "RandomizedSearchCV": {"param_distributions": {"C": [1.0]}, "n_iter": 1},
        "SelfTrainingClassifier": {"estimator": simple},
        "SparseRandomProjection": {"n_components": 2},
    }
    given = dict(special.get(name, {}))
    for argument in ("estimator", "base_estimator"):
        if argument in known and known[argument].default is inspect.Parameter.empty:
            given.setdefault(argument, simple)
    if "estimators" in known:
        given["estimators"] = two
    if "n_estimators" in known:
        given["n_estimators"] = 3
    if name.startswith("HistGradientBoosting"):
        given["max_iter"] = 3
    return given


def data_for(name: str) -> tuple[Any, Any]:
    """Return input and target of a kind that the estimator takes."""
    if name in ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer"):
        return TEXTS, None
    if name in ("DictVectorizer", "FeatureHasher"):
        return [{"a": 1.0, "b": 2.0}, {"a": 3.0}], None
    if name in ("LabelBinarizer", "LabelEncoder"):
        return KINDS, None
    if name == "MultiLabelBinarizer":
        return [[1, 2], [3]], None
    if name == "IsotonicRegression":
        return X[:, 0], KINDS
    if name == "KernelCenterer":
        return X @ X.T, None
    if name in ("FixedThresholdClassifier", "TunedThresholdClassifierCV"):
        return X, (KINDS > 0).astype(int)
    if name.startswith("MultiTask"):
        return X, np.c_[KINDS, KINDS].astype(float)
    if name in ("MultiOutputClassifier", "ClassifierChain"):
        return X, np.c_[KINDS > 0, KINDS > 1].astype(int)
    if name in ("MultiOutputRegressor", "RegressorChain"):
        return X, np.c_[KINDS, KINDS].astype(float)
    if name == "GammaRegressor":
        return X, KINDS + 1.0
    return X, KINDS


def fitted() -> Iterator[tuple[str, Callable[[], tuple[Any, Any]]]]:
    """Give every estimator's name with a function that fits it and returns its input too."""
    for name, kind in all_estimators():
        if name in SKIPPED:
            continue

        def fit(name: str = name, kind: Any = kind) -> tuple[Any, Any]:
            given, target = data_for(name)
            model = kind(**arguments(name, kind))
            model.fit(given) if target is None else model.fit(given, target)
            return model, given

        yield name, fit


CASES = dict(fitted())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_it_is_saved_as_it_is_and_answers_the_same(name: str, tmp_path: Path) -> None:
    model, given = CASES[name]()
    saving.save_model(model, tmp_path / "model", Package(pip_requirements=["scikit-learn"]))
    trust._written_here.clear()
    flavor, metadata = FLAVORS.get("sklearn"), mlmodel.read(tmp_path / "model")
    # As registered in the configured server by somebody known there: the default lets in the
    # code-bearing models that come from them.
    found = Resolved(source="models:/m/1", location=str(tmp_path), origin="server")
    opened = Opened(
        folder=tmp_path / "model",
        metadata=metadata,
        resolved=found,
        recorder=lambda: Recorder(principal="ann", known=True),
    )
    loaded = loading._load(opened, flavor, None, None)
    assert bool(flavor.asks(tmp_path / "model", metadata)) == (name in NEED_TRUST)
    asked = [m for m in ("predict", "transform", "predict_proba") if hasattr(model, m)]
    assert vars(loaded).keys() == vars(model).keys()
    for method in asked:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            equal(getattr(loaded, method)(given), getattr(model, method)(given))


def equal(found: Any, expected: Any) -> None:
    """Compare answers; a sum's order may depend on how an array lies in memory."""
    if isinstance(expected, list | tuple) and expected and hasattr(expected[0], "shape"):
        for one, other in zip(found, expected, strict=True):
            equal(one, other)
        return
    found, expected = (
        np.asarray(v.toarray() if hasattr(v, "toarray") else v) for v in (found, expected)
    )
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    else:
        np.testing.assert_array_equal(found, expected)


def dense(found: Any) -> Any:
    """Return an array."""
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found)


def tall(rows: pd.DataFrame) -> pd.DataFrame:
    """Double the rows."""
    return rows * 2


def test_a_pipeline_of_columns_functions_and_a_forest(tmp_path: Path) -> None:
    data = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "kind": ["x", "y", "x", "y"]})
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), ["a"]),
            ("kinds", OneHotEncoder(handle_unknown="ignore"), ["kind"]),
        ]
    )
    model = make_pipeline(columns, RandomForestClassifier(3, random_state=0))
    model.fit(data, [0, 1, 0, 1])
    saving.save_model(model, tmp_path / "model", Package(input_example=data))
    loaded = loading.load_model(str(tmp_path / "model"), trust=False)
    np.testing.assert_array_equal(loaded.predict(data), model.predict(data))


def test_a_function_of_ones_own_needs_trust(tmp_path: Path) -> None:
    data = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})
    model = make_pipeline(FunctionTransformer(tall), LogisticRegression()).fit(data, [0, 1, 0, 1])
    saving.save_model(model, tmp_path / "model", Package(input_example=data))
    loaded = loading.load_model(str(tmp_path / "model"), trust=True)
    np.testing.assert_array_equal(loaded.predict(data), model.predict(data))
    form = mlmodel.read(tmp_path / "model").flavors["sklearn"]
    assert form["serialization_format"] == "cloudpickle"
