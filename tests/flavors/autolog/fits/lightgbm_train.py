"""``lightgbm.train`` with a validation set that stops early."""

from __future__ import annotations

from typing import Any

import lightgbm
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.lightgbm.autolog(log_input_examples=True)
    data, target = load_breast_cancer(return_X_y=True, as_frame=True)
    seen, held, labels, truth = train_test_split(data, target, random_state=0)
    train = lightgbm.Dataset(seen, labels)
    lightgbm.train(
        {
            "objective": "binary",
            "metric": ["binary_logloss", "auc"],
            "learning_rate": 0.9,
            "verbosity": -1,
        },
        train,
        60,
        valid_sets=[train, lightgbm.Dataset(held, truth, reference=train)],
        valid_names=["train", "valid"],
        callbacks=[lightgbm.early_stopping(3, verbose=False)],
    )
