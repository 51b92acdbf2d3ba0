"""The data: 569 biopsies of breast tumours, 30 measurements each (ships with scikit-learn)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

TARGET = "malignant"
OFTEN_MISSING = "worst concavity"
"""A measurement that some laboratories do not take: one training row in ten lacks it."""


def load() -> pd.DataFrame:
    """Return all rows, with the target as the last column."""
    bunch = load_breast_cancer(as_frame=True)
    frame: pd.DataFrame = bunch.data.copy()
    frame[TARGET] = (bunch.target == 0).astype("int64")
    return frame


def split(seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to train on and rows to evaluate on, stratified by the target."""
    train, test = train_test_split(
        load(), test_size=0.35, random_state=seed, stratify=load()[TARGET]
    )
    train = train.copy()
    gaps = np.random.default_rng(seed).random(len(train)) < 0.1
    train.loc[gaps, OFTEN_MISSING] = np.nan
    return train, test


def balance(rows: pd.DataFrame, sampling: str, seed: int) -> pd.DataFrame:
    """Return the rows as they are (``none``), or with both classes equally often.

    ``over`` repeats rows of the rarer class; ``under`` leaves out rows of the commoner one.
    """
    if sampling == "none":
        return rows
    if sampling not in ("over", "under"):
        raise ValueError(f"sampling is none, over or under, not {sampling!r}")
    sizes = rows[TARGET].value_counts()
    size = int(sizes.max() if sampling == "over" else sizes.min())
    parts = [
        part.sample(size, replace=size > len(part), random_state=seed)
        for _, part in rows.groupby(TARGET)
    ]
    return pd.concat(parts)
