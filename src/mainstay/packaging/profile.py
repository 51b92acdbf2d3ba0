"""The profile of a model's training data: reference bins per feature, no raw rows.

Numeric features are cut at deciles; others keep their most frequent categories, of a column with
many different values only those that several rows share. After the bins every count has two more
places: ``unseen`` (outside the reference's range, or no known category) and ``null``. Gates,
servers and monitors count with these same bins. Stored as ``mainstay_profile.json`` beside MLmodel,
where MLflow passes it over.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from mainstay.errors import BadInput, InvalidModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FILE = "mainstay_profile.json"
BINS = 10
CATEGORIES = 50
OFTEN = 5
"""Rows that share a value, for it to be named, in a column with more than `CATEGORIES` values:
names, numbers of customers and free texts are no categories, and do not travel with a model.
"""

LONGEST_CATEGORY = 200
"""Characters kept of a category's name; longer texts are no categories."""

EXTRA = 2
"""``unseen`` and ``null``, behind the bins."""


class FeatureProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One feature.

    ``edges``: for numeric features, k+1 rising numbers that bound k bins; a bin holds its lower
    edge, the last one both. ``categories``: for others, one bin each. ``counts``: the reference's
    rows per bin, then unseen, then null.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    edges: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()

    @property
    def bins(self) -> int:
        """The number of bins, without unseen and null."""
        return max(len(self.edges) - 1, 0) if self.kind == "numeric" else len(self.categories)

    def count(self, values: Sequence[Any] | np.ndarray[Any, Any]) -> tuple[int, ...]:
        """Count values into the bins, then unseen, then null."""
        return _COUNT[self.kind](self, values)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The reference of a model: its rows, features and predictions."""

    rows: int
    features: list[FeatureProfile]
    predictions: FeatureProfile | None = None

    @classmethod
    def from_data(cls, frame: Any, predictions: Any = None) -> Profile:
        """Profile a DataFrame, a two-dimensional array or a dictionary of columns.

        ``predictions`` are what the model gave for these rows, one value a row.
        Raises: BadInput where the data are none of these or hold no rows.
        """
        columns = columns_of(frame)
        rows = len(next(iter(columns.values()))) if columns else 0
        if rows == 0:
            raise BadInput("a profile needs at least one row of data")
        features = [_profile(name, values) for name, values in columns.items()]
        given = None if predictions is None else _profile("prediction", _flat(predictions))
        return cls(rows=rows, features=features, predictions=given)

    def count(self, columns: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
        """Count columns (name to values) into the bins; a column that is not there counts as null.

        Columns without a profile are passed over.
        """
        rows = max((len(values) for values in columns.values()), default=0)
        return {
            feature.name: feature.count(columns[feature.name])
            if feature.name in columns
            else (0,) * (feature.bins + 1) + (rows,)
            for feature in self.features
        }

    def count_predictions(self, values: Any) -> tuple[int, ...]:
        """Count predictions into their bins; () where the profile has none."""
        return () if self.predictions is None else self.predictions.count(_flat(values))

    def write(self, folder: Path) -> None:
        """Write the profile into a model folder."""
        (folder / FILE).write_bytes(msgspec.json.encode(self))


def read_profile(folder: Path) -> Profile | None:
    """Return the profile of the model in ``folder``, or None.

    Raises:
        InvalidModel: it is there and cannot be read.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Profile)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise InvalidModel(f"{FILE} cannot be read: {error}") from error


def columns_of(data: Any) -> dict[str, Any]:
    """Return the columns of a DataFrame, an array (named "0", "1", …) or a dictionary.

    Raises:
        BadInput: the data have no columns.
    """
    import numpy as np

    if isinstance(data, Mapping):
        return {str(name): values for name, values in data.items()}
    if hasattr(data, "columns") and hasattr(data, "iloc"):
        return {str(name): data.iloc[:, at] for at, name in enumerate(data.columns)}
    found = np.asarray(data)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2:
        raise BadInput(f"a table has two dimensions; these data have {found.ndim}")
    return {str(at): found[:, at] for at in range(found.shape[1])}


def _profile(name: str, values: Any) -> FeatureProfile:
    import numpy as np

    numbers = _numbers(values)
    if numbers is None:
        made = FeatureProfile(name=name, kind="categorical", categories=_top(values))
    else:
        present = numbers[np.isfinite(numbers)]
        edges = np.unique(present)
        if len(edges) > BINS:
            edges = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)))
        if 0 < len(edges) <= BINS:
            # Few values (labels, counts, a constant): each has a bin up to the next value.
            edges = np.append(edges, _next(float(edges[-1])))
            edges.sort()
        made = FeatureProfile(name=name, kind="numeric", edges=tuple(edges.tolist()))
    return msgspec.structs.replace(made, counts=made.count(values))


def _next(value: float) -> float:
    """Return the next number; before the largest one, the previous."""
    return math.nextafter(value, -math.inf if value == sys.float_info.max else math.inf)


def _numbers(values: Any) -> np.ndarray[Any, Any] | None:
    """Return the values as floats with NaN for null; None if they are not all numbers."""
    import numpy as np
    import pandas as pd

    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return np.asarray(values, dtype=np.float64)
    series = pd.Series(values, copy=False)
    if pd.api.types.is_bool_dtype(series.dtype):
        return None
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    if series.dtype != object:
        return None
    present = series.dropna()
    if not len(present) or not all(
        isinstance(v, int | float | np.number) and not isinstance(v, bool) for v in present
    ):
        return None
    return pd.to_numeric(series).to_numpy(dtype=np.float64, na_value=np.nan)


def _top(values: Any) -> tuple[str, ...]:
    import pandas as pd

    named = _texts(pd.Series(values, copy=False)).dropna()
    frequent = named[named.str.len() <= LONGEST_CATEGORY].value_counts(sort=True)
    if len(frequent) > CATEGORIES:
        frequent = frequent[frequent >= OFTEN]
    ordered = sorted(frequent.items(), key=lambda item: (-int(item[1]), str(item[0])))
    return tuple(str(name) for name, _ in ordered[:CATEGORIES])


def _texts(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return each value's text, missing ones kept missing."""
    return series.map(str, na_action="ignore").astype(object)


def _count_numeric(feature: FeatureProfile, values: Any) -> tuple[int, ...]:
    import numpy as np
    import pandas as pd

    numbers = _numbers(values)
    if numbers is None:
        # What is no number was never seen in training; what is missing is null.
        series = pd.Series(values, copy=False)
        read = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        null = series.isna().to_numpy()
        odd = int((np.isnan(read) & ~null).sum())
        numbers = read[~np.isnan(read)]
        missing = int(null.sum())
    else:
        null = np.isnan(numbers)
        missing, odd = int(null.sum()), 0
        numbers = numbers[~null] if missing else numbers
    edges = np.asarray(feature.edges)
    if len(edges) < 2:
        return (len(numbers) + odd, missing)
    place = np.searchsorted(edges, numbers, side="right") - 1
    place[numbers == edges[-1]] = len(edges) - 2
    inside = (place >= 0) & (place < len(edges) - 1)
    counts = np.bincount(place[inside], minlength=len(edges) - 1)
    return (*(int(n) for n in counts), int((~inside).sum()) + odd, missing)


def _count_categorical(feature: FeatureProfile, values: Any) -> tuple[int, ...]:
    import pandas as pd

    series = pd.Series(values, copy=False)
    found = _texts(series).value_counts()
    missing = int(series.isna().sum())
    counts = tuple(int(found.get(name, 0)) for name in feature.categories)
    return (*counts, len(series) - missing - sum(counts), missing)


def _flat(values: Any) -> Any:
    """Return predictions as one column: of several columns the first."""
    import numpy as np

    if hasattr(values, "iloc") and getattr(values, "ndim", 1) == 2:
        return values.iloc[:, 0]
    if hasattr(values, "iloc"):
        return values
    found = np.asarray(values)
    return found[:, 0] if found.ndim == 2 else found.reshape(-1)


_COUNT = {"numeric": _count_numeric, "categorical": _count_categorical}
