"""A least-squares fit of statsmodels."""

from __future__ import annotations

from typing import Any

import statsmodels.api as sm
from sklearn.datasets import load_diabetes


def fit(face: Any) -> None:
    """Fit under autolog."""
    face.statsmodels.autolog()
    data, target = load_diabetes(return_X_y=True, as_frame=True)
    sm.OLS(target, sm.add_constant(data)).fit()
