"""Put the data of many requests together, column by column, so that they are counted at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mainstay.errors import MainstayError
from mainstay.packaging.profile import columns_of


def columns(parts: Sequence[Any]) -> dict[str, Any]:
    """Return the columns of all parts: DataFrames, arrays or dictionaries of columns.

    A column that a part lacks is null there. Parts that are no tables (tensors of more
    dimensions) are left out.
    """
    frames = [part for part in parts if isinstance(part, pd.DataFrame)]
    frames += [pd.DataFrame(found) for part in parts if (found := _other(part))]
    if not frames:
        return {}
    whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    return columns_of(whole)


def values(predictions: Sequence[Any]) -> list[Any] | np.ndarray[Any, Any]:
    """Return one value a row of all predictions: of several columns the first."""
    firsts = [first for found in predictions if (first := _first(found)) is not None]
    numbers = all(isinstance(found, np.ndarray) and found.dtype.kind in "biuf" for found in firsts)
    if firsts and numbers:
        return np.concatenate(firsts)
    return [value for found in firsts for value in found]


def _other(part: Any) -> dict[str, Any] | None:
    if isinstance(part, pd.DataFrame):
        return None
    if not isinstance(part, (np.ndarray, Mapping, pd.Series)):
        return None
    try:
        found = columns_of(part.to_frame() if isinstance(part, pd.Series) else part)
    except MainstayError:
        return None
    flat = {name: column for name, column in found.items() if np.ndim(column) == 1}
    return flat if len({len(column) for column in flat.values()}) == 1 else None


def _first(predictions: Any) -> Any:
    if isinstance(predictions, pd.DataFrame):
        return predictions.iloc[:, 0].to_numpy() if predictions.shape[1] else None
    if isinstance(predictions, pd.Series):
        return predictions.to_numpy()
    if isinstance(predictions, np.ndarray):
        if predictions.ndim == 1:
            return predictions
        return predictions[:, 0] if predictions.ndim == 2 and predictions.shape[1] else None
    if isinstance(predictions, (list, tuple)) and all(np.ndim(value) == 0 for value in predictions):
        return list(predictions)
    return None
