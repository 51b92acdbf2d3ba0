"""Windows of traffic, made as a serving worker makes them."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pandas as pd

from mainstay.entities.monitoring import LATENCY_EDGES, WindowCounts
from mainstay.packaging.profile import Profile

NAME = "churn"
DEPLOYMENT = "churn@champion"


def customers(rows: int, seed: int, *, shift: float = 0.0) -> pd.DataFrame:
    """Rows of two numbers and a category; ``shift`` moves the age by so many deviations."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": random.normal(40, 10, rows) + 10 * shift,
            "income": random.lognormal(10, 0.5, rows),
            "plan": random.choice(["basic", "plus", "pro"], rows, p=[0.6, 0.3, 0.1]),
        }
    )


def profile(rows: int = 4000) -> Profile:
    """The profile that would be packaged with the model."""
    frame = customers(rows, 1)
    return Profile.from_data(frame, predictions=(frame["age"] > 50).astype(int))


def window(
    version: int,
    *,
    end: int,
    requests: int = 0,
    errors: int = 0,
    rejected: int = 0,
    frame: pd.DataFrame | None = None,
    reference: Profile | None = None,
    seconds: float = 0.004,
) -> WindowCounts:
    """A second of one worker's traffic that ended at ``end``; a request a row of ``frame``."""
    counted: dict[str, Any] = {}
    rows = 0
    if frame is not None and reference is not None:
        rows = len(frame)
        counted = {
            "features": reference.count({name: frame[name].tolist() for name in frame}),
            "predictions": reference.count_predictions((frame["age"] > 50).astype(int).tolist()),
        }
    total = requests or rows + errors
    latency = [0] * (len(LATENCY_EDGES) + 1)
    latency[int(np.searchsorted(LATENCY_EDGES, seconds))] = total
    return WindowCounts(
        window_id=uuid.uuid4().hex,
        deployment=DEPLOYMENT,
        name=NAME,
        version=version,
        start=end - 1000,
        end=end,
        requests=total,
        rows=rows,
        errors=errors,
        rejected=rejected,
        latency=tuple(latency),
        **counted,
    )
