"""``xgboost.train`` with two evaluation sets that stops early."""

from __future__ import annotations

from typing import Any

import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.xgboost.autolog(log_input_examples=True)
    data, target = load_breast_cancer(return_X_y=True, as_frame=True)
    seen, held, labels, truth = train_test_split(data, target, random_state=0)
    train, valid = xgboost.DMatrix(seen, labels), xgboost.DMatrix(held, truth)
    xgboost.train(
        {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "eta": 0.9},
        train,
        60,
        evals=[(train, "train"), (valid, "valid")],
        early_stopping_rounds=3,
        verbose_eval=False,
    )
