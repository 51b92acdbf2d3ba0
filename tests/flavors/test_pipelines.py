"""Boosters at the end of a scikit-learn pipeline are saved as data too, and mlflow reads them."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mainstay import sklearn as flavor
from mainstay.models import loading
from mainstay.models.flavors import FLAVORS
from mainstay.packaging import environment_files, mlmodel
from tests.flavors.interchange import Interchange
from tests.support.parts import library

lightgbm = library("lightgbm")
xgboost = library("xgboost")


class TestPipelines(Interchange):
    program = """
import xgboost
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
steps = make_pipeline(StandardScaler(), xgboost.XGBClassifier(n_estimators=3)).fit(X, y)
mlflow.sklearn.save_model(
    steps, place + "xgboost", input_example=X.head(3),
    skops_trusted_types=["xgboost.core.Booster", "xgboost.sklearn.XGBClassifier"],
)
"""

    @classmethod
    def save_ours(cls, place: Path) -> None:
        data, target = load_iris(return_X_y=True, as_frame=True)
        last = {
            "xgboost": xgboost.XGBClassifier(n_estimators=3),
            "lightgbm": lightgbm.LGBMClassifier(n_estimators=3, verbose=-1),
        }
        for name, estimator in last.items():
            steps = make_pipeline(StandardScaler(), estimator).fit(data, target)
            flavor.save_model(steps, place / name, input_example=data.head(3))

    def test_they_load_without_trust_and_list_the_library(self, ours: dict[str, Path]) -> None:
        for name, folder in ours.items():
            model = mlmodel.read(folder)
            assert model.flavors["sklearn"]["serialization_format"] == "skops"
            assert FLAVORS.get("sklearn").asks(folder, model) == ()
            assert loading.load_model(str(folder), trust=False).signature is not None
            lines = environment_files.read(folder).requirements
            assert any(line.startswith(name) for line in lines)
