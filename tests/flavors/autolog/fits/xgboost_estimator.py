"""A classifier of ``xgboost.sklearn``."""

from __future__ import annotations

from typing import Any

import xgboost
from sklearn.datasets import load_iris


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.xgboost.autolog()
    data, target = load_iris(return_X_y=True, as_frame=True)
    xgboost.XGBClassifier(n_estimators=5).fit(data, target, eval_set=[(data, target)], verbose=0)
