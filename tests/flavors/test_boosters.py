"""Every kind of booster: estimators, rankers, forests, and boosters inside scikit-learn."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.flavors.sweep import Case, Sweep
from tests.support.parts import library

catboost = library("catboost")
lightgbm = library("lightgbm")
xgboost = library("xgboost")

X, Y = load_iris(return_X_y=True, as_frame=True)
WORDS = Y.map(lambda kind: "abc"[kind])
EITHER = (Y > 0).astype(int)
COUNTS = Y.astype(float)
BOTH = np.c_[Y, 2 - Y].astype(float)
GROUPS = np.repeat([0, 1, 2], 50)
PLAIN = pd.DataFrame({"a": X.iloc[:, 0], "kind": ["x", "y", "z"] * 50})

_X: dict[str, Any] = {"n_estimators": 3, "n_jobs": 1}
_L: dict[str, Any] = {"n_estimators": 3, "verbose": -1, "num_threads": 1}
_C: dict[str, Any] = {
    "iterations": 3,
    "verbose": 0,
    "allow_writing_files": False,
    "thread_count": 1,
}


def predict(model: Any, data: Any) -> Any:
    return model.predict(data)


def by_matrix(model: Any, data: Any) -> Any:
    return model.predict(xgboost.DMatrix(data, enable_categorical=True))


def early(kind: Any, **options: Any) -> Any:
    """Fit with rows to stop by: the best round is what answers."""
    return kind(**options).fit(X, Y, eval_set=[(X, Y)])


class TestXgboost(Sweep):
    flavor = "xgboost"
    fitted: ClassVar[dict[str, Case]] = {
        "classifier": (lambda: xgboost.XGBClassifier(**_X).fit(X, Y), X, predict),
        "two classes": (lambda: xgboost.XGBClassifier(**_X).fit(X, EITHER), X, predict),
        "regressor": (lambda: xgboost.XGBRegressor(**_X).fit(X, Y), X, predict),
        "two targets": (lambda: xgboost.XGBRegressor(**_X).fit(X, BOTH), X, predict),
        "vector trees": (
            lambda: xgboost.XGBRegressor(
                **_X, multi_strategy="multi_output_tree", tree_method="hist"
            ).fit(X, BOTH),
            X,
            predict,
        ),
        "ranker": (lambda: xgboost.XGBRanker(**_X).fit(X, Y, qid=GROUPS), X, predict),
        "forest classifier": (lambda: xgboost.XGBRFClassifier(**_X).fit(X, Y), X, predict),
        "forest regressor": (lambda: xgboost.XGBRFRegressor(**_X).fit(X, Y), X, predict),
        "linear": (lambda: xgboost.XGBRegressor(**_X, booster="gblinear").fit(X, Y), X, predict),
        "dart": (
            lambda: xgboost.XGBRegressor(**_X, booster="dart", rate_drop=0.5, seed=1).fit(X, Y),
            X,
            predict,
        ),
        "quantiles": (
            lambda: xgboost.XGBRegressor(
                **_X, objective="reg:quantileerror", quantile_alpha=[0.1, 0.9]
            ).fit(X, Y),
            X,
            predict,
        ),
        "poisson": (
            lambda: xgboost.XGBRegressor(**_X, objective="count:poisson").fit(X, COUNTS),
            X,
            predict,
        ),
        "survival": (
            lambda: xgboost.XGBRegressor(**_X, objective="survival:cox").fit(X, Y + 1),
            X,
            predict,
        ),
        "early": (
            lambda: early(
                xgboost.XGBRegressor, **{**_X, "n_estimators": 20}, early_stopping_rounds=2
            ),
            X,
            predict,
        ),
        "arrays": (lambda: xgboost.XGBClassifier(**_X).fit(X.to_numpy(), Y), X.to_numpy(), predict),
        "booster": (
            lambda: xgboost.train({"objective": "reg:squarederror"}, xgboost.DMatrix(X, Y), 3),
            X,
            by_matrix,
        ),
        "logistic booster": (
            lambda: xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, EITHER), 3),
            X,
            by_matrix,
        ),
    }


class TestLightgbm(Sweep):
    flavor = "lightgbm"
    fitted: ClassVar[dict[str, Case]] = {
        "classifier": (lambda: lightgbm.LGBMClassifier(**_L).fit(X, Y), X, predict),
        "words": (lambda: lightgbm.LGBMClassifier(**_L).fit(X, WORDS), X, predict),
        "two classes": (lambda: lightgbm.LGBMClassifier(**_L).fit(X, EITHER), X, predict),
        "regressor": (lambda: lightgbm.LGBMRegressor(**_L).fit(X, Y), X, predict),
        "ranker": (lambda: lightgbm.LGBMRanker(**_L).fit(X, Y, group=[50, 50, 50]), X, predict),
        "model": (lambda: lightgbm.LGBMModel(**_L, objective="regression").fit(X, Y), X, predict),
        "dart": (lambda: lightgbm.LGBMRegressor(**_L, boosting_type="dart").fit(X, Y), X, predict),
        "forest": (
            lambda: lightgbm.LGBMRegressor(
                **_L, boosting_type="rf", bagging_freq=1, bagging_fraction=0.8
            ).fit(X, Y),
            X,
            predict,
        ),
        "quantile": (
            lambda: lightgbm.LGBMRegressor(**_L, objective="quantile", alpha=0.9).fit(X, Y),
            X,
            predict,
        ),
        "linear trees": (
            lambda: lightgbm.LGBMRegressor(**_L, linear_tree=True).fit(X, COUNTS),
            X,
            predict,
        ),
        "early": (
            lambda: lightgbm.LGBMRegressor(**{**_L, "n_estimators": 20}).fit(
                X, Y, eval_set=[(X, Y)], callbacks=[lightgbm.early_stopping(2, verbose=False)]
            ),
            X,
            predict,
        ),
        "arrays": (
            lambda: lightgbm.LGBMClassifier(**_L).fit(X.to_numpy(), Y),
            X.to_numpy(),
            predict,
        ),
        "booster": (
            lambda: lightgbm.train(
                {"objective": "regression", "verbose": -1, "num_threads": 1},
                lightgbm.Dataset(X, Y),
                3,
            ),
            X,
            predict,
        ),
    }


class TestCatboost(Sweep):
    flavor = "catboost"
    fitted: ClassVar[dict[str, Case]] = {
        "classifier": (lambda: catboost.CatBoostClassifier(**_C).fit(X, Y), X, predict),
        "words": (lambda: catboost.CatBoostClassifier(**_C).fit(X, WORDS), X, predict),
        "two classes": (lambda: catboost.CatBoostClassifier(**_C).fit(X, EITHER), X, predict),
        "two labels": (
            lambda: catboost.CatBoostClassifier(**_C, loss_function="MultiLogloss").fit(
                X, np.c_[Y > 0, Y > 1].astype(int)
            ),
            X,
            predict,
        ),
        "regressor": (lambda: catboost.CatBoostRegressor(**_C).fit(X, Y), X, predict),
        "two targets": (
            lambda: catboost.CatBoostRegressor(**_C, loss_function="MultiRMSE").fit(X, BOTH),
            X,
            predict,
        ),
        "quantile": (
            lambda: catboost.CatBoostRegressor(**_C, loss_function="Quantile:alpha=0.9").fit(X, Y),
            X,
            predict,
        ),
        "uncertain": (
            lambda: catboost.CatBoostRegressor(
                **_C, loss_function="RMSEWithUncertainty", posterior_sampling=True
            ).fit(X, Y),
            X,
            predict,
        ),
        "ranker": (
            lambda: catboost.CatBoostRanker(**_C, bootstrap_type="No").fit(
                X, Y, group_id=np.repeat(range(15), 10)
            ),
            X,
            predict,
        ),
        "base class": (
            lambda: catboost.CatBoost({**_C, "loss_function": "RMSE"}).fit(X, Y),
            X,
            predict,
        ),
        "categories": (
            lambda: catboost.CatBoostRegressor(**_C, cat_features=["kind"]).fit(PLAIN, Y),
            PLAIN,
            predict,
        ),
        "arrays": (
            lambda: catboost.CatBoostRegressor(**_C).fit(X.to_numpy(), Y),
            X.to_numpy(),
            predict,
        ),
    }


class TestInsideScikitLearn(Sweep):
    """Pipelines, searches and ensembles that hold a booster: under the default flavor."""

    flavor = "sklearn"
    fitted: ClassVar[dict[str, Case]] = {
        **{
            f"{name} {way}": (lambda make=make, around=around: around(make()).fit(X, Y), X, predict)
            for name, make in {
                "xgboost": lambda: xgboost.XGBClassifier(**_X),
                "lightgbm": lambda: lightgbm.LGBMClassifier(**_L),
                "catboost": lambda: catboost.CatBoostClassifier(**_C),
            }.items()
            for way, around in {
                "pipeline": lambda last: make_pipeline(StandardScaler(), last),
                "grid": lambda inner: GridSearchCV(inner, {"max_depth": [2, 3]}, cv=2),
                "calibrated": lambda inner: CalibratedClassifierCV(inner, cv=2),
                "stack": lambda inner: StackingClassifier(
                    [("a", inner), ("b", LogisticRegression(max_iter=200))], cv=2
                ),
            }.items()
        },
        "vote of three": (
            lambda: VotingClassifier(
                [
                    ("x", xgboost.XGBClassifier(**_X)),
                    ("l", lightgbm.LGBMClassifier(**_L)),
                    ("t", LogisticRegression(max_iter=200)),
                ]
            ).fit(X, Y),
            X,
            predict,
        ),
        "random search": (
            lambda: RandomizedSearchCV(
                xgboost.XGBRegressor(**_X), {"max_depth": [2, 3]}, n_iter=1, cv=2, random_state=0
            ).fit(X, Y),
            X,
            predict,
        ),
        "two targets": (
            lambda: MultiOutputRegressor(lightgbm.LGBMRegressor(**_L)).fit(X, BOTH),
            X,
            predict,
        ),
    }
    need_trust = frozenset(name for name in fitted if name.startswith("catboost"))
