"""How results of statsmodels are asked: most by a table, series by where they start and end.

Results that only forecast (VAR, VECM, Theta, STL) count on from their last row, so they answer
from there on, in the terms of the others: the first row is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.tsa.base.tsa_model import TimeSeriesModel

from mainstay.errors import BadInput, InvalidModel

Ask = Callable[[Any], Any]


def asker(results: Any) -> Ask:
    """Return the function that answers a table with these results. Raises: InvalidModel."""
    forecast = _FORECASTS.get(_kind(results))
    if forecast is not None:
        return lambda data: _forecast(results, forecast, _range(data))
    if isinstance(getattr(results, "model", None), TimeSeriesModel):
        return lambda data: results.predict(**_range(data))
    if not callable(getattr(results, "predict", None)):
        raise InvalidModel(f"{type(results).__name__} has no method 'predict'")
    if hasattr(getattr(results, "model", None), "smoother"):
        return lambda data: _smooth(results, data)
    return lambda data: _values(results.predict(data))


def forecasts(results: Any) -> bool:
    """Tell whether these results only forecast."""
    return _kind(results) in _FORECASTS


def _kind(results: Any) -> str:
    return type(getattr(results, "_results", results)).__name__


def _values(found: Any) -> Any:
    """Return the predictions where they come with their errors (PHReg)."""
    return getattr(found, "predicted_values", found)


def _smooth(results: Any, data: Any) -> Any:
    """Ask an additive model: linear and smoothed columns apart. Raises: BadInput."""
    model = results.model
    smoothed = list(model.smoother.variable_names)
    linear = list(model.exog_names[: model.k_exog_linear])
    if not isinstance(data, pd.DataFrame):
        raise BadInput("an additive model takes a table with the names of its columns")
    if missing := sorted({*linear, *smoothed} - set(data.columns)):
        raise BadInput(f"the additive model needs the columns {', '.join(missing)}")
    return np.asarray(results.predict(data[linear], exog_smooth=data[smoothed]))


def _range(data: Any) -> dict[str, Any]:
    """Return where a forecast starts and ends. Raises: BadInput."""
    if not isinstance(data, pd.DataFrame) or len(data) != 1 or set(data) != {"start", "end"}:
        raise BadInput("a time series takes a table of one row with the columns 'start' and 'end'")
    return {name: data[name].iloc[0] for name in ("start", "end")}


def _forecast(
    results: Any, forecast: tuple[Callable[[Any], int], Callable[[Any, int], Any]], asked: Any
) -> Any:
    """Return the rows from start to end, both included. Raises: BadInput."""
    length, ask = forecast[0](results), forecast[1]
    try:
        start, end = int(asked["start"]), int(asked["end"])
    except (TypeError, ValueError) as error:
        raise BadInput(f"start and end are numbers of rows, not {asked['start']!r}") from error
    if not length <= start <= end:
        raise BadInput(
            f"these results forecast only: start is {length} (the row after the last known) or "
            f"later, and end is no earlier; {start} to {end} was asked for"
        )
    found = ask(results, end - length + 1)
    return found[start - length :]


_FORECASTS: Mapping[str, tuple[Callable[[Any], int], Callable[[Any, int], Any]]] = {
    "VARResults": (
        lambda found: len(found.endog),
        lambda found, steps: found.forecast(found.endog[-found.k_ar :], steps),
    ),
    "VECMResults": (
        lambda found: int(found.y_all.shape[1]),
        lambda found, steps: found.predict(steps=steps),
    ),
    "ThetaModelResults": (
        lambda found: int(found._nobs),
        lambda found, steps: found.forecast(steps),
    ),
    "STLForecastResults": (
        lambda found: len(found._endog),
        lambda found, steps: found.forecast(steps),
    ),
}
"""By class: how many rows are known, and how the next ones are asked for."""
