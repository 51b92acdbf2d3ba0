"""A classifier of ``lightgbm.sklearn``."""

from __future__ import annotations

from typing import Any

import lightgbm
from sklearn.datasets import load_iris


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.lightgbm.autolog()
    data, target = load_iris(return_X_y=True, as_frame=True)
    lightgbm.LGBMClassifier(n_estimators=5, verbosity=-1).fit(
        data, target, eval_set=[(data, target)]
    )
